"""MDM^T01–T11: documents (HL7 v2.9, chapter 9.4): PID PV1 {ORC {TQ1} OBR {NTE}} TXA {CON} {OBX {NTE}}."""

from hub.fhir.order_codes import REFERRAL
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import message, segment
from hub.mappers.groups import Observed, Order, orders
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.parts import part_of
from hub.mappers.segments.obx_content import is_content
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.orc_servicerequest import order_identifiers, order_servicerequest
from hub.mappers.segments.pid_patient import required_patient
from hub.mappers.segments.txa_documentreference import Written, txa_documentreference
from hub.model import Json

_OF_DOCUMENT = frozenset(("TXA", "CON", "OBX", "NTE"))
_BARE = {"ORC": {1, 2, 3}, "OBR": {1, 2, 3}}
"""The fields of an order that is only named: control and numbers."""


@message("MDM")
def mdm(source: Message, ctx: Context) -> None:
    """The patient, the visit, and the document. Without TXA the other segments are mapped by themselves."""
    required_patient(ctx)
    patient_and_visit(source, ctx)
    txa = source.first("TXA")
    if txa is None:
        ctx.error("TXA", "100", "a document without TXA: its other segments are mapped by themselves")
        return
    ctx.focus.append(_document(ctx.take(txa), source, ctx))


@segment("TXA")
def document(txa: Segment, ctx: Context) -> Json:
    """A document of a message of another type, or a further one, with the OBX that follow it."""
    assert ctx.message is not None, "a segment belongs to a message"
    following = []
    for one in ctx.message.segments[txa.line :]:
        if one.name not in _OF_DOCUMENT - {"TXA"}:
            break
        following.append(one)
    return txa_documentreference(txa, _written(following, [], ctx), ctx)


def _document(txa: Segment, source: Message, ctx: Context) -> Json:
    """The first document, with all OBX up to the next one, and the orders that it answers."""
    ends = next((one.line for one in source.all("TXA")[1:]), len(source.segments) + 1)
    own = source.segments[txa.line : ends - 1]
    others = [one for one in source.segments[1:] if one.line < txa.line or one.name not in _OF_DOCUMENT]
    answered = [reference for order in orders(part_of(source, others), ctx) for reference in _order(order, ctx)]
    before = [one for one in source.segments[: txa.line] if one.name == "OBX" and one.line not in ctx.taken]
    return txa_documentreference(txa, _written([*before, *own], answered, ctx), ctx)


def _written(segments: list[Segment], related: list[Json], ctx: Context) -> Written:
    """Content and comments of a document; observations of other types (NM, CE …) stand beside it."""
    written = Written(related=related)
    shared = Report(f"document|{ctx.raw.id}", {})
    for place, one in enumerate(segments):
        if one.name == "NTE" and one.line not in ctx.taken:
            written.notes.append(ctx.take(one))
        elif one.name == "OBX" and is_content(one):
            written.content.append(ctx.take(one))
        elif one.name == "OBX":
            notes = _notes_after(segments[place + 1 :], ctx)
            observation = obx_observation(Observed(ctx.take(one), notes), shared, ctx)
            written.related.append(ctx.reference(observation))
    return written


def _notes_after(segments: list[Segment], ctx: Context) -> list[Segment]:
    notes = []
    for one in segments:
        if one.name != "NTE":
            break
        notes.append(ctx.take(one))
    return notes


def _order(order: Order, ctx: Context) -> list[Json]:
    """The order by its numbers, and as a ServiceRequest where the message says more of it. A document does not refer
    anybody: of a referral only what it answers is said."""
    numbers = order_identifiers(order, ctx)
    if _is_bare(order):
        return [{"identifier": number} for number in numbers]
    request = order_servicerequest(order, ctx)
    if request is None:
        return [{"identifier": number} for number in numbers]
    if categories := [one for one in request.get("category", ()) if REFERRAL not in one.get("coding", ())]:
        request["category"] = categories
    else:
        request.pop("category", None)
    reference = ctx.reference(request)
    return [{**reference, "identifier": number} for number in numbers] or [reference]


def _is_bare(order: Order) -> bool:
    stated = [(one.name, field.number) for one in (order.orc, order.obr) if one for field in one]
    return all(number in _BARE[name] for name, number in stated) and len(order.segments) <= len(_BARE)
