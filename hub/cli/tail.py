"""``hub tail``: what flows through a stream."""

import time
from itertools import islice
from typing import Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import print_line

LOOK_SECONDS = 0.2


def tail(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="raw, fhir, events, notifications or dead.")],
    start: Annotated[str, typer.Option("--from", help="beginning, end, an offset, or a time (ISO 8601).")] = "end",
    follow: Annotated[bool, typer.Option(help="Wait for what comes after.")] = True,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Stop after so many records; 0: never.")] = 0,
) -> None:
    """Follow a stream, one JSON record a line. It holds what was sent and received: patient data."""
    from hub.services.operations import tail as service

    def wait() -> bool:
        if follow:
            time.sleep(LOOK_SECONDS)
        return follow

    with opened_hub() as hub:
        records = service.follow(hub, service.stream_named(topic), start, wait)
        for record in islice(records, limit or None):
            print_line(record)
