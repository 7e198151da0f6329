"""Whom and what a fax may be about: a roster of patients, and the referrals that wait for an answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hub.errors import Unreadable
from hub.formats.delimited import Layout, by_header, normal_header, read_table
from hub.identity.demographics import Demographics
from hub.services.identity.demographic_rows import demographics

PATIENT_KEYS = ("patient_key", "record_id", "id", "patient_id", "key")
REFERRAL_KEYS = ("referral_id", "referral_number", "referral", "number", "id")


@dataclass(frozen=True, slots=True)
class Known:
    """The roster by patient key, and the referrals by number, each with the key of its patient where that is known."""

    roster: tuple[tuple[str, Demographics], ...] = ()
    referrals: Mapping[str, str] = field(default_factory=dict)


def read_roster(pieces: Iterable[bytes]) -> tuple[tuple[str, Demographics], ...]:
    """The roster's patients. The key is the first of the columns ``PATIENT_KEYS``, else the number of the row (from 1).
    Raises ``Unreadable``."""
    return tuple(
        (_first(row, PATIENT_KEYS) or str(number), demographics(row)) for number, row in enumerate(_rows(pieces), 1)
    )


def read_referrals(pieces: Iterable[bytes]) -> dict[str, str]:
    """The numbers in the first column there is of ``REFERRAL_KEYS``, with ``patient_key`` or nothing. Raises
    ``Unreadable``."""
    rows = ((_first(row, REFERRAL_KEYS), _first(row, PATIENT_KEYS[:1])) for row in _rows(pieces))
    return {number: patient for number, patient in rows if number}


def _rows(pieces: Iterable[bytes]) -> Iterator[dict[str, str]]:
    for row, fields in by_header(read_table(pieces, Layout())):
        if row.problem:
            raise Unreadable(f"line {row.line}: {row.problem}", path=f"line {row.line}")
        yield fields


def _first(row: dict[str, str], names: Sequence[str]) -> str:
    return next((value for name in names if (value := row.get(normal_header(name)))), "")
