"""``hub panel``: whose patients are whose."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, print_json, print_table, say

family = typer.Typer(name="panel", help="Whose patients are whose.", no_args_is_help=True)


@family.callback()
def _panel() -> None:
    """Whose patients are whose."""


@family.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV of the practice.")],
    full: Annotated[bool, typer.Option("--full", help="The file is the whole panel: who is not in it leaves.")] = False,
    sure: Annotated[bool, typer.Option("--sure", help="Also when more than a fifth of the panel leaves.")] = False,
    result: Annotated[Path | None, typer.Option("--result", help="Write what became of each row to this CSV.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load a practice's panel: who its patients are and who cares for them. Loading it again changes nothing."""
    from hub.services.practice import panels

    with opened_hub() as hub:
        report = panels.load(hub, file.read_bytes(), file.name, full=full, sure=sure)
    if result:
        result.write_text(panels.result_csv(report), encoding="utf-8")
    if as_json:
        print_json({**asdict(report), "counts": report.counts})
        return
    for warning in report.warnings:
        say(f"hub: {warning}")
    print(", ".join(f"{count} {outcome}" for outcome, count in report.counts.items()) or "no rows")
    doubtful = [(row.line, row.outcome, row.reason) for row in report.rows if row.outcome in panels.FOR_A_PERSON]
    if doubtful:
        print_table(("line", "outcome", "reason"), doubtful, empty="")
