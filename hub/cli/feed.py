"""``hub feed``: the sources of messages."""

from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import known_feed, load_settings, opened_hub
from hub.cli.output import AsJson, Limit, print_json, print_table, say, when

if TYPE_CHECKING:
    from hub.services.checks.feed_trial import Remark, TrialReport

family = typer.Typer(name="feed", help="The sources of messages.", no_args_is_help=True)


@family.callback()
def _feed() -> None:
    """The sources of messages."""


@family.command("list")
def list_feeds(as_json: AsJson = False) -> None:
    """List all feeds: when each was heard last, how much it sends and usually sends, what is refused, how fast it is
    answered, and what is wrong."""
    from hub.services.health.feeds import feeds

    with opened_hub() as hub:
        rows = feeds(hub)
    if as_json:
        print_json([{**asdict(row), "error_rate": row.error_rate, "state": row.state} for row in rows])
        return
    print_table(
        ("feed", "adapter", "last seen", "last hour", "usual", "refused", "ack 50 %", "ack 99 %", "state"),
        [
            (
                row.name,
                row.adapter,
                when(row.last_seen) or "never",
                row.last_hour,
                "" if row.expected is None else f"{row.expected:g}",
                f"{row.error_rate:.0%}",
                _milliseconds(row.ack_p50),
                _milliseconds(row.ack_p99),
                "; ".join(f"{alarm.kind} {alarm.subject}".strip() for alarm in row.alarms) or row.state,
            )
            for row in rows
        ],
        empty="no feed is configured",
    )


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.1f} ms"


@family.command("try")
def try_out(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed whose configuration is tried.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What it might send.")],
    limit: Limit = 3,
    as_json: AsJson = False,
) -> None:
    """Show what a feed would make of a file: the first rows or messages, all remarks, and what would be created.

    Nothing is stored and nobody is told. Exit 1 if anything would be held.
    """
    from hub.services.checks.feed_trial import try_feed

    report = try_feed(known_feed(feed), file, limit)
    if as_json:
        print_json(report.as_json())
    else:
        _print(report)
    raise typer.Exit(1 if report.held else 0)


def _print(report: "TrialReport") -> None:
    for trial in report.shown:
        print(trial.name)
        for row in trial.rows:
            for name, value in row.items():
                print(f"  {name} = {value}")
        print(f"  becomes {_counted(trial.becomes) or 'nothing'}{'' if trial.fit else '; it would be held'}")
        for remark in trial.remarks:
            print(f"  {_worded(remark)}")
    print(f"{report.messages} messages: {report.messages - report.held} would be taken, {report.held} held")
    print(f"creates {_counted(report.becomes) or 'nothing'}")
    for column in report.unknown:
        print(f"the column {column!r} is not used")
    if report.remarks:
        remarks = [(times, r.severity, r.place, r.text) for r, times in report.remarks.most_common()]
        print_table(("times", "severity", "place", "remark"), remarks, empty="")


def _worded(remark: "Remark") -> str:
    return " ".join(filter(None, (remark.severity, remark.place and f"{remark.place}:", remark.text)))


def _counted(kinds: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


@family.command()
def token() -> None:
    """Make a token for a feed over HTTP: it is printed once, the feed's file gets its hash."""
    made = token_urlsafe(32)
    print(made)
    say(f"in the feed: tokens: [{sha256(made.encode()).hexdigest()}]")


@family.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the feed is to be called.")],
    sample: Annotated[Path, typer.Option("--from", exists=True, dir_okay=False, help="A file as it is sent.")],
    kind: Annotated[str, typer.Option("--type", help="The kind of its rows; default: what it looks like.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Put it into the configuration, feeds/NAME.yaml.")] = False,
) -> None:
    """Propose a feed from a sample of its files, by its headers and by what its cells look like.

    What was guessed has a comment beside it. Try it on the sample with `hub feed try` before it goes live.
    """
    from hub.services.checks.feed_proposal import propose

    text = propose(name, sample.read_bytes(), kind).yaml()
    if write:
        say(f"written to {_write(name, text)}; look at its comments, then: hub feed try {name} {sample}")
    else:
        print(text, end="")


def _write(name: str, text: str) -> Path:
    from hub.errors import NotAllowed

    target = load_settings().config / "feeds" / f"{name}.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise NotAllowed(f"{target} is there already") from None
    return target


@family.command()
def rows(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed whose rows are asked for.")],
    file: Annotated[str, typer.Option("--file", help="Only those of this file, as hub files names it.")] = "",
    results: Annotated[bool, typer.Option("--results", help="What became of every row, the good ones too.")] = False,
) -> None:
    """Print the rows of a CSV feed that are held, as a CSV file: as they were written, with the reason of each.

    No cell of it can act as a formula in a spreadsheet.
    """
    from hub.services.operations.incoming_files import bad_rows_csv, results_csv

    known_feed(feed)
    with opened_hub() as hub:
        for line in (results_csv if results else bad_rows_csv)(hub, feed, file):
            print(line, end="")
