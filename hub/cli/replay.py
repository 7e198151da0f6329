"""``hub replay``: convert and route again, and show the difference."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, print_json, print_table, say, short

if TYPE_CHECKING:
    from hub.services.operations.replay import ReplayReport


def replay(
    selection: Annotated[
        list[str],
        typer.Argument(metavar="SELECTION…", help="Message ids or control ids; all; held, dead or converted."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only find out what would change.")] = False,
    redeliver: Annotated[
        list[str] | None, typer.Option("--redeliver", metavar="PRACTICE", help="Tell this practice again; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Convert and route messages again with what is configured now. Tells nobody unless --redeliver names them."""
    from hub.services.operations.replay import replay as service

    with opened_hub() as hub:
        unknown = sorted(set(redeliver or ()) - {p.id for p in hub.site.practices})
        if unknown:
            say(f"hub: no practice file names {', '.join(unknown)}: told only if a panel does")
        report = service(hub, selection, dry_run=dry_run, redeliver=redeliver or ())
    if as_json:
        print_json(asdict(report))
    else:
        _print(report)


def _print(report: "ReplayReport") -> None:
    tense = "would be " if report.dry_run else ""
    print(f"{report.messages} messages {tense}replayed, {report.unchanged} unchanged")
    print(f"{report.bundles_changed} bundles changed, {report.transitions} transitions, {report.notices} notices")
    if report.skipped:
        print(f"{report.skipped} skipped: they are still on their way")
    if report.redelivered:
        print(f"{report.redelivered} deliveries queued")
    print_table(
        ("message", "control id", "what", "difference"),
        [(short(d.message_id), d.control_id, d.what, d.text) for d in report.differences],
        empty="no differences",
    )
    if report.would_tell:
        print(f"nobody was told; --redeliver tells: {_counts(report.would_tell)}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{practice} ({count})" for practice, count in sorted(counts.items()))
