"""What faxed documents say (``hub fax``): pages read, the kind of document, fields with confidences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hub import registry
from hub.errors import Unreadable
from hub.formats.bodies import media_type
from hub.formats.delimited import Layout, by_header, normal_header, read_table
from hub.formats.document import DocumentFields, read_document
from hub.identity.demographics import Demographics, letters
from hub.ports import Page
from hub.registry import Kind
from hub.services.identity.matching import demographics

PATIENT_KEYS = ("patient_key", "record_id", "id")
REFERRAL_KEYS = ("referral_id", "referral_number", "referral", "number")
CORROBORATED, ALONE = 0.99, 0.95
"""Confidence of a patient found by name and birth date, with and without a number that agrees too."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field that was read; ``confidence`` is 0 to 1, ``page`` the first page of its document within the file."""

    page: int
    name: str
    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Fax:
    """What one file says; ``error`` says why it could not be read."""

    file: str
    pages: int = 0
    fields: tuple[Field, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom and what a fax may be about: the roster by patient key, and the numbers of referrals."""

    roster: tuple[tuple[str, Demographics], ...] = ()
    referrals: frozenset[str] = frozenset()


def read_roster(pieces: Iterable[bytes]) -> tuple[tuple[str, Demographics], ...]:
    """The roster's patients. The key is the column ``patient_key``, ``record_id`` or ``id``, else the number of the row
    (from 1). Raises ``Unreadable``."""
    return tuple(
        (_first(row, PATIENT_KEYS) or str(number), demographics(row)) for number, row in enumerate(_rows(pieces), 1)
    )


def read_referrals(pieces: Iterable[bytes]) -> frozenset[str]:
    """The numbers in the first column there is of ``REFERRAL_KEYS``. Raises ``Unreadable``."""
    return frozenset(filter(None, (_first(row, REFERRAL_KEYS) for row in _rows(pieces))))


def read_fax(name: str, body: bytes, known: Known) -> Fax:
    """Reads one file; what cannot be read is an ``error``, so that the files after it are read."""
    try:
        pages = _pages(name, body)
    except Unreadable as error:
        return Fax(name, error=str(error))
    document = read_document(pages)
    fields = (*_fields(document), *_known(document, known))
    return Fax(name, len(pages), tuple(Field(1, field, value, sure) for field, value, sure in fields if value))


def _pages(name: str, body: bytes) -> tuple[Page, ...]:
    registry.load_all()
    kind = media_type(name, body)
    reader = next((p for p in registry.plugins(Kind.OCR) if p.name == kind), None)
    pages: tuple[Page, ...] = reader.factory().read(body) if reader else ()
    if not any(page.lines for page in pages):
        raise Unreadable("no text layer, and no engine that reads scanned pages is installed", code="no-reader")
    return pages


def _fields(document: DocumentFields) -> Iterator[tuple[str, str, float]]:
    patient, author, sure = document.patient, document.author, document.confidence
    said = {
        "document_type": document.type.display,
        "document_type_loinc": document.type.loinc,
        "title": document.title,
        "patient_family": patient.family,
        "patient_given": " ".join(patient.given),
        "birth_date": document.birth_date,
        "sex": document.sex,
        "mrn": document.mrn,
        "phone": document.phone,
        "author": " ".join((*author.name.given, author.name.family)).strip(),
        "author_npi": author.npi,
        "organization": document.organization,
        "date": document.date,
        "signed_at": document.signed_at,
        "final": str(document.final).lower(),
        "impression": document.impression,
    }
    yield from ((name, value, sure) for name, value in said.items())
    yield from (("referral_number", number, sure) for number in document.referral_numbers)
    yield from (("treatment_change", change, sure) for change in document.changes)


def _known(document: DocumentFields, known: Known) -> Iterator[tuple[str, str, float]]:
    """The one patient of the roster that fits, and the referral that is waited for. Nobody is guessed."""
    fits = [(key, patient) for key, patient in known.roster if _is(patient, document)]
    if len(fits) == 1:
        key, patient = fits[0]
        numbers = {number.rpartition("|")[2] for number in patient.keys}
        yield "patient_key", key, CORROBORATED if document.mrn in numbers else ALONE
    yield from (("referral", n, document.confidence) for n in document.referral_numbers if n in known.referrals)


def _is(patient: Demographics, document: DocumentFields) -> bool:
    name = document.patient
    said = (letters(name.family), letters(name.given[0]) if name.given else "", document.birth_date)
    return patient.named and (patient.family, patient.given, patient.birth_date) == said


def _rows(pieces: Iterable[bytes]) -> Iterator[dict[str, str]]:
    for row, fields in by_header(read_table(pieces, Layout())):
        if row.problem:
            raise Unreadable(f"line {row.line}: {row.problem}", path=f"line {row.line}")
        yield fields


def _first(row: dict[str, str], names: Sequence[str]) -> str:
    return next((value for name in names if (value := row.get(normal_header(name)))), "")
