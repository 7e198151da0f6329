"""A document is what its newest statement says; told once it is final, again when it says something else, and taken
back when it is retracted (HL7 v2.9 chapter 9: T02 original, T06 addendum, T10 replacement, T11 cancel)."""

from dataclasses import dataclass, field, replace

from hub.model import CareEvent, Json, stable_id
from hub.routing import events
from hub.routing.encounters.events import of_visit
from hub.routing.encounters.state import EncounterState
from hub.routing.facts import facts
from hub.routing.statements import Coded, DocumentStatement, Source

DISCHARGE_SUMMARIES = frozenset({"18842-5", "11490-0", "28655-9", "DS"})
"""LOINC discharge summaries (18842-5 and its settings), and HL7 v2 table 0270 ``DS``."""

EXCERPT = 400
"""Characters of a document's text that a notice carries."""

BEGINNINGS = frozenset({"findings", "impression", "assessment", "assessment and plan", "summary", "hospital course"})
HEADINGS = BEGINNINGS | {"plan", "recommendations", "medications", "medication changes", "follow-up", "results"}
"""Lines of a note that are headings; the first ones begin what its reader wants to know."""

IN_SUMMARY = "named in the notice of the discharge summary"


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document as it is stored: its newest order key, and by family (``posted``, ``changes``, ``retracted``) the
    version and the contents that were told."""

    subject: str
    last: tuple[str, ...] = ()
    told: dict[str, tuple[int, str]] = field(default_factory=dict)


def tell(
    record: DocumentRecord, s: DocumentStatement, visit: EncounterState | None = None, silent: str = ""
) -> tuple[DocumentRecord, tuple[CareEvent, ...]]:
    """The record after one more statement, and its events; ``visit`` is the encounter that the document is about.

    A statement that is older than what is known tells nothing.
    """
    if s.source.order_key < record.last:
        return record, ()
    known = replace(record, last=s.source.order_key)
    if s.retracted:
        return _retract(known, s, silent)
    if not s.final:
        return known, ()
    about = {**(of_visit(visit) if visit else {}), **_of_document(s)}
    known, posted = _tell(known, s, "posted", {**about, "kind": kind(s.type)}, silent)
    if not s.changes:
        return known, posted
    named = IN_SUMMARY if kind(s.type) == "discharge-summary" else ""
    known, changed = _tell(known, s, "changes", {**about, "kind": "treatment-change"}, silent or named)
    return known, posted + changed


def kind(code: Coded) -> str:
    """The kind of the event that a posted document is."""
    summary = code.code in DISCHARGE_SUMMARIES or "discharge summary" in code.text.lower()
    return "discharge-summary" if summary else "specialist-finding"


_TYPES = {
    "posted": events.DOCUMENT_POSTED,
    "changes": events.TREATMENT_CHANGED,
    "retracted": events.DOCUMENT_RETRACTED,
}


def _tell(
    record: DocumentRecord, s: DocumentStatement, family: str, about: Json, silent: str
) -> tuple[DocumentRecord, tuple[CareEvent, ...]]:
    contents = stable_id(*s.changes) if family == "changes" else stable_id(s.title, s.type.code, s.text, s.author.npi)
    version, before = record.told.get(family, (0, ""))
    if contents == before:
        return record, ()
    told = replace(record, told={**record.told, family: (version + 1, contents)})
    news = {**about, "version": version + 1, "amended": version > 0}
    corrects = _key(s, family) if version else ""
    return told, (_event(s, family, news, corrects, silent),)


def _retract(record: DocumentRecord, s: DocumentStatement, silent: str) -> tuple[DocumentRecord, tuple[CareEvent, ...]]:
    if "posted" not in record.told or "retracted" in record.told:
        return record, ()
    told = replace(record, told={**record.told, "retracted": (1, "")})
    news = {**_of_document(s), "kind": "document-retracted"}
    return told, (_event(s, "retracted", news, _key(s, "posted"), silent),)


def _key(s: DocumentStatement, family: str) -> str:
    return stable_id("document", s.subject, family)


def _of_document(s: DocumentStatement) -> Json:
    return {
        "document": _name(s),
        "document_type": s.type.code,
        "author": s.author.name or s.author.organization,
        "author_npi": s.author.npi,
        "dated": s.dated,
        "final": s.final,
        "confidence": s.confidence,
        "excerpt": _excerpt(s.text, s.changes),
        "changes": list(s.changes),
    }


def _name(s: DocumentStatement) -> str:
    name = s.title or s.type.text or s.type.code or "document"
    return name.capitalize() if name.isupper() else name


def _excerpt(text: str, changes: tuple[str, ...]) -> str:
    """The beginning of what the author found (letterhead, demographics and questions come before it), without the
    changes of treatment, which are told by themselves."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    begin = next((i for i, line in enumerate(lines) if line.lower().rstrip(":") in BEGINNINGS), 0)
    words = " ".join(_sentence(line) for line in lines[begin:] if line.rstrip(" .;") not in changes)
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1].rstrip() + "…"


def _sentence(words: str) -> str:
    if words.lower() in HEADINGS:
        return f"{words}:"
    return words if words.endswith((".", ":", ";", "?", "!", ",")) else f"{words}."


def _event(s: DocumentStatement, family: str, news: Json, corrects: str, silent: str) -> CareEvent:
    source: Source = s.source
    head = {"type": _TYPES[family], "occurred_at": source.occurred_at, "received_at": source.received_at}
    return CareEvent(
        event_key=_key(s, family),
        type=_TYPES[family],
        kind=news["kind"],
        person_id=source.person_id,
        subject=s.subject,
        message_id=source.message_id,
        occurred_at=source.occurred_at,
        facts=facts({**news, **head}),
        version=news.get("version", 1),
        corrects=corrects,
        silent=silent,
    )
