"""``hub match``: which records of a table are one person."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterable


def match(
    source: Annotated[Path, typer.Argument(metavar="IN.csv", exists=True, dir_okay=False, help="One record a row.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.csv", help="Gets record_id,cluster_id.")],
    review: Annotated[
        Path | None, typer.Option("--review", help="Gets record_id_a,record_id_b,score: pairs for a person to look at.")
    ] = None,
) -> None:
    """Resolve identities over a CSV of demographics whose first column is record_id.

    Links only what is nearly certain: an identifier of one authority, or name, birth date and sex with one thing more.
    """
    from hub.services.identity import matching

    with source.open("rb") as file:
        found = matching.match(iter(lambda: file.read(65536), b""))
    _write(target, ("record_id", "cluster_id"), found.clusters.items())
    if review:
        pairs = ((pair.a, pair.b, pair.score) for pair in found.review)
        _write(review, ("record_id_a", "record_id_b", "score"), pairs)
    people = len(set(found.clusters.values()))
    say(f"{len(found.clusters)} records, {people} people, {len(found.review)} pairs for review")


def _write(path: Path, head: tuple[str, ...], rows: "Iterable[tuple[Any, ...]]") -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
