"""The kinds of rows and their fields (``fields.csv``): all that ``type``, ``columns``, ``constants`` of a feed can say.

A field of a kind that is a message of HL7 v2 stands for the place in it where a sender of that message writes the same
(HL7 v2.5.1); besides these, ``columns`` may name any other place itself (``PV1-14``).
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files


class Kind(StrEnum):
    """How the text of a field is to be read."""

    TEXT = "text"
    ID = "id"
    CODE = "code"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the ``place`` in HL7 v2 that it stands for (empty where there is none), and what it is."""

    name: str
    place: str
    kind: Kind
    about: str


@dataclass(frozen=True)
class RowKind:
    """A kind of rows. Of each of ``required`` one must have a value; rows one after another that agree in all fields of
    ``together`` are one message. ``message`` is the type of HL7 v2 (MSH-9.1) that it is the same as."""

    name: str
    about: str
    fields: Mapping[str, Field]
    required: tuple[tuple[str, ...], ...]
    together: tuple[str, ...] = ()
    message: str = ""

    @cached_property
    def dated(self) -> frozenset[str]:
        """The fields that are dates or times."""
        return frozenset(name for name, field in self.fields.items() if field.kind in (Kind.DATE, Kind.TIME))

    def field(self, name: str) -> Field | None:
        """The field of that name; in a message of HL7 v2 also a place in it."""
        known = self.fields.get(name)
        if known is None and self.message and PLACE.fullmatch(name):
            return Field(name, name, Kind.TEXT, "")
        return known


PLACE = re.compile(r"[A-Z][A-Z0-9]{2}-[1-9]\d{0,2}(\.[1-9]\d?){0,2}")


@cache
def _listed() -> dict[str, dict[str, Field]]:
    """The fields of ``fields.csv`` by the part that they belong to."""
    text = (files(__package__) / "fields.csv").read_text(encoding="utf-8")
    parts: dict[str, dict[str, Field]] = {}
    for row in csv.DictReader(text.splitlines()):
        field = Field(row["name"], row["place"], Kind(row["reads"]), row["about"])
        parts.setdefault(row["part"], {})[field.name] = field
    return parts


def _fields(*parts: str) -> dict[str, Field]:
    return {name: field for part in parts for name, field in _listed()[part].items()}


def _one(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) for name in names)


_STAYS = _fields("patient", "visit", "stay")
_STAY_NEEDS = (*_one("mrn", "class"), ("event", "admit_time", "discharge_time"))

KINDS: Mapping[str, RowKind] = {
    kind.name: kind
    for kind in (
        RowKind("adt", "admissions, transfers and discharges, as ADT", _STAYS, _STAY_NEEDS, message="ADT"),
        RowKind("census", "the visits of a list, one row each, as ADT", _STAYS, _STAY_NEEDS, message="ADT"),
        RowKind(
            "result",
            "results, one row for each value, as ORU^R01",
            _fields("patient", "visit", "result"),
            (("mrn",), ("accession", "placer_number"), ("test_code", "test_name"), ("value", "status", "note")),
            ("mrn", "accession", "placer_number", "panel_code"),
            "ORU",
        ),
        RowKind(
            "appointment",
            "appointments, as SIU",
            _fields("patient", "visit", "appointment"),
            (("mrn",), ("appointment_id", "placer_id"), ("start", "event", "status")),
            message="SIU",
        ),
        RowKind(
            "referral",
            "a referral and how far it is, with the patient",
            _fields("referral"),
            _one("referral_id", "status", "last", "first", "dob"),
        ),
        RowKind(
            "referral_status",
            "how far a referral is that is known already",
            _fields("referral"),
            (*_one("referral_id", "status"), ("mrn", "last")),
        ),
        RowKind(
            "panel",
            "a practice's patients",
            _fields("panel"),
            (
                *_one("practice_id", "last", "first", "dob", "sex", "pcp_npi"),
                ("mrn", "zip", "phone", "ssn4", "member_id"),
            ),
        ),
    )
}


def kind_of(name: str) -> RowKind | None:
    """The kind of rows of that name."""
    return KINDS.get(name)
