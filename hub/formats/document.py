"""Pages of text lines → the fields of a clinical document (consult note, discharge summary …). Pure.

A field is found by its label (``DOB:``), its value is to the right of it or, when nothing is there, on the line
below. Labels that belong to a letterhead do not count as the patient's: phone and sex are read only in the patient's
block, between the patient's label and the first section heading. Nothing is guessed: what is not labelled or does
not parse stays empty, and the caller decides whether a person must look.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.formats.dates import read_date, read_local_time
from hub.formats.names import NO_NAME, PersonName, read_name
from hub.formats.treatment import CHANGE_HEADING, HEADING, treatment_changes
from hub.ports import Page


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A title's meaning: LOINC code and display (LOINC document ontology); both empty when the title says nothing."""

    loinc: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a document names."""

    name: PersonName = NO_NAME
    npi: str = ""


@dataclass(frozen=True, slots=True)
class DocumentFields:
    """What a document says. Dates are FHIR dates (``YYYY-MM-DD``), ``signed_at`` a local time without offset
    (``YYYY-MM-DDTHH:MM:SS``) or empty; ``confidence`` (0–1) is that of the fields that identify the patient."""

    title: str = ""
    type: DocumentType = DocumentType()
    patient: PersonName = NO_NAME
    birth_date: str = ""
    sex: str = ""
    mrn: str = ""
    phone: str = ""
    author: Person = Person()
    organization: str = ""
    date: str = ""
    signed_at: str = ""
    final: bool = False
    referral_numbers: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    impression: str = ""
    text: str = ""
    confidence: float = 1.0


_TYPES = {
    r"\bconsult(?:ation|ant)?s?\b.*\b(?:note|report|letter|summary)\b|^consultation$": ("11488-4", "Consult note"),
    r"\bdischarge summary\b": ("18842-5", "Discharge summary"),
    r"\bhistory (?:and|&) physical\b": ("34117-2", "History and physical note"),
    r"\bprogress note\b": ("11506-3", "Progress note"),
    r"\boperative (?:note|report)\b": ("11504-8", "Surgical operation note"),
    r"\btransfer summary\b": ("18761-7", "Transfer summary note"),
    r"\breferral (?:note|letter|request)\b": ("57133-1", "Referral note"),
}
_TITLES = {re.compile(words, re.IGNORECASE): DocumentType(*meaning) for words, meaning in _TYPES.items()}

_LABELS = {
    "patient": r"patient(?:'s)?(?: name)?|name of patient|re",
    "birth_date": r"date of birth|birth ?date|dob|d\.o\.b\.?|born",
    "sex": r"sex|gender",
    "mrn": r"mrn|medical record(?: number| no\.?)?|chart(?: number| no\.?)?|m\.r\.n\.",
    "phone": r"phone|telephone|tel|home phone|mobile|cell",
    "fax": r"fax",
    "author": r"author|provider|consultant|consulting (?:physician|provider)|dictated by|attending(?: physician)?",
    "signed": r"(?:electronically )?signed by|e-signed by",
    "referrer": r"referring(?: physician| provider)?|referred by|requesting(?: physician| provider)?|to|cc|pcp",
    "npi": r"npi",
    "date": r"date of (?:service|consultation|visit)|service date|visit date|consultation date|dos|date",
    "referral": r"referral(?: number| no\.?| id| #)?|our referral|ref(?:erence)? no\.?",
    "status": r"(?:document |report )?status",
}
_UNMISTAKABLE = ("birth_date", "mrn", "npi", "signed")
_PERSONS = ("patient", "author", "signed", "referrer")
_PATIENTS_OWN = ("phone", "sex")
_LABEL = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")(?:\s*[:#]\s*#?|(?=\s)|$)",
    re.IGNORECASE,
)
_IMPRESSION = re.compile(r"^(?:impression|assessment(?: and plan)?|diagnos[ei]s)\s*(?::.*)?$", re.IGNORECASE)
_REFERRAL_NUMBER = re.compile(r"\bREF[-–]\d{3,}\b")
_NPI = re.compile(r"\b[12]\d{9}\b")
_FINAL = re.compile(r"\b(?:final(?: report| note)?|electronically signed|e-signed|signed by)\b", re.IGNORECASE)
_NOT_FINAL = re.compile(r"\b(?:preliminary|interim|draft|unsigned|not final)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Found:
    """Values by label in reading order, and the NPI that followed each person's label."""

    values: dict[str, list[str]] = field(default_factory=dict)
    npis: dict[str, str] = field(default_factory=dict)

    def first(self, name: str) -> str:
        return next((v for v in self.values.get(name, ()) if v), "")

    def own(self, person: str, text: str) -> None:
        """The NPI in ``text`` belongs to the person named last; one of a letterhead belongs to nobody."""
        if person and (npi := _NPI.search(text)):
            self.npis.setdefault(person, npi[0])


