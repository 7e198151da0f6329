"""``hub fax``: what faxed documents say, and synthetic ones to try it on."""

import csv
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from hub.cli import inputs
from hub.cli.output import print_json, progress, say

if TYPE_CHECKING:
    from hub.services.fax.known import Known
    from hub.services.fax.reading import DocumentRead, Fax

READ = "read"


class _ReadsByDefault(TyperGroup):
    """``hub fax PATH…`` is ``hub fax read PATH…``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [READ, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


family = typer.Typer(
    name="fax", cls=_ReadsByDefault, no_args_is_help=True, help="Read documents, or make synthetic ones."
)


class FieldFormat(StrEnum):
    """How fields are written."""

    JSON = "json"
    CSV = "csv"


@family.command(name=READ)
def read(
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
    """Read documents: their kind, their fields with confidences, whose they are. Exit 1 if one could not be read.

    `hub fax PATH…` is the same. Reads PDF, TIFF, PNG and JPEG; scanned pages need the extra `fax` (`pip install
    'carering[fax]'`) or Tesseract.
    """
    known = _known(roster, referrals)
    read = _read(list(inputs.files(paths)), known)
    if form is FieldFormat.CSV:
        _print_csv(read)
    else:
        print_json(read)
    for failed in read:
        if failed.error:
            say(f"hub: {failed.file}: {failed.error}")
    if any(failed.error for failed in read):
        raise typer.Exit(1)


@family.command()
def simulate(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the faxes go.")],
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same faxes.")] = 1,
    count: Annotated[int, typer.Option("--count", min=1, help="How many faxes.")] = 20,
    resolution: Annotated[str, typer.Option("--resolution", help="fine (204 × 196 dpi) or standard (98).")] = "fine",
    noise: Annotated[str, typer.Option("--noise", help="clean, light, medium or poor.")] = "light",
) -> None:
    """Make synthetic faxes: invented people, many layouts and senders, noise, and the truth beside each.

    Beside each fax a .json says what is on it; roster.csv has its patients. Needs the extra `fax`.
    """
    from hub.services.fax.synthetic import write_faxes

    with progress("drawing", count) as step:
        for _ in write_faxes(out, seed, count, resolution, noise):
            step()
    say(f"{count} faxes in {out}")


def _known(roster: Path | None, referrals: Path | None) -> "Known":
    from hub.services.fax.known import Known, read_referrals, read_roster

    return Known(
        roster=read_roster([roster.read_bytes()]) if roster else (),
        referrals=read_referrals([referrals.read_bytes()]) if referrals else {},
    )


def _read(files: list[Path], known: "Known") -> list["Fax"]:
    """Reads two files side by side, where their pages are pictures that other processes read."""
    from concurrent.futures import ThreadPoolExecutor

    from hub.services.fax.pages import page_reader
    from hub.services.fax.reading import read_fax

    reader = page_reader()
    with progress("reading", len(files)) as step, ThreadPoolExecutor(2) as pool:
        faxes = pool.map(lambda file: read_fax(inputs.label(file), inputs.read(file), known, reader.read), files)
        read = [fax for fax in faxes if step() is None]
    reader.close()
    return read


def _print_csv(read: list["Fax"]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("file", "page", "field", "value", "confidence"))
    for fax in read:
        for document in fax.documents:
            _print_rows(writer, fax.file, document)


def _print_rows(writer: Any, file: str, document: "DocumentRead") -> None:
    page = document.pages[0]
    writer.writerow((file, page, "doc_type", document.type, f"{document.type_confidence:.3f}"))
    for name, found in document.fields.items():
        writer.writerow((file, page, name, found.value, f"{found.confidence:.3f}"))
