"""Which rows of a table of demographics are one person, by the same rules that messages are matched by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub.errors import Held, Unreadable
from hub.formats.dates import read_date
from hub.formats.delimited import Layout, Row, by_header, read_table
from hub.identity.demographics import Demographics, read
from hub.identity.directory import Directory
from hub.model import Json

FEED = "match"
COLUMNS = {
    "record_id": ("record_id", "rec_id"),
    "family": ("family", "family_name", "last_name", "surname"),
    "given": ("given", "given_name", "first_name"),
    "suffix": ("suffix", "name_suffix"),
    "birth_date": ("birth_date", "birthdate", "date_of_birth", "dob"),
    "sex": ("sex", "gender"),
    "phone": ("phone", "phone_number", "telephone", "home_phone", "mobile_phone"),
    "street": ("street", "street_address", "address", "address_1", "address1"),
    "number": ("street_number", "house_number"),
    "postal_code": ("postal_code", "postcode", "zip", "zip_code"),
    "ssn": ("ssn", "soc_sec_id", "social_security_number"),
    "mrn": ("mrn", "medical_record_number", "patient_id"),
    "authority": ("authority", "assigning_authority", "facility"),
}
"""Fields and the headers that are understood for them; the first one that has a value counts."""

_GENDERS = {"m": "male", "f": "female", "male": "male", "female": "female", "o": "other", "u": "unknown"}
_DATE_FORMATS = ("%m/%d/%Y", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class ReviewPair:
    """Two records that may be one person and were not linked; ``score`` is the share of shared fields that agree."""

    a: str
    b: str
    score: float


@dataclass(frozen=True, slots=True)
class Matching:
    """``clusters`` by record id, in the order of the file: a cluster is named by its first record."""

    clusters: dict[str, str]
    review: tuple[ReviewPair, ...]


def match(pieces: Iterable[bytes]) -> Matching:
    """Resolves the rows of a CSV. Raises ``Unreadable`` for a row that cannot be read: none is dropped unnoticed."""
    patients = dict(_patients(by_header(read_table(pieces, Layout()))))
    clusters = _clusters(patients)
    return Matching(clusters, tuple(_doubtful(patients, clusters)))


def _patients(rows: Iterable[tuple[Row, dict[str, str]]]) -> Iterator[tuple[str, Demographics]]:
    seen: set[str] = set()
    for row, fields in rows:
        record_id = said(fields, "record_id")
        if row.problem or not record_id or record_id in seen:
            problem = row.problem or ("this record_id was there before" if record_id else "without a record_id")
            raise Unreadable(f"line {row.line}: {problem}", path=f"line {row.line}")
        seen.add(record_id)
        yield record_id, demographics(fields)


def demographics(fields: dict[str, str]) -> Demographics:
    """The demographics of one row, by its normalised headers."""
    return read(_patient(fields), FEED)


def _patient(fields: dict[str, str]) -> Json:
    """The row as a FHIR Patient, so that it is normalised as every other."""
    cells = {name: said(fields, name) for name in COLUMNS}
    identifiers = [{"system": f"urn:carering:{FEED}:record", "value": cells["record_id"]}]
    if cells["mrn"]:
        identifiers.append({"system": f"urn:carering:{FEED}:mrn:{cells['authority']}", "value": cells["mrn"]})
    if cells["ssn"]:
        identifiers.append({"system": "http://hl7.org/fhir/sid/us-ssn", "value": cells["ssn"]})
    street = f"{cells['number']} {cells['street']}".strip()
    return {
        "name": [{"family": cells["family"], "given": [cells["given"]], "suffix": [cells["suffix"]]}],
        "birthDate": _date(cells["birth_date"]),
        "gender": _GENDERS.get(cells["sex"].lower(), ""),
        "telecom": [{"system": "phone", "value": cells["phone"]}],
        "address": [{"line": [street], "postalCode": cells["postal_code"]}],
        "identifier": identifiers,
    }


def said(fields: dict[str, str], name: str) -> str:
    """What a row says of a field of ``COLUMNS``; empty when nothing."""
    return next((value for header in COLUMNS[name] if (value := fields.get(header))), "")


def _date(text: str) -> str:
    return next((date for form in _DATE_FORMATS if (date := read_date(text, form))), "")


def _clusters(patients: dict[str, Demographics]) -> dict[str, str]:
    directory = Directory(())
    first: dict[str, str] = {}
    clusters = {}
    for record_id, patient in patients.items():
        try:
            person = directory.resolve(patient).person_id
        except Held:  # its identifier belongs to somebody else: a person of its own, for review
            person = record_id
        clusters[record_id] = first.setdefault(person, record_id)
    return clusters


def _doubtful(patients: dict[str, Demographics], clusters: dict[str, str]) -> Iterator[ReviewPair]:
    """Pairs across clusters that share a number, or name and birth date, once for each two clusters."""
    blocks: dict[tuple[str, ...], list[str]] = {}
    told: set[tuple[str, str]] = set()
    for record_id, patient in patients.items():
        for block in _blocks(patient):
            for other in blocks.setdefault(block, []):
                pair = (clusters[other], clusters[record_id])
                if pair[0] != pair[1] and pair not in told:
                    told.add(pair)
                    yield ReviewPair(other, record_id, _score(patients[other], patient))
            blocks[block].append(record_id)


def _blocks(patient: Demographics) -> list[tuple[str, ...]]:
    names = [("name", patient.family, patient.given, patient.birth_date)] if patient.named else []
    return names + [("number", key) for key in (*patient.keys[1:], *filter(None, [patient.ssn]))]


def _score(a: Demographics, b: Demographics) -> float:
    fields = ("family", "given", "suffix", "birth_date", "sex", "phones", "address", "ssn")
    both = [(getattr(a, f), getattr(b, f)) for f in fields if getattr(a, f) and getattr(b, f)]
    return round(sum(x == y for x, y in both) / len(both), 3) if both else 0.0
