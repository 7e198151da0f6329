"""``hub messages`` and ``hub show``: search, and look at one message."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, Limit, print_json, print_table, short, when

if TYPE_CHECKING:
    from hub.services.operations.browse import MessageView

MessageId = Annotated[
    str, typer.Argument(metavar="ID", help="Message id, the first 8 characters of it, or control id.")
]


def messages(
    *,
    status: Annotated[str, typer.Option("--status", help="waiting, converted, duplicate, held or dead.")] = "",
    patient: Annotated[str, typer.Option("--patient", help="Person id, or an identifier of the patient.")] = "",
    text: Annotated[str, typer.Option("--text", help="Part of a name, an identifier, a control id or a type.")] = "",
    feed: Annotated[str, typer.Option("--feed", help="Only this feed.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Search messages, newest first."""
    from hub.services.operations import browse

    with opened_hub() as hub:
        rows = browse.search(hub, status=status, patient=patient, text=text, feed=feed, limit=limit)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("id", "received", "feed", "type", "control id", "status", "patient", "reason"),
        [(short(r.id), when(r.received_at), r.feed, r.type, r.control_id, r.status, r.patient, r.reason) for r in rows],
        empty="no messages",
    )


def show(message: MessageId, as_json: AsJson = False) -> None:
    """Show one message: what was received, what it became, and what was told because of it."""
    from hub.services.operations import browse

    with opened_hub() as hub:
        view = browse.show(hub, message)
    if as_json:
        print_json(asdict(view))
    else:
        _print(view)


def _print(view: "MessageView") -> None:
    import orjson

    row = view.row
    facts = {
        "message": row.id,
        "feed": f"{row.feed} ({row.sender})" if row.sender else row.feed,
        "type": row.type,
        "control id": row.control_id,
        "received": f"{row.received_at} by {view.origin}",
        "status": " ".join(filter(None, (row.status, row.code, row.reason))),
        "patient": f"{row.patient} ({row.person_id})" if row.person_id else "",
        "came again": ", ".join(view.duplicates),
        "same control id": ", ".join(view.others),
    }
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<17}{value}")
    print(f"\n{view.text.rstrip()}\n")
    if view.bundle is not None:
        print(orjson.dumps(view.bundle, option=orjson.OPT_INDENT_2).decode())
    for notice in view.notices:
        print(f"{short(notice.id)}  {notice.practice}: {notice.title} ({notice.state})")
