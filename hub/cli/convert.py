"""``hub convert``: messages to FHIR bundles, without a running hub."""

import gc
import itertools
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.opening import known_feed
from hub.cli.output import print_table, progress, say

if TYPE_CHECKING:
    from hub.services.conversion.coverage import Report


class BundleFormat(StrEnum):
    """How bundles are written."""

    JSON = "json"
    NDJSON = "ndjson"


def convert(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, or - for standard input.")],
    feed: Annotated[str, typer.Option("--feed", help="Read them as this feed's; its configuration applies.")] = "",
    form: Annotated[
        BundleFormat, typer.Option("--format", help="json: the Bundle, or an array of several; ndjson: one a line.")
    ] = BundleFormat.JSON,
    report: Annotated[
        bool, typer.Option("--report", help="Print on standard error which source values landed nowhere, by field.")
    ] = False,
    report_file: Annotated[
        Path | None, typer.Option("--report-file", metavar="FILE", help="Write the report to this file, as JSON.")
    ] = None,
) -> None:
    """Convert messages to FHIR R4: one Bundle per message, in input order.

    A folder is taken by file name. A bad message does not stop it: its Bundle holds an OperationOutcome.
    """
    from hub.services.conversion.files import convert_paths, count_files

    counted = _report() if report or report_file else None
    _spare_collections()
    total = count_files(paths) if sys.stderr.isatty() else None
    with progress("converting", total) as step:
        bundles = convert_paths(paths, known_feed(feed), progress=lambda _: step(), report=counted, guess=not feed)
        _write((bundle for _, bundle in bundles), form)
    if counted and report_file:
        _save(counted, report_file)
    if counted and report:
        sys.stdout.flush()
        _print(counted)


def _spare_collections() -> None:
    """Bundles have no cycles and are gone with their last name: to look for cycles all the time takes a third of it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _write(bundles: Iterable[Any], form: BundleFormat) -> None:
    import orjson

    out = sys.stdout.buffer
    if form is BundleFormat.NDJSON:
        for bundle in bundles:
            out.write(orjson.dumps(bundle, option=orjson.OPT_APPEND_NEWLINE))
        return
    waiting = iter(bundles)
    first = list(itertools.islice(waiting, 2))
    texts = (orjson.dumps(bundle, option=orjson.OPT_INDENT_2) for bundle in itertools.chain(first, waiting))
    if len(first) == 1:
        out.write(next(texts) + b"\n")
        return
    for number, text in enumerate(texts):
        out.write((b",\n" if number else b"[\n") + text)
    out.write(b"\n]\n" if first else b"[]\n")


def _report() -> "Report":
    from hub.services.conversion.coverage import Report

    return Report()


def _save(report: "Report", file: Path) -> None:
    import orjson

    file.write_bytes(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _print(report: "Report") -> None:
    """The report as tables: fields of which values are missing, types of messages, and the sum in one line."""
    print_table(
        ("field", "values", "landed", "missed", "for example"),
        [(name, t.values, t.landed, t.missed, t.example) for name, t in report.missing()],
        empty="every value landed",
        to=sys.stderr,
    )
    say("")
    print_table(
        ("type", "messages", "values", "landed", "missed", "share"),
        [(n, t.messages, t.values, t.landed, t.missed, _percent(t.share)) for n, t in sorted(report.types.items())],
        empty="no messages",
        to=sys.stderr,
    )
    for code, failure in sorted(report.failures.items()):
        say(f"{failure.messages} not converted ({code}), for example {failure.example}")
    total = report.total
    say(f"{total.messages} messages, {total.landed} of {total.values} values landed: {_percent(total.share)}")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