def read_document(pages: Sequence[Page], date_format: str = "%m/%d/%Y") -> DocumentFields:
    """The fields of the document on ``pages``. Dates are ISO, with a month's name, or as ``date_format`` says."""
    lines = tuple(line.strip() for page in pages for line in page.lines)
    title, kind = _title(lines)
    found = _labelled(lines)
    author = "author" if found.first("author") else "signed"
    signed = found.first("signed")
    return DocumentFields(
        title=title,
        type=kind,
        patient=read_name(found.first("patient")),
        birth_date=read_date(found.first("birth_date"), date_format),
        sex=_sex(found.first("sex")),
        mrn=_first_word(found.first("mrn")),
        phone=found.first("phone"),
        author=Person(read_name(found.first(author)), found.npis.get("author") or found.npis.get("signed", "")),
        organization=_organization(lines, title),
        date=read_date(found.first("date"), date_format),
        signed_at=read_local_time(signed, date_format),
        final=_is_final(lines, found),
        referral_numbers=_referral_numbers(lines, found),
        changes=treatment_changes(lines),
        impression=_section(lines, _IMPRESSION),
        text="\n".join("\n".join(page.lines) for page in pages),
    )


def _title(lines: Sequence[str]) -> tuple[str, DocumentType]:
    """The first line that names a kind of document; without one no title."""
    for line in lines[:40]:
        for pattern, meaning in _TITLES.items():
            if len(line) <= 60 and pattern.search(line):
                return line, meaning
    return "", DocumentType()


def _labelled(lines: Sequence[str]) -> _Found:
    found = _Found()
    owner, in_header = "", True
    for number, line in enumerate(lines):
        in_header = in_header and not (HEADING.match(line) or CHANGE_HEADING.match(line))
        below = lines[number + 1] if number + 1 < len(lines) else ""
        for name, value in _pairs(line, below):
            owner = name if name in _PERSONS else owner
            if name == "npi":
                found.own(owner, value)
            elif name not in _PATIENTS_OWN or (in_header and "patient" in found.values):
                found.values.setdefault(name, []).append(value)
    return found


def _pairs(line: str, below: str) -> list[tuple[str, str]]:
    """The labels of a line with their values: what stands between a label and the next, else the line below."""
    labels = _labels(line)
    ends = [label.start() for label in labels[1:]] + [len(line)] * bool(labels)
    values = [line[label.end() : end].strip(" ,;|") for label, end in zip(labels, ends, strict=True)]
    if len(labels) == 1 and not values[0] and not _labels(below):
        values = [below]
    return [(label.lastgroup or "", value) for label, value in zip(labels, values, strict=True)]


def _labels(line: str) -> list[re.Match[str]]:
    """Labels end with a colon or stand alone in their line; a few are unmistakable without either."""
    return [
        m
        for m in _LABEL.finditer(line)
        if m[0].rstrip().endswith((":", "#")) or m.lastgroup in _UNMISTAKABLE or m[0].strip() == line
    ]


def _sex(text: str) -> str:
    return {"m": "male", "f": "female"}.get(text[:1].lower(), "")


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0].strip(",;") if text else ""


def _organization(lines: Sequence[str], title: str) -> str:
    """The letterhead: the first line, unless it is the title or a labelled field."""
    first = next((line for line in lines if line), "")
    return "" if first == title or _labels(first) or not any(c.isalpha() for c in first) else first


def _is_final(lines: Sequence[str], found: _Found) -> bool:
    """A note is final when it says so or is signed, and says nowhere that it is not."""
    status = found.first("status")
    if status:
        return bool(_FINAL.search(status)) and not _NOT_FINAL.search(status)
    head = "\n".join(lines)
    return bool(_FINAL.search(head)) and not _NOT_FINAL.search("\n".join(lines[:10]))


def _referral_numbers(lines: Sequence[str], found: _Found) -> tuple[str, ...]:
    """Labelled numbers and everything that looks like one of the hub's (``REF-2201``), each once."""
    labelled = [_first_word(value) for value in found.values.get("referral", ())]
    printed = [number for line in lines for number in _REFERRAL_NUMBER.findall(line)]
    return tuple(dict.fromkeys(n for n in [*labelled, *printed] if any(c.isdigit() for c in n)))


def _section(lines: Sequence[str], heading: re.Pattern[str]) -> str:
    """The text under a heading, to the next heading or empty line."""
    text: list[str] = []
    inside = False
    for line in lines:
        if heading.match(line):
            inside = True
            text = [line.partition(":")[2].strip()] if ":" in line else []
        elif inside and (not line or HEADING.match(line) or CHANGE_HEADING.match(line)):
            break
        elif inside:
            text.append(line)
    return " ".join(part for part in text if part)
