"""A document of a fax: its type and its typed fields, each with where it stands and how sure it is."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz import fuzz

from hub.formats.dates import read_local_time
from hub.formats.fax.owners import PATIENT, Anchor, anchors_of, owner_of
from hub.formats.fax.pairs import Cell, Pair, cells_of, pairs_of, sections_of
from hub.formats.fax.sections import Result, Section, heading_of, results, sections
from hub.formats.fax.split import Part, split
from hub.formats.fax.types import DocumentType
from hub.formats.fax.values import (
    READERS,
    Value,
    read_birth_date,
    read_day,
    read_diagnoses,
    read_npi,
    read_person,
    read_phone,
    read_referral,
)
from hub.formats.names import NO_NAME, PersonName
from hub.formats.treatment import treatment_changes
from hub.ports import Box, Page

US_DATES = "%m/%d/%Y"


@dataclass(frozen=True, slots=True)
class Found:
    """A value that was read: on which page (of the file, from 1) and where, by which method, how sure (0 to 1)."""

    value: str
    confidence: float
    page: int
    box: Box
    method: str


class Person(NamedTuple):
    """Somebody a document names."""

    name: PersonName = NO_NAME
    npi: str = ""


NOBODY = Person()


@dataclass(frozen=True, slots=True)
class FaxDocument:
    """One document of a fax. Dates are FHIR dates (``YYYY-MM-DD``), ``signed_at`` a local time without offset
    (``YYYY-MM-DDTHH:MM:SS``) or empty; ``fields`` are single values by name, ``type_confidence`` is 0 to 1."""

    pages: tuple[Page, ...]
    type: DocumentType
    type_confidence: float
    title: str
    split_confidence: float = 1.0
    fields: Mapping[str, Found] = field(default_factory=dict)
    patient: PersonName = NO_NAME
    author: Person = NOBODY
    referrer: Person = NOBODY
    organization: str = ""
    signed_at: str = ""
    final: bool = False
    referral_numbers: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    results: tuple[Result, ...] = ()
    codes: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    """What says that the pages speak of more than one patient; never a value."""

    def value(self, name: str) -> str:
        """The field's value, empty where it was not found."""
        found = self.fields.get(name)
        return found.value if found else ""

    def section(self, key: str) -> str:
        """The text of the first section of that kind, in one line."""
        return next((" ".join(s.text.split()) for s in self.sections if s.key == key), "")

    @property
    def text(self) -> str:
        return "\n".join(page.text for page in self.pages)

    @property
    def confidence(self) -> float:
        """That of the fields that say whose the document is: of the least sure of them."""
        named = [
            self.fields[name].confidence for name in ("patient_last", "patient_first", "dob") if name in self.fields
        ]
        return round(min(named), 4) if len(named) == 3 else 0.0


SERVICE_DATES = {
    "consult_note": ("service_date", "exam_date"),
    "discharge_summary": ("discharge_date", "service_date"),
    "lab_report": ("collected_date", "service_date", "received_date", "reported_date"),
    "radiology_report": ("exam_date", "service_date"),
    "prior_authorization": ("request_date", "service_date", "referral_date"),
    "prescription": ("written_date", "request_date", "referral_date", "service_date"),
    "medical_records_request": ("request_date", "service_date"),
    "referral_request": ("referral_date", "request_date", "service_date"),
}
"""By type, which date says when what the document tells was done; the plain date of the document comes last."""
_ANY_DATE = (
    *("service_date", "exam_date", "date", "written_date", "request_date", "referral_date"),
    *("collected_date", "discharge_date"),
)
REFERRERS = ("referrer", "prescriber", "pcp")
_REFERRAL_NUMBER = re.compile(r"\bREF\s?[-–]\s?(\d{3,})\b")
_FINAL = re.compile(r"\b(?:final(?: report| note)?|electronically\s*signed|e-?signed|signed\s*by)\b", re.IGNORECASE)
_NOT_FINAL = re.compile(r"\b(?:preliminary|interim|draft|unsigned|not final)\b", re.IGNORECASE)
_SAME_NAME = 70
"""Likeness (0 to 100) of family names that are two readings of one."""
_NOT_ITS_PATIENTS = ("cover_sheet",)


def read_documents(pages: Sequence[Page], date_format: str = US_DATES) -> list[FaxDocument]:
    """The documents on the pages of a file, in order. Dates are ISO, with a month's name, or as
    ``date_format`` says."""
    return [_read(part, date_format) for part in split(pages)]


@dataclass(slots=True)
class _Form:
    """What a document's pages say by label."""

    pairs: list[Pair]
    anchors: list[Anchor]
    date_format: str

    def of(self, *keys: str) -> Iterator[Pair]:
        """Pairs of the first key first, in reading order, those without doubt before others."""
        for key in keys:
            yield from sorted((pair for pair in self.pairs if pair.key == key), key=lambda pair: not pair.decided)

    def owner(self, pair: Pair) -> str:
        return owner_of(pair, self.anchors)


