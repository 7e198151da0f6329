"""``hub fax``: what faxed documents say."""

import csv
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import inputs
from hub.cli.output import print_json, progress, say

if TYPE_CHECKING:
    from hub.services.faxes import Fax, Known


class FieldFormat(StrEnum):
    """How fields are written."""

    JSON = "json"
    CSV = "csv"


def fax(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files or folders.")],
    roster: Annotated[
        Path | None, typer.Option("--roster", exists=True, dir_okay=False, help="CSV of patients to look for.")
    ] = None,
    referrals: Annotated[
        Path | None, typer.Option("--referrals", exists=True, dir_okay=False, help="CSV of referrals that wait.")
    ] = None,
    form: Annotated[
        FieldFormat, typer.Option("--format", help="csv: file,page,field,value,confidence.")
    ] = FieldFormat.JSON,
) -> None:
    """Read documents: pages, kind of document, fields with confidences. Exit 1 if one could not be read.

    Reads the text layer of PDFs. Scanned pages need an engine that recognises characters, which is not part of this
    version.
    """
    known = _known(roster, referrals)
    files = list(inputs.files(paths))
    with progress("reading", len(files)) as step:
        read = [fax for fax in _read(files, known) if step() is None]
    if form is FieldFormat.CSV:
        _print_csv(read)
    else:
        print_json(read)
    for failed in read:
        if failed.error:
            say(f"hub: {failed.file}: {failed.error}")
    if any(failed.error for failed in read):
        raise typer.Exit(1)


def _known(roster: Path | None, referrals: Path | None) -> "Known":
    from hub.services.faxes import Known, read_referrals, read_roster

    return Known(
        roster=read_roster([roster.read_bytes()]) if roster else (),
        referrals=read_referrals([referrals.read_bytes()]) if referrals else frozenset(),
    )


def _read(files: list[Path], known: "Known") -> Iterator["Fax"]:
    from hub.services.faxes import read_fax

    return (read_fax(inputs.label(path), inputs.read(path), known) for path in files)


def _print_csv(read: list["Fax"]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("file", "page", "field", "value", "confidence"))
    for fax in read:
        writer.writerows((fax.file, f.page, f.name, f.value, f"{f.confidence:.2f}") for f in fax.fields)
