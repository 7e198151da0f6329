"""TXA-4 to TXA-26 → Provenance, List and Task: who did what to a document and when, the folders it is put into, and
when it is due (HL7 v2.9, chapter 9.6.1; HL7 v2-to-FHIR guide, TXA[Provenance])."""

from hub.fhir.build import present
from hub.fhir.systems import TASK_CODE
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.st_text import text_of
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.provenance import RECIPIENT, agents, participant, provenance
from hub.model import Json


def document_history(txa: Segment, content: list[Segment], document: Json, ctx: Context) -> None:
    """Adds what TXA says beyond the document itself; each only where it says it."""
    if txa[5] and txa[5].raw != txa[9].raw and txa[9]:
        _act(document, "documented activity", _people(txa, 5, "performer", ctx), field_datetime(txa[4], ctx), ctx)
    if txa[7] or txa[11]:
        _act(document, "transcription", _people(txa, 11, "enterer", ctx), field_datetime(txa[7], ctx), ctx)
    _edits(txa, document, ctx)
    for ppn in txa[22]:
        when = dtm_datetime(ppn[15], ctx, f"{ppn.path}.15")
        _act(document, "authentication", agents(participant("attester"), [xcn_reference(ppn, ctx)]), when, ctx)
    assigned = [xcn_reference(xcn, ctx) for xcn in list(txa[10])[1:]]
    if assigned:
        _act(document, "assigned authentication", agents(participant("attester"), assigned), "", ctx)
    if recipients := [xcn_reference(xcn, ctx) for xcn in txa[23]]:
        _act(document, "distribution", agents(RECIPIENT, recipients), "", ctx)
    if observers := present(xcn_reference(xcn, ctx) for obx in content for xcn in obx[16]):
        unique = list({who["reference"]: who for who in observers}.values())
        _act(document, "observation", agents(participant("performer"), unique), "", ctx)
    for cwe in txa[24]:
        _folder(cwe, document, ctx)
    if due := field_datetime(txa[26], ctx):
        _due(due, document, ctx)


def _edits(txa: Segment, document: Json, ctx: Context) -> None:
    """Each edit (TXA-8); the reason of the change (TXA-21) is that of the last one."""
    reason = text_of(txa[21])
    moments = [field_datetime(dtm, ctx) for dtm in txa[8]] or ([""] if reason else [])
    who = _people(txa, 9, "author", ctx)
    for place, when in enumerate(moments, 1):
        told: Json = {"reason": [{"text": reason}]} if reason and place == len(moments) else {}
        _act(document, "edit", who, when, ctx, **told)


def _people(txa: Segment, number: int, kind: str, ctx: Context) -> list[Json]:
    return agents(participant(kind), [xcn_reference(xcn, ctx) for xcn in txa[number]])


def _act(document: Json, activity: str, who: list[Json], when: str, ctx: Context, **more: object) -> None:
    provenance(document, activity, who, ctx, **({"occurredDateTime": when} if when else {}), **more)


def _folder(cwe: Repetition, document: Json, ctx: Context) -> None:
    """A folder (TXA-24) of the patient, with the document in it."""
    folder = cwe_codeableconcept(cwe, ctx)
    if not folder:
        return
    ctx.add(
        {
            "resourceType": "List",
            "status": "current",
            "mode": "changes",
            "title": folder.get("text") or cwe[1],
            "code": folder,
            "subject": ctx.subject,
            "entry": [{"item": ctx.reference(document)}],
        },
        ctx.feed.name,
        ctx.patient["id"] if ctx.patient else ctx.raw.id,
        "folder",
        cwe.raw,
    )


def _due(due: str, document: Json, ctx: Context) -> None:
    """When the document is to be complete (TXA-26)."""
    done = document.get("docStatus") == "final"
    ctx.add(
        {
            "resourceType": "Task",
            "status": "completed" if done else "requested",
            "intent": "order",
            "code": {"coding": [{"system": TASK_CODE, "code": "fulfill"}], "text": "complete the document"},
            "focus": ctx.reference(document),
            "for": ctx.subject,
            "restriction": {"period": {"end": due}},
        },
        "due",
        document["id"],
    )
