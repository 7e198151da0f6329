"""``hub identity``: pairs of persons who may be one, and who a person is."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, By, Limit, me, print_json, print_table, say, short, when

if TYPE_CHECKING:
    from hub.services.identity.review import Review
    from hub.services.operations.identities import MergeRow

family = typer.Typer(name="identity", help="Who is who, and what a person must decide.", no_args_is_help=True)

ReviewId = Annotated[str, typer.Argument(metavar="REVIEW", help="Id, or the first 8 characters of it.")]


@family.callback()
def _identity() -> None:
    """Who is who, and what a person must decide."""


@family.command()
def review(
    review_id: Annotated[str, typer.Argument(metavar="REVIEW", help="One pair, side by side.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Those that are decided, too.")] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List the pairs of persons who may be one, the likeliest first; or show one pair, side by side."""
    from hub.services.identity import review as service

    with opened_hub() as hub:
        found: Any = service.show(hub, review_id) if review_id else service.waiting(hub, limit, every=every)
    if as_json:
        print_json(found)
    elif review_id:
        _side_by_side(found)
    else:
        _queue(found)


@family.command()
def link(review_id: ReviewId, by: By = "") -> None:
    """Decide that two are one person: history and later messages become the known one's."""
    from hub.services.operations import identities

    with opened_hub() as hub:
        pair, told = identities.link(hub, review_id, by or me())
    say(f"linked: everything is now person {short(pair.known_id)}'s; {told} notices of what was withheld")


@family.command()
def merges(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id of a person; without it, all.")] = "",
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List who was merged into whom, newest first, and by whom."""
    from hub.services.operations import identities

    with opened_hub() as hub:
        found = identities.merged(hub, person, limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("merge", "survivor", "retired", "since", "why", "state"),
        [(short(m.id), short(m.survivor), short(m.retired), when(m.at), m.why, _state(m)) for m in found],
        empty="nobody was merged",
    )


@family.command()
def unmerge(
    merge_id: Annotated[str, typer.Argument(metavar="MERGE", help="Id, or the first 8 characters of it.")], by: By = ""
) -> None:
    """Take a merge back: the two are two persons again, each with what came under their own numbers."""
    from hub.services.operations import identities

    with opened_hub() as hub:
        known = identities.unmerge(hub, merge_id, by or me())
    say(f"two persons again: {short(known.survivor)} and {short(known.retired)}")


@family.command("not-same")
def not_same(review_id: ReviewId, by: By = "") -> None:
    """Decide that two are not the same person; nobody is asked about them again."""
    from hub.services.identity import review as service

    with opened_hub() as hub:
        service.set_apart(hub, review_id, by or me())
    say("noted: two people")


@family.command()
def later(review_id: ReviewId, by: By = "") -> None:
    """Leave a pair for later; it stays in the queue."""
    from hub.services.identity import review as service

    with opened_hub() as hub:
        service.put_off(hub, review_id, by or me())
    say("left for later")


@family.command()
def show(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id of a person, or an identifier of one.")],
    as_json: AsJson = False,
) -> None:
    """Show what each system says of a person and why its record is this person's."""
    from hub.services.identity import review as service
    from hub.services.operations import browse

    with opened_hub() as hub:
        found = browse.person(hub, person)
        pairs = service.of_person(hub, found.id)
    if as_json:
        print_json({"id": found.id, "patient": found.patient, "sources": found.sources, "reviews": pairs})
        return
    print(f"person {found.id}: {_line(found.patient)}")
    for source in found.sources:
        print(f"  {source['identifier']}")
        for reason in source["evidence"]:
            print(f"    {reason}")
    if pairs:
        _queue(pairs)


def _state(known: "MergeRow") -> str:
    return "holds" if known.holds else f"undone by {known.undone_by} {when(known.undone_at)}"


def _queue(pairs: "list[Review]") -> None:
    print_table(
        ("review", "bits", "known", "came", "since", "state", "why not alone"),
        [
            (short(p.id), f"{p.bits:.1f}", _line(p.known), _line(p.came), when(p.created_at), p.status, _why(p))
            for p in pairs
        ],
        empty="nobody waits for review",
    )


def _side_by_side(pair: "Review") -> None:
    print(f"review {pair.id}: {pair.status}, {pair.bits:.1f} bits of evidence")
    for label, person_id, said in (("known", pair.known_id, pair.known), ("came", pair.came_id, pair.came)):
        print(f"  {label:6} {short(person_id)}  {_line(said)}  {', '.join(said.get('identifiers', ()))}")
    print_table(
        ("field", "agreement", "bits"), [(f, level, f"{bits:+.1f}") for f, level, bits in pair.evidence], empty=""
    )
    for veto in pair.vetoes:
        print(f"not alone: {veto}")
    if pair.decided_by:
        print(f"{pair.status} by {pair.decided_by} {when(pair.decided_at)}")


def _line(said: dict[str, Any]) -> str:
    return " ".join(str(said.get(part, "")) for part in ("name", "birth_date", "sex")).strip()


def _why(pair: "Review") -> str:
    return "; ".join(pair.vetoes) or "another fits as well, or too little agrees"
