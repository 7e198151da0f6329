"""SCH (with TQ1, AIS, AIG, AIL, AIP) → Appointment (HL7 v2.9, chapter 10.6.1)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.errors import Held
from hub.fhir.build import compact, present
from hub.fhir.codes import DATA_ABSENT
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import APPOINTMENT_BY_EVENT, APPOINTMENT_REASON, APPOINTMENT_TYPE, FILLER_STATUS
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_instant, field_instant
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.segments.ai_participant import ai_duration, ai_participant, ai_service, ai_start, duration
from hub.mappers.segments.nte_annotation import nte_text
from hub.model import Json

_MINUTES = {"": 1, "M": 1, "MIN": 1, "MINUTE": 1, "MINUTES": 1, "H": 60, "HR": 60, "HOUR": 60, "HOURS": 60, "S": 1 / 60}
_NEEDS_NO_TIME = {"proposed", "cancelled", "waitlist"}
"""FHIR R4, Appointment invariant app-3: all other appointments have a start and an end."""


@dataclass(slots=True)
class Scheduled:
    """The segments of an appointment beside SCH."""

    timings: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    resources: list[Segment] = field(default_factory=list)


def sch_appointment(sch: Segment, rest: Scheduled, ctx: Context) -> Json:
    """Adds the Appointment, known by the filler's number (SCH-2), else the placer's (SCH-1): later messages often carry
    the filler's alone. Raises ``Held`` when it has neither."""
    placer, filler = ei_identifier(sch[1].first, ctx, "PLAC"), ei_identifier(sch[2].first, ctx, "FILL")
    if not (known := filler or placer):
        raise Held("the appointment has no number", code="101", path=sch.path(2))
    status = _status(sch, ctx)
    return ctx.add(
        {
            "resourceType": "Appointment",
            "extension": ctx.removals(sch),
            "identifier": present([placer, filler]),
            "status": status,
            "cancelationReason": cwe_codeableconcept(sch[6], ctx) if status in {"cancelled", "noshow"} else None,
            "serviceType": present(ai_service(ais, ctx) for ais in rest.resources),
            "appointmentType": cwe_codeableconcept(sch[8], ctx, APPOINTMENT_TYPE),
            "reasonCode": present([cwe_codeableconcept(sch[7], ctx, APPOINTMENT_REASON)]),
            **_times(sch, rest, status, ctx),
            "comment": "\n".join(text for nte in rest.notes if (text := nte_text(nte))),
            "basedOn": sch_orders(sch, ctx),
            "participant": _participants(sch, rest, ctx),
        },
        identifier_key(known, ctx.feed.name),
    )


def sch_orders(sch: Segment, ctx: Context) -> list[Json]:
    """References to the order that the appointment fulfils (SCH-26 placer's, -27 filler's number): to a ServiceRequest
    with the id that the order itself has, or, without a patient, to its number alone."""
    numbers = [
        number
        for kind, field_number in (("PLAC", 26), ("FILL", 27))
        for ei in sch[field_number]
        if (number := ei_identifier(ei, ctx, kind))
    ]
    if not numbers:
        return []
    if ctx.subject is None:
        return [{"identifier": number} for number in numbers]
    order = {
        "resourceType": "ServiceRequest",
        "identifier": numbers,
        "status": "unknown",
        "intent": "order",
        "subject": ctx.subject,
    }
    request = ctx.add(order, identifier_key(numbers[0], ctx.feed.name))
    return [{**ctx.reference(request), "identifier": numbers[0]}]


def _status(sch: Segment, ctx: Context) -> str:
    """SCH-25 by its meaning, else the event."""
    stated = sch[25].first
    if status := ctx.translate(FILLER_STATUS, (stated[1] or stated[2]).upper(), sch.path(25)):
        return status
    return APPOINTMENT_BY_EVENT.get(ctx.trigger, "pending")


def _times(sch: Segment, rest: Scheduled, status: str, ctx: Context) -> Json:
    """SCH-11.4/.5, else TQ1-7/-8, else the first resource's start; a missing end follows from the duration."""
    start, end = _stated(sch, rest, ctx)
    start = start or next((found for one in rest.resources if (found := ai_start(one, ctx))), "")
    minutes = _minutes(sch) or next((lasts for one in rest.resources if (lasts := ai_duration(one))), 0)
    end = end or (_later(start, minutes) if start and minutes else "")
    length: Json = {"minutesDuration": minutes} if minutes else {}
    if status in _NEEDS_NO_TIME and not (start and end):
        return length
    return length | {"start": start or None, "end": end or None} | _absent(start, end)


def _absent(start: str, end: str) -> Json:
    """FHIR wants both ends of a visit: one that the sender leaves out is marked as unknown."""
    unknown = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
    return {name: unknown for name, moment in (("_start", start), ("_end", end)) if not moment}


def _stated(sch: Segment, rest: Scheduled, ctx: Context) -> tuple[str, str]:
    timing = sch[11].first
    start, end = dtm_instant(timing[4], ctx, sch.path(11)), dtm_instant(timing[5], ctx, sch.path(11))
    for tq1 in rest.timings:
        start = start or field_instant(tq1[7], ctx)
        end = end or field_instant(tq1[8], ctx)
    return start, end


def _minutes(sch: Segment) -> int:
    """SCH-9 in the unit of SCH-10."""
    factor = _MINUTES.get(sch[10].first[1].upper())
    return round(duration(sch[9].text) * factor) if factor else 0


def _later(start: str, minutes: int) -> str:
    return (datetime.fromisoformat(start) + timedelta(minutes=minutes)).isoformat()


def _participants(sch: Segment, rest: Scheduled, ctx: Context) -> list[Json]:
    """The patient, the resources, and those who asked for and entered the appointment; each with a status."""
    patient = [{"actor": ctx.subject, "status": "accepted"}] if ctx.subject else []
    resources = [participant for one in rest.resources if (participant := ai_participant(one, ctx))]
    contacts = [
        {"type": [{"text": role}], "actor": who, "status": "accepted"}
        for role, number in (("placer contact", 12), ("filler contact", 16), ("enterer", 20))
        for xcn in sch[number]
        if (who := xcn_reference(xcn, ctx))
    ]
    found = [*patient, *resources, *contacts]
    return found or [compact({"type": [{"text": "not stated"}], "status": "needs-action"})]
