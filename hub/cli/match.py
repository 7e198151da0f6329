"""``hub match``: which records of a table are one person."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import progress, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO


def match(
    source: Annotated[Path, typer.Argument(metavar="IN.csv", exists=True, dir_okay=False, help="One record a row.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.csv", help="Gets record_id,cluster_id.")],
    review: Annotated[
        Path | None, typer.Option("--review", help="Gets record_id_a,record_id_b,score: pairs for a person to look at.")
    ] = None,
) -> None:
    """Resolve identities over a CSV of demographics whose first column is record_id.

    Rows count in their order of arrival. Only what is nearly certain is linked: a number of one authority, or name and
    birth date with one thing more, when no second person fits. Everything else that may be one person is for review.
    """
    from hub.services.identity import matching

    with source.open("rb") as file, progress("matching", source.stat().st_size) as step:
        found = matching.match(_pieces(file, step))
    _write(target, ("record_id", "cluster_id"), found.clusters.items())
    if review:
        pairs = ((pair.a, pair.b, pair.score) for pair in found.review)
        _write(review, ("record_id_a", "record_id_b", "score"), pairs)
    people = len(set(found.clusters.values()))
    say(f"{len(found.clusters)} records, {people} people, {len(found.review)} pairs for review")


def _pieces(file: "BinaryIO", step: "Callable[[int], object]") -> "Iterator[bytes]":
    while piece := file.read(65536):
        yield piece
        step(len(piece))


def _write(path: Path, head: tuple[str, ...], rows: "Iterable[tuple[Any, ...]]") -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
