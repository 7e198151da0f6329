"""What kind of document a page begins: by a title, wherever wordings differ, and by what such documents speak of."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from hub.formats.fax.labels import labels_in
from hub.formats.fax.pairs import INLINE, cells_of, pairs_of
from hub.ports import Line, Page

OTHER = "other"


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A kind of document by the hub's own ``key``, with its LOINC code (document ontology) and display where there is
    one."""

    key: str = OTHER
    loinc: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """The line that names the kind of a document; ``score`` is 0 to 1, how well it does."""

    type: DocumentType = DocumentType()
    text: str = ""
    score: float = 0.0
    top: float = 1.0


def _type(key: str, loinc: str, display: str) -> DocumentType:
    return DocumentType(key, loinc, display)


_CONSULT = _type("consult_note", "11488-4", "Consult note")
_REFERRAL = _type("referral_request", "57133-1", "Referral note")
_DISCHARGE = _type("discharge_summary", "18842-5", "Discharge summary")
_LAB = _type("lab_report", "11502-2", "Laboratory report")
_IMAGING = _type("radiology_report", "18748-4", "Diagnostic imaging study")
_PRIOR_AUTH = _type("prior_authorization", "", "Prior authorization")
_PRESCRIPTION = _type("prescription", "57833-6", "Prescription for medication")
_RECORDS = _type("medical_records_request", "", "Medical records request")
_COVER = _type("cover_sheet", "", "Fax cover sheet")

TITLES: tuple[tuple[str, DocumentType], ...] = (
    # in order: what is said more specifically comes first
    (
        r"(?:fax|facsimile)?cover(?:sheet|page|letter)|^fax$|facsimile(?:transmi\w+|cover\w*|message)?(?:sheet|form|page)?"
        r"|(?:tele)?faxtransmi\w+(?:sheet|form|page)?|^telefax|transmittal(?:sheet|form)?$|faxmessage",
        _COVER,
    ),
    (
        r"priorauth|preauth|pre-?certification|authorization(?:determination|request|decision)|coveragedetermination",
        _PRIOR_AUTH,
    ),
    (
        r"(?:medical)?recordsrequest|requestfor(?:medical)?records|releaseof(?:medical|information|health|records)"
        r"|releasemedical|authorizationto(?:release|disclose)|authorizationfor(?:release|disclosure)|healthinformationrequest",
        _RECORDS,
    ),
    (r"discharge(?:summary|report|note|instructions)|summaryofdischarge|hospitalsummary", _DISCHARGE),
    (r"refill|prescription|^rx|medicationorder|e-?prescri|drugorder", _PRESCRIPTION),
    (
        r"requestforconsult|consult(?:ation)?(?:request|order)|referral(?:request|form|order|letter|note|sheet)"
        r"|referralto|patientreferral|specialistreferral|requestforreferral|referralfor|^referral$|outpatientreferral",
        _REFERRAL,
    ),
    (
        r"radiolog|imagingreport|diagnosticimaging|x-?rayreport|(?:ct|mri|mr|pet|dexa)(?:scan)?report|ultrasoundreport"
        r"|mammogra|sonogra|imagingresult|x-?ray|ctof|mriof|^(?:ct|mri)(?:abdomen|chest|brain|head|lumbar|spine)",
        _IMAGING,
    ),
    (r"laborator|labreport|labresult|pathologyreport|testresult|resultreport|bloodwork|chemistryreport|^lab", _LAB),
    (
        r"consult(?:ation|ant|ative)?(?:note|report|letter|summary|visit|$)|consultnote|consultation|specialistletter"
        r"|(?:cardiology|neurology|nephrology|pulmonary|endocrinology|specialist)(?:officevisit|visit|letter|note|evaluation)",
        _CONSULT,
    ),
    (r"historyand(?:physical)|history&physical|^h&p$", _type(OTHER, "34117-2", "History and physical note")),
    (r"progressnote|officevisit|soapnote", _type(OTHER, "11506-3", "Progress note")),
    (r"operative(?:note|report)", _type(OTHER, "11504-8", "Surgical operation note")),
    (r"transfersummary", _type(OTHER, "18761-7", "Transfer summary note")),
)
_TITLES = tuple((re.compile(words), kind) for words, kind in TITLES)
_FUZZY = {
    "referralrequest": _REFERRAL, "specialistreferralform": _REFERRAL, "requestforconsultation": _REFERRAL,
    "patientreferral": _REFERRAL, "referralorder": _REFERRAL, "consultationnote": _CONSULT,
    "consultationreport": _CONSULT, "consultnote": _CONSULT, "cardiologyconsultation": _CONSULT,
    "dischargesummary": _DISCHARGE, "inpatientdischargereport": _DISCHARGE, "laboratoryreport": _LAB,
    "laboratoryresults": _LAB, "testresults": _LAB, "labresults": _LAB, "radiologyreport": _IMAGING,
    "diagnosticimagingreport": _IMAGING, "imagingreport": _IMAGING, "x-rayreport": _IMAGING,
    "priorauthorizationrequest": _PRIOR_AUTH, "priorauthorization": _PRIOR_AUTH, "prescription": _PRESCRIPTION,
    "prescriptionrefillrequest": _PRESCRIPTION, "medicationorder": _PRESCRIPTION,
    "medicalrecordsrequest": _RECORDS, "requestformedicalrecords": _RECORDS, "releaseofinformationrequest": _RECORDS,
    "faxcoversheet": _COVER, "facsimiletransmittal": _COVER, "faxtransmission": _COVER, "facsimilecoverpage": _COVER,
}  # fmt: skip
_EVIDENCE = (
    (r"reference\s*(?:range|interval)|specimen|collected|accession", _LAB),
    (
        r"hospital\s*course|discharge\s*(?:diagnos|medication|condition|disposition)"
        r"|admission\s*date|date\s*of\s*admission",
        _DISCHARGE,
    ),
    (r"reason\s*for\s*referral|please\s*evaluate|referred\s*to|refer\s*to", _REFERRAL),
    (r"\bfindings\b|\btechnique\b|\bcomparison\b|\bcontrast\b|radiologist", _IMAGING),
    (r"\brefills?\b|\bdisp(?:ense)?\b|\bsig\b|\bdaw\b|\bquantity\b", _PRESCRIPTION),
    (r"authorization\s*(?:number|#|no)|\bcpt\b|member\s*id|medical\s*necessity|health\s*plan", _PRIOR_AUTH),
    (r"release\s*(?:of|the)|records\s*(?:from|for|of|requested)|purpose\s*of\s*(?:disclosure|request)", _RECORDS),
    (
        r"thank\s*you\s*for\s*(?:referring|allowing|asking|the\s*opportunity)"
        r"|history\s*of\s*present|assessment\s*(?:and|&)\s*plan",
        _CONSULT,
    ),
    (r"number\s*of\s*pages|confidentiality\s*notice|intended\s*recipient|#\s*of\s*pages|pages\s*\(?incl", _COVER),
)
_CLUES = tuple((re.compile(words, re.IGNORECASE), kind) for words, kind in _EVIDENCE)
_ORGANIZATION = re.compile(
    r"\b(?:associates|cent(?:er|re)|group|hospital|clinic|institute|services|partners|department|p\.?c\.?|llc|inc)\.?$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b[A-Z]{2}\.?\s*\d{5}\b|\b(?:phone|tel|telephone)\b.*\d{4}", re.IGNORECASE)
