"""``hub referrals``: the worklist, one referral, and what operators do with it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, By, me, print_json, print_table, say, short, when

if TYPE_CHECKING:
    from hub.services.context import Hub
    from hub.services.practice.referrals import ReferralView, TimelineRow

family = typer.Typer(name="referrals", help="Referrals until they are closed.", invoke_without_command=True)

ReferralId = Annotated[str, typer.Argument(metavar="REFERRAL", help="Number, id, or the first 8 characters of the id.")]
SuggestionId = Annotated[str, typer.Argument(metavar="SUGGESTION", help="Id, or the first 8 characters of it.")]
MessageId = Annotated[str, typer.Argument(metavar="MESSAGE", help="Id, or the first 8 characters of it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays with the referral.")]


@family.callback()
def referrals(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that are settled, too.")] = False,
    practice: Annotated[str, typer.Option("--practice", help="Only those of this practice, on either side.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Only what is up to: coordinator, pcp or specialist.")] = "",
    as_json: AsJson = False,
) -> None:
    """List open referrals, the longest overdue first; or look at one, or act on one."""
    if context.invoked_subcommand:
        return
    from hub.services.practice import referrals as service

    with opened_hub() as hub:
        rows = service.worklist(hub, open_only=not every, practice=practice, owner=owner)
        waiting = service.suggestions(hub)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("number", "patient", "to", "state", "since", "due", "overdue", "next"),
        [
            (
                r.number or short(r.id),
                r.patient,
                r.referred_to or r.referred_to_organization,
                r.state,
                when(r.state_since),
                r.due_at,
                f"{r.overdue_days} d" if r.overdue_days else "",
                f"{r.owner}: {r.next_action}" if r.next_action else "",
            )
            for r in rows
        ],
        empty="no referrals",
    )
    for s in waiting:
        about = f"message {short(s.message_id)} may answer {s.number}"
        say(f"suggestion {short(s.id)}: {about} ({s.points} points): {s.why}")


@family.command()
def show(referral: ReferralId, as_json: AsJson = False) -> None:
    """Show one referral: its story, what is suggested, what is to do."""
    from hub.services.practice import referrals as service

    with opened_hub() as hub:
        _print(service.show(hub, referral), as_json)


@family.command()
def digest(
    practice: Annotated[str, typer.Option("--practice", help="Only those of this practice, on either side.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print what is overdue, by whom it has gone to: manager, PCP, coordinator."""
    from hub.services.practice import referrals as service

    with opened_hub() as hub:
        late = service.overdue(hub, practice)
    if as_json:
        print_json(late)
        return
    for who, rows in late.items():
        print(f"{who}: {len(rows)} overdue")
        print_table(
            ("number", "patient", "to", "overdue", "next"),
            [
                (
                    r.number or short(r.id),
                    r.patient,
                    r.referred_to or r.referred_to_organization,
                    f"{r.overdue_days} d",
                    f"{r.owner}: {r.next_action}",
                )
                for r in rows
            ],
            empty="",
        )
    if not late:
        say("nothing is overdue")


@family.command()
def cover(
    referral: ReferralId,
    to: Annotated[Path | None, typer.Option("--to", help="File to write; default: its own name, here.")] = None,
) -> None:
    """Write the cover sheet of a referral as PDF, with the code that brings a fax back to it."""
    from hub.services.practice import referrals as service

    with opened_hub() as hub:
        name, sheet = service.cover(hub, referral)
    file = to or Path(name)
    file.write_bytes(sheet)
    print(file)


@family.command()
def confirm(suggestion: SuggestionId, by: By = "", as_json: AsJson = False) -> None:
    """Confirm a suggestion: the note answers the referral."""
    from hub.services.practice import referrals as service

    _act(lambda hub: service.confirm(hub, suggestion, by or me()), as_json)


@family.command()
def reject(suggestion: SuggestionId, by: By = "", as_json: AsJson = False) -> None:
    """Reject a suggestion: the note does not answer the referral."""
    from hub.services.practice import referrals as service

    _act(lambda hub: service.reject(hub, suggestion, by or me()), as_json)


@family.command()
def link(referral: ReferralId, message: MessageId, by: By = "", as_json: AsJson = False) -> None:
    """Link what a message says to a referral: a note that waits, or that another referral has."""
    from hub.services.practice import referrals as service

    _act(lambda hub: service.link(hub, referral, message, by or me()), as_json)


@family.command()
def unlink(referral: ReferralId, message: MessageId, by: By = "", as_json: AsJson = False) -> None:
    """Take the note of a message off a referral, for good: it waits for another one."""
    from hub.services.practice import referrals as service

    _act(lambda hub: service.unlink(hub, referral, message, by or me()), as_json)


@family.command()
def review(referral: ReferralId, by: By = "", as_json: AsJson = False) -> None:
    """Review the note that came back: the loop is closed."""
    from hub.services.practice import referrals as service

    _act(lambda hub: service.review(hub, referral, by or me()), as_json)


@family.command()
def close(
    referral: ReferralId,
    reason: Reason,
    expired: Annotated[bool, typer.Option("--expired", help="It ran out before the patient was seen.")] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Close a referral without a note, for a reason."""
    from hub.services.practice import referrals as service

    _act(lambda hub: service.close_without_note(hub, referral, reason, by or me(), expired=expired), as_json)


@family.command()
def reopen(
    referral: ReferralId,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays with the referral.")] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Reopen a referral that was settled: it goes on where it stood."""
    from hub.services.practice import referrals as service

    _act(lambda hub: service.reopen(hub, referral, by or me(), reason), as_json)


def _act(act: "Callable[[Hub], ReferralView]", as_json: bool) -> None:
    with opened_hub() as hub:
        view = act(hub)
    if as_json:
        print_json(view)
    else:
        print(f"{view.row.number or short(view.row.id)} is {view.row.state}")


def _print(view: "ReferralView", as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    row = view.row
    print(f"{row.number or row.id}: {row.state} since {when(row.state_since)}; {row.patient}")
    facts: dict[str, Any] = {
        "from": row.referrer,
        "to": row.referred_to or row.referred_to_organization,
        "for": row.reason,
        "due": row.due_at,
        "next": f"{row.owner}: {row.next_action}" if row.next_action else "",
    }
    print("\n".join(f"  {name + ':':<6}{value}" for name, value in facts.items() if value))
    story = [(when(t.occurred_at), t.step, _moved(t), short(t.message_id), t.by, t.note) for t in view.timeline]
    print_table(("when", "step", "state", "message", "by", "said"), story, empty="")
    for s in view.suggestions:
        print(f"suggestion {short(s.id)} ({s.status}): {s.why}")
    for task in view.tasks:
        print(f"task {task.title} ({task.status}), due {task.due}")


def _moved(happened: "TimelineRow") -> str:
    """Where a step led, or why it led nowhere."""
    if happened.evidence:
        return f"({happened.evidence})"
    return f"{happened.before} → {happened.after}{' (inferred)' if happened.inferred else ''}"
