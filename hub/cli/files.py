"""``hub files``: the files that came."""

from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, Limit, print_json, print_table, short, when


def files(
    *,
    feed: Annotated[str, typer.Option("--feed", help="Only this feed.")] = "",
    name: Annotated[str, typer.Option("--name", help="Only files of this name.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the files that came, newest first: what each held, and what became of it.

    `taken` means all of it; `repeated`, that the same bytes were taken in before; `partly` and `refused` say why.
    """
    from hub.services.operations.incoming_files import incoming

    with opened_hub() as hub:
        rows = incoming(hub, feed=feed, name=name, limit=limit)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        ("id", "came", "feed", "file", "bytes", "outcome", "messages", "bad rows", "reason"),
        [
            (short(r.id), when(r.started_at), r.feed, r.label, r.size, r.outcome, r.messages, r.bad, _first(r.reason))
            for r in rows
        ],
        empty="no files",
    )


def _first(reason: str) -> str:
    return reason.partition("\n")[0]
