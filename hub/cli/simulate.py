"""``hub simulate``: a synthetic hospital day."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.output import progress, say

if TYPE_CHECKING:
    from hub.simulator import SimulatedMessage

FIRST_DAY = "2026-03-02"


def simulate(
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same day, to the byte.")] = 1,
    patients: Annotated[int, typer.Option("--patients", min=1, help="How many people come.")] = 20,
    day: Annotated[datetime, typer.Option("--day", formats=["%Y-%m-%d"], help="The day that is played.")] = FIRST_DAY,  # type: ignore[assignment]  # typer parses it
    to: Annotated[str, typer.Option("--to", metavar="HOST:PORT", help="Send the messages there over MLLP.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write the messages into this folder, a file each.")] = None,
    panel: Annotated[Path | None, typer.Option("--panel", help="Write the practices' panel into this CSV.")] = None,
    rate: Annotated[float, typer.Option("--rate", min=0, help="With --to: messages a second; 0: as answered.")] = 0,
    connections: Annotated[int, typer.Option("--connections", min=1, help="With --to: connections side by side.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="With --to: print each acknowledgement as JSON.")] = False,
) -> None:
    """Play a seeded synthetic hospital day: admissions, updates, cancels, merges, results, referrals.

    Without --to and --out the messages are printed one after another, as `hub send -` and `hub convert -` read them.
    """
    from hub import simulator

    messages = simulator.simulate(seed, patients, day.date())
    if panel:
        panel.write_bytes(simulator.panel_csv(seed, patients, day.date()))
    if to:
        from hub.cli.send import deliver

        bodies = (message.body for message in messages)
        raise typer.Exit(deliver(bodies, to, as_json=as_json, rate=rate or None, connections=connections))
    if out:
        _write(messages, out)
    else:
        for message in messages:
            sys.stdout.buffer.write(message.body)


def _write(messages: "Iterator[SimulatedMessage]", folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    with progress("writing") as step:
        for number, message in enumerate(messages, 1):
            name = f"{number:06}-{message.kind.replace('^', '_').lower()}.hl7"
            (folder / name).write_bytes(message.body)
            step()
    say(f"{number} messages in {folder}")