def _read(part: Part, date_format: str) -> FaxDocument:
    cells = [(page.number, cells_of(page)) for page in part.pages]
    form = _form(part.pages, cells, date_format)
    kind = part.title.type
    patient, fields = _patient(form) if kind.key not in _NOT_ITS_PATIENTS else (NO_NAME, {})
    people = {role: _person(form, keys) for role, keys in _roles(kind.key).items()}
    fields |= {name: found for name, (_, found) in people.items() if found}
    fields |= dict(_dates_and_numbers(form, kind.key))
    lines = [cell.line.text for _, page in cells for cell in page]
    signed = next((pair.value for pair in form.of("signed")), "")
    diagnoses = dict(_diagnoses(form))
    if diagnoses:
        fields["diagnosis_code"] = next(iter(diagnoses.values()))
    return FaxDocument(
        pages=part.pages,
        type=kind,
        type_confidence=round(part.title.score, 4),
        title=part.title.text.strip(),
        split_confidence=part.sure,
        fields=fields,
        patient=patient,
        author=people["author"][0],
        referrer=people["referring_provider"][0],
        organization=_organization(cells, part.title.text),
        signed_at=read_local_time(signed, date_format),
        final=_is_final(lines, next((pair.value for pair in form.of("status")), "")),
        referral_numbers=_referral_numbers(form, lines),
        diagnoses=tuple(diagnoses),
        changes=treatment_changes(lines),
        sections=tuple(sections(cells)),
        results=tuple(results(cells)) if kind.key in {"lab_report", "other"} else (),
        codes=tuple(dict.fromkeys(code for page in part.pages for code in page.codes)),
        contradictions=tuple(_contradictions(form)),
    )


def _form(pages: Sequence[Page], cells: Sequence[tuple[int, list[Cell]]], date_format: str) -> _Form:
    pairs = [pair for page, (_, on) in zip(pages, cells, strict=True) for pair in pairs_of(page, on)]
    heads = [(owner, number, box) for number, on in cells for owner, box in sections_of(on)]
    heads += [("text", number, cell.line.box) for number, on in cells for cell in on if heading_of(cell.line.text)]
    return _Form(pairs, anchors_of(pairs, heads), date_format)


def _patient(form: _Form) -> tuple[PersonName, dict[str, Found]]:
    """The patient's name and all fields that are the patient's own."""
    name, fields = _patient_name(form)
    for key, label, read in (
        ("dob", "birth_date", lambda text: read_birth_date(text, form.date_format)),
        ("mrn", "mrn", READERS["mrn"]),
    ):
        if found := _first(form.of(label), read):
            fields[key] = found
    own = [pair for pair in form.of("own_phone", "phone") if pair.key == "own_phone" or form.owner(pair) == PATIENT]
    if found := _first(own, read_phone):
        fields["phone"] = found
    if found := _first([pair for pair in form.of("sex") if form.owner(pair) in {PATIENT, ""}], READERS["sex"]):
        fields["sex"] = found
    addresses = [pair for pair in form.of("address") if form.owner(pair) == PATIENT]
    if found := _first(addresses, lambda text: Value(text) if re.search(r"\d.*[A-Za-z]", text) else None):
        fields["address"] = found
    return name, fields


def _patient_name(form: _Form) -> tuple[PersonName, dict[str, Found]]:
    """The first label of the patient beside which a name stands; family and given name may have labels of their own."""
    mine = [pair for pair in form.of("name") if form.owner(pair) in {PATIENT, ""}]
    best: tuple[float, PersonName, Pair] | None = None
    for pair in (*form.of("patient"), *mine):
        name, quality = read_person(pair.value)
        if quality and (best is None or quality * pair.score > best[0] + 0.1):
            best = quality * pair.score, name, pair
    if best:
        quality, name, pair = best
        sure = _sure(pair, quality / pair.score)
        values = {"patient_last": name.family, "patient_first": name.given[0]}
        return name, {key: Found(value, sure, pair.page, pair.box, pair.method) for key, value in values.items()}
    return _parted_name(form)


def _parted_name(form: _Form) -> tuple[PersonName, dict[str, Found]]:
    parts = {}
    for key, label in (("patient_last", "last_name"), ("patient_first", "first_name")):
        mine = [pair for pair in form.of(label) if form.owner(pair) in {PATIENT, ""}]
        if found := _first(mine, lambda text: Value(text.strip(" ,")) if text[:1].isalpha() else None):
            parts[key] = found
    if len(parts) < 2:
        return NO_NAME, {}
    return PersonName(parts["patient_last"].value, tuple(parts["patient_first"].value.split())), parts


