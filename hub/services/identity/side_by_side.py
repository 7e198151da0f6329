"""What two records say, field by field, beside what that says of them being one person's."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hub.identity.demographics import Demographics
from hub.identity.resolution import SourceRecord
from hub.services.identity import people

LAST_DIGITS = 4
"""Of a social security number: enough to compare it with what somebody has on paper."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: what each says (empty: nothing), how far they agree and how many bits of evidence that is; neither
    where only one of them says something."""

    field: str
    known: str
    came: str
    agreement: str = ""
    bits: float | None = None


def rows(
    connection: Connection, known_id: str, came_id: str, records: tuple[str, str], evidence: list[list[Any]]
) -> list[FieldRow]:
    """The fields of the two ``records`` that were compared, whosever they are now, or of any of the two persons."""
    known = _record(connection, known_id, records[0])
    came = _record(connection, came_id, records[1])
    here, there = (_values(r.demographics) if r else {} for r in (known, came))
    levels = {field: (level, bits) for field, level, bits in evidence}
    stated = [f for f in _ORDER if f in levels or here.get(f) or there.get(f)]
    return [FieldRow(f, here.get(f, ""), there.get(f, ""), *levels.get(f, ("", None))) for f in stated]


def _record(connection: Connection, person_id: str, key: str) -> SourceRecord | None:
    return next(iter(people.of_keys(connection, [key]) or people.of_person(connection, person_id)), None)


_ORDER = (
    *("name", "names", "given", "middle", "family", "suffix", "born", "sex"),
    *("ssn", "phone", "email", "address", "numbers"),
)


def _values(said: Demographics) -> dict[str, str]:
    """As people read them."""
    return {
        "name": said.name,
        "given": said.given.title(),
        "middle": said.middle.title(),
        "family": said.family.title(),
        "suffix": said.suffix.title(),
        "born": said.birth_date,
        "sex": said.sex,
        "ssn": f"…{said.ssn[-LAST_DIGITS:]}" if said.ssn else "",
        "phone": ", ".join(said.phones),
        "email": ", ".join(said.emails),
        "address": ", ".join(filter(None, (said.street, said.locality, said.city.title(), said.postal))),
        "numbers": ", ".join(number.rpartition("|")[2] for number in said.others),
    }