"""What stands below the name of a sender, and not below a title."""
_HEAD = 0.45
"""Share of a page's height within which its title stands."""


def find_title(page: Page) -> Title:
    """The page's title, or one without score. A title is short, stands in the upper part of its page, is no field with
    a value, and is as a rule larger than the text."""
    usual = statistics.median(_height(line) for line in page.lines) if page.lines else 0.0
    cells = cells_of(page)
    values = {pair.box for pair in pairs_of(page, cells) if pair.method != INLINE and pair.score > 0.9}
    head = [cell.line for cell in cells if cell.line.box.top < _HEAD and cell.line.box not in values]
    found = []
    for line, below in zip(head, [*head[1:], None], strict=False):
        if title := _as_title(line, usual):
            letterhead = _ORGANIZATION.search(line.text) or (below and _ADDRESS.search(below.text))
            label = bool(labels_in(line.text)) and _height(line) < 1.25 * usual and title.type.key != "cover_sheet"
            found.append(replace(title, score=title.score * (0.6 if letterhead else 1.0) * (0.7 if label else 1.0)))
    return max(found, key=lambda title: title.score, default=Title())


def evidence(page: Page) -> dict[str, float]:
    """How much of what a kind of document speaks of is on the page, by its key, 0 to 1."""
    text = page.text
    hits = {kind.key: len({hit.casefold() for hit in clue.findall(text)}) for clue, kind in _CLUES}
    return {key: min(count / 3, 1.0) for key, count in hits.items() if count}


def judged(title: Title, page: Page) -> Title:
    """The title, corroborated or called in doubt by what the page speaks of; without title what it speaks of most."""
    clues = evidence(page)
    if title.score:
        others = max((share for key, share in clues.items() if key != title.type.key), default=0.0)
        doubt = max(0.0, others - clues.get(title.type.key, 0.0)) * 0.1
        return Title(title.type, title.text, title.score * (1 - doubt), title.top)
    key, share = max(clues.items(), key=lambda one: one[1], default=(OTHER, 0.0))
    if share < 0.6:
        return title
    return Title(next(kind for _, kind in _CLUES if kind.key == key), "", 0.6 * share)


def squeezed(text: str) -> str:
    """In lower case and without blanks, as recognition may drop them."""
    return re.sub(r"[\s:_*.,]+", "", text).casefold()


def _as_title(line: Line, usual: float) -> Title | None:
    text = squeezed(line.text)
    if not 2 < len(text) <= 48 or sum(map(str.isdigit, text)) > 2 or re.search(r":\s*\S", line.text):
        return None
    large = min(_height(line) / usual, 2.0) if usual else 1.0
    prominent = 0.75 + 0.25 * (large - 0.8 if large < 1.8 else 1.0) * (1 - line.box.top)
    for pattern, kind in _TITLES:
        if match := pattern.search(text):
            share = len(match[0]) / len(text)
            return Title(kind, line.text, min(1.0, (0.55 + 0.45 * share) * prominent * 1.15), line.box.top)
    if len(text) < 8:
        return None
    near = process.extractOne(text, _FUZZY.keys(), scorer=fuzz.ratio, score_cutoff=82)
    return Title(_FUZZY[near[0]], line.text, near[1] / 100 * prominent, line.box.top) if near else None


def _height(line: Line) -> float:
    return line.box.bottom - line.box.top


def known_type(key: str) -> DocumentType:
    """The type of that key."""
    return next((kind for _, kind in _TITLES if kind.key == key), DocumentType())


def types() -> Sequence[str]:
    """All keys, ``other`` last."""
    return (*dict.fromkeys(kind.key for _, kind in _TITLES if kind.key != OTHER), OTHER)
