"""What the documents of a file say, and what is to be done with each: filed, looked at by a person, or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hub.errors import Unreadable
from hub.formats.bodies import media_type
from hub.formats.fax import FaxDocument, Found, read_documents
from hub.formats.fax.calibration import calibrated
from hub.formats.fax.sections import Result
from hub.ports import Page
from hub.services.fax.known import Known
from hub.services.fax.matching import NEW, Match, match

SURE_TYPE = 0.6
"""Score of a title from which the type of a document is taken for granted."""
SURE = 0.9
"""Calibrated confidence that name and birth date need for a document to be filed without a person."""


class Verdict(StrEnum):
    """What is to be done with a document."""

    AUTO = "auto"
    REVIEW = "review"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """One document of a file: its pages (from 1), its type (0 to 1 sure), its fields with calibrated confidences, and
    what is to be done with it, with the reasons."""

    pages: tuple[int, ...]
    type: str
    type_confidence: float
    title: str
    fields: Mapping[str, Found]
    decision: Verdict
    reasons: tuple[str, ...]
    text: str
    results: tuple[Result, ...] = ()
    changes: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fax:
    """What one file says; ``error`` says why it could not be read."""

    file: str
    pages: int = 0
    documents: tuple[DocumentRead, ...] = ()
    error: str = ""


def read_fax(name: str, body: bytes, known: Known, read_pages: Callable[[bytes, str], tuple[Page, ...]]) -> Fax:
    """Reads one file; what cannot be read is an ``error``, so that the files after it are read."""
    try:
        pages = read_pages(body, media_type(name, body))
        if not any(page.lines for page in pages):
            return Fax(name, len(pages), error="no text could be read on any page")
        return Fax(name, len(pages), tuple(_document(each, known) for each in read_documents(pages)))
    except Unreadable as error:
        return Fax(name, error=f"{error.path}: {error}" if error.path else str(error))


def _document(document: FaxDocument, known: Known) -> DocumentRead:
    found = match(document, known)
    verdict, reasons = decide(document, found)
    return DocumentRead(
        pages=tuple(page.number for page in document.pages),
        type=document.type.key,
        type_confidence=calibrated("type", document.type_confidence),
        title=document.title,
        fields=_fields(document, found),
        decision=verdict,
        reasons=reasons,
        text=document.text,
        results=document.results,
        changes=document.changes,
        diagnoses=document.diagnoses,
        sections={section.key: section.text for section in reversed(document.sections)},
        codes=document.codes,
    )


def _fields(document: FaxDocument, found: Match) -> dict[str, Found]:
    """The fields with calibrated confidences, and the patient on the roster as one more."""
    fields = {name: calibrated_field(name, field) for name, field in document.fields.items()}
    if found.key:
        named = document.fields["patient_last"]
        fields["patient_key"] = Found(found.key, found.confidence, named.page, named.box, "roster")
    return fields


def calibrated_field(name: str, found: Found) -> Found:
    """The same with its score turned into how often such a score is right."""
    return Found(found.value, calibrated(name, found.confidence), found.page, found.box, found.method)


def decide(document: FaxDocument, found: Match) -> tuple[Verdict, tuple[str, ...]]:
    """Filed without a person is only what names one patient of the roster beyond doubt, on pages that were read well,
    of a known type; a cover sheet is filed with what follows it."""
    if document.type.key == "cover_sheet":
        return Verdict.REJECT, ("a cover sheet, which goes with the documents behind it",)
    doubts = tuple(_doubts(document, found))
    if doubts:
        return Verdict.REVIEW, doubts
    return Verdict.AUTO, (f"one patient fits, by {', '.join(found.agrees)}", f"the title says {document.type.key}")


def _doubts(document: FaxDocument, found: Match) -> "list[str]":
    doubts = []
    missing = [name for name in ("patient_last", "dob") if name not in document.fields]
    if missing:
        doubts.append("the patient's name or birth date could not be read")
    elif min(calibrated(n, document.fields[n].confidence) for n in ("patient_last", "patient_first", "dob")) < SURE:
        doubts.append("the patient's name or birth date was not read surely")
    if document.type.key == "other" or document.type_confidence < SURE_TYPE:
        doubts.append("the type of the document is not clear")
    if document.split_confidence < SURE:
        doubts.append("where the document begins or ends is not clear")
    doubts.extend(document.contradictions)
    if found.key == NEW:
        doubts.append("nobody on the roster has this name and birth date")
    elif not found.certain:
        doubts.extend(found.differs or ("no patient is certain: name and birth date must agree, and one thing more",))
    return doubts
