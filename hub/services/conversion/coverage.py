"""The report of ``hub convert --report``: which source values of many messages landed nowhere, counted by field.

It holds counts, v2 paths and names of files, never a value; its size depends on the kinds of fields alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hub.errors import HubError
from hub.formats.hl7v2.message import parse
from hub.mappers.coverage import Value, coverage
from hub.model import Format, Json, RawMessage


@dataclass(slots=True)
class Tally:
    """How many values there are of a kind, how many of them landed, and where the first one that did not stands."""

    values: int = 0
    landed: int = 0
    messages: int = 0
    example: str = ""

    @property
    def missed(self) -> int:
        return self.values - self.landed

    @property
    def share(self) -> float:
        """The share that landed, 0 to 1."""
        return self.landed / self.values if self.values else 1.0

    def count(self, value: Value, name: str) -> None:
        self.values += 1
        if value.landed:
            self.landed += 1
        elif not self.example:
            self.example = f"{value.path} of {name}"


@dataclass(slots=True)
class Report:
    """The coverage of all messages that it is given, by field (``PID-5.3``) and by type of message."""

    total: Tally = field(default_factory=Tally)
    fields: dict[str, Tally] = field(default_factory=dict)
    types: dict[str, Tally] = field(default_factory=dict)
    failures: dict[str, Tally] = field(default_factory=dict)

    def take(self, name: str, raw: RawMessage, bundle: Json, charset: str) -> None:
        """Counts the values of one message; of CSV rows and documents only whether they were converted."""
        kind = self.types.setdefault(raw.type.strip("^") or raw.format.value, Tally())
        kind.messages += 1
        self.total.messages += 1
        if bundle["type"] != "message":
            self.fail(name, bundle)
        if raw.format is Format.HL7V2:
            for value in _values(raw, bundle, charset):
                for tally in (self.total, kind, self.fields.setdefault(value.field, Tally())):
                    tally.count(value, name)

    def fail(self, name: str, bundle: Json) -> None:
        """Counts a message that could not be converted, by the code of its first issue."""
        issue = bundle["entry"][0]["resource"]["issue"][0]
        failure = self.failures.setdefault(issue["details"]["coding"][0]["code"], Tally())
        failure.messages += 1
        failure.example = failure.example or name

    def missing(self) -> list[tuple[str, Tally]]:
        """The fields of which values are missing, the most frequent first."""
        return sorted(((name, tally) for name, tally in self.fields.items() if tally.missed), key=_by_missed)

    def as_json(self) -> Json:
        """The same as a document for programs."""
        return {
            "messages": self.total.messages,
            **_counts(self.total),
            "types": _rows("type", sorted(self.types.items())),
            "fields": _rows("field", [*self.missing(), *(item for item in self.fields.items() if not item[1].missed)]),
            "failures": [
                {"code": code, "messages": tally.messages, "example": tally.example}
                for code, tally in sorted(self.failures.items())
            ],
        }


def _values(raw: RawMessage, bundle: Json, charset: str) -> list[Value]:
    try:
        return coverage(parse(raw.body, charset), bundle)
    except HubError:  # what cannot be read has no values; the failure is counted
        return []


def _by_missed(item: tuple[str, Tally]) -> tuple[int, str]:
    return -item[1].missed, item[0]


def _rows(kind: str, items: Iterable[tuple[str, Tally]]) -> list[Json]:
    return [_row(kind, name, tally) for name, tally in items]


def _row(kind: str, name: str, tally: Tally) -> Json:
    row: dict[str, Any] = {kind: name}
    if tally.messages:
        row["messages"] = tally.messages
    row |= _counts(tally)
    if kind == "field" and tally.example:
        row["example"] = tally.example
    return row


def _counts(tally: Tally) -> Json:
    return {
        "values": tally.values,
        "landed": tally.landed,
        "missed": tally.missed,
        "share": round(tally.share, 4),
    }