def _contradictions(form: _Form) -> Iterator[str]:
    """Two birth dates, or two names that are no misreadings of one another, are two patients."""
    mine = [pair for pair in form.of("birth_date") if form.owner(pair) in {PATIENT, ""}]
    if len({day.text for pair in mine if (day := read_day(pair.value, form.date_format))}) > 1:
        yield "two birth dates are on the pages"
    named = [name for pair in form.of("patient") if pair.decided for name, sure in [read_person(pair.value)] if sure]
    families = ["".join(filter(str.isalpha, name.family.casefold())) for name in named]
    if any(fuzz.ratio(families[0], other) < _SAME_NAME for other in families[1:]):
        yield "two patients are named on the pages"


def _roles(kind: str) -> dict[str, tuple[str, ...]]:
    """Whose labels tell who referred or ordered, and who wrote. What a form is ``from`` is who refers on a referral."""
    asks = kind in {"referral_request", "prior_authorization", "medical_records_request"}
    return {
        "referring_provider": (*REFERRERS, *(("sender", "author") if asks else ())),
        "author": ("author", "signed"),
    }


def _person(form: _Form, keys: Sequence[str]) -> tuple[Person, Found | None]:
    """The first of these labels beside which a person's name stands, with the NPI that follows it."""
    for pair in form.of(*keys):
        name, quality = read_person(pair.value)
        if quality and (pair.decided or quality == 1.0):
            shown = f"{name.family}, {name.given[0]}"
            found = Found(shown, _sure(pair, quality), pair.page, pair.box, pair.method)
            return Person(name, _npi(form, pair, keys)), found
    return Person(), None


def _npi(form: _Form, of: Pair, keys: Sequence[str]) -> str:
    """The NPI beside the person: that of another one, or of a letterhead, is not theirs."""
    if inline := read_npi(of.value):
        return inline.text
    own = (pair for pair in form.of("npi") if form.owner(pair) in keys)
    return next((value.text for pair in own if (value := read_npi(pair.value))), "")


def _dates_and_numbers(form: _Form, kind: str) -> Iterator[tuple[str, Found]]:
    dates = (*SERVICE_DATES.get(kind, ()), *_ANY_DATE)
    if kind in _NOT_ITS_PATIENTS:
        return
    if found := _first(form.of(*dates), lambda text: read_day(text, form.date_format)):
        yield "date_of_service", found
    if found := _first(form.of("referral"), read_referral):
        yield "referral_id", found
    if found := _first(form.of("authorization"), READERS["mrn"]):
        yield "authorization_number", found


def _diagnoses(form: _Form) -> Iterator[tuple[str, Found]]:
    for pair in form.of("diagnosis"):
        for code in read_diagnoses(pair.value):
            yield code.text, Found(code.text, _sure(pair, code.quality), pair.page, pair.box, pair.method)


def _first(pairs: Iterable[Pair], read: Callable[[str], Value | None]) -> Found | None:
    """The first value of the right kind; less sure where another label of the kind says something else."""
    found = [(pair, value) for pair in pairs if (value := read(pair.value))]
    if not found:
        return None
    pair, value = found[0]
    rivals = {other.text for at, other in found if at.key == pair.key} - {value.text}
    sure = _sure(pair, value.quality) * (0.85 if rivals else 1.0)
    return Found(value.text, round(sure, 4), pair.page, pair.box, pair.method)


def _sure(pair: Pair, quality: float) -> float:
    return round(pair.sure * pair.score * quality, 4)


def _organization(cells: Sequence[tuple[int, list[Cell]]], title: str) -> str:
    """The letterhead: the first line, unless it is the title or a labelled field."""
    first = next((cell for _, page in cells for cell in page if any(c.isalpha() for c in cell.line.text)), None)
    if first is None or first.labels or first.line.text == title:
        return ""
    return first.line.text.strip()


def _is_final(lines: Sequence[str], status: str) -> bool:
    """A note is final when it says so or is signed, and says nowhere that it is not."""
    if status:
        return bool(_FINAL.search(status)) and not _NOT_FINAL.search(status)
    return bool(_FINAL.search("\n".join(lines))) and not _NOT_FINAL.search("\n".join(lines[:10]))


def _referral_numbers(form: _Form, lines: Sequence[str]) -> tuple[str, ...]:
    """Labelled numbers and everything that looks like one of the hub's (``REF-2201``), each once."""
    labelled = [value.text for pair in form.of("referral") if (value := read_referral(pair.value))]
    printed = [f"REF-{digits}" for line in lines for digits in _REFERRAL_NUMBER.findall(line)]
    return tuple(dict.fromkeys([*labelled, *printed]))
