"""Synthetic faxes as files, with the truth beside each."""

import csv
from collections.abc import Iterator
from pathlib import Path

import orjson

from hub.errors import NotAllowed
from hub.simulator.people import people

COLUMNS = ("patient_key", "last_name", "first_name", "middle_name", "suffix", "dob", "sex", "phone")
PERSONS = 200


def write_faxes(folder: Path, seed: int, count: int, resolution: str, noise: str) -> Iterator[str]:
    """Writes fax after fax with its truth as JSON, and the roster; yields their names. Raises ``NotAllowed`` where the
    extra ``fax`` is missing or a word is unknown."""
    try:
        from hub.simulator.faxes import faxes
        from hub.simulator.faxes.faxes import DOWN
        from hub.simulator.faxes.line import NOISE
    except ImportError:
        raise NotAllowed("synthetic faxes need the extra fax: pip install 'carering[fax]'") from None
    for word, known in ((resolution, DOWN), (noise, NOISE)):
        if word not in known:
            raise NotAllowed(f"{word} is none of {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    _write_roster(folder / "roster.csv", seed)
    for fax in faxes(seed, count, resolution, noise, PERSONS):
        (folder / fax.name).write_bytes(fax.body)
        truth = {"kind": fax.kind, "patient_key": str(fax.person), "documents": fax.documents}
        (folder / fax.name).with_suffix(".json").write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2))
        yield fax.name


def _write_roster(file: Path, seed: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in people(seed, PERSONS):
            row = (one.number, one.family, one.given, one.middle, one.suffix, one.born.isoformat(), one.sex, one.phone)
            writer.writerow(row)
