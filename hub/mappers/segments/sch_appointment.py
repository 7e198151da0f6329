"""SCH and ARQ (with TQ1, NTE, RGS, AIS, AIG, AIL, AIP) → Appointment (HL7 v2.9, chapters 10.6.1 and 10.6.2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest

from hub.fhir.build import compact, complete, extension, present
from hub.fhir.codes import untranslated
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import APPOINTMENT_BY_EVENT, APPOINTMENT_REASON, APPOINTMENT_TYPE, FILLER_STATUS
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_sent import sent_beside
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.provenance import agents, participant, provenance
from hub.mappers.segments.ai_participant import action, ai_participants, ais_service
from hub.mappers.segments.ai_timing import Appointed
from hub.mappers.segments.nte_annotation import nte_annotations, nte_text
from hub.mappers.segments.sch_contact import CONTACTS, contact_participants, contact_references
from hub.mappers.segments.sch_timing import R5, Timed, instructions, times, timing_extensions
from hub.model import Json

_PARENTS = {"SCH": (23, 24), "ARQ": (22, 23)}
_ORDERS = {"SCH": (26, 27), "ARQ": (24, 25)}
_TYPES = "HL70277"
"""What SCH-7 is when its code comes from the table of appointment types."""
_REQUESTS = {"SRM", "SRR"}
_CALLED_OFF = {"cancelled", "noshow"}
_WHOLE = re.compile(r"0*[1-9]\d{0,6}", re.ASCII)


@dataclass(slots=True)
class Scheduled:
    """What belongs to an appointment beside SCH: TQ1, NTE, each resource with the RGS before it, and what is preferred
    (APR) in words; the patients (References), the diagnoses that are its reason, and the observations with it."""

    timings: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    resources: list[tuple[Segment, Segment | None]] = field(default_factory=list)
    groups: list[Segment] = field(default_factory=list)
    preferences: list[str] = field(default_factory=list)
    patients: list[Json] = field(default_factory=list)
    reasons: list[Json] = field(default_factory=list)
    observations: list[Json] = field(default_factory=list)


def sch_appointment(sch: Segment, rest: Scheduled, ctx: Context) -> Json:
    """Adds the Appointment, known by the filler's number (SCH-2), else the placer's (SCH-1): later messages often carry
    the filler's alone. One without a number is known by its place in the message."""
    numbers = _numbers(sch, ctx)
    status = _status(sch, ctx)
    timed = _timed(sch, rest)
    appointment = ctx.add(
        {
            "resourceType": "Appointment",
            "extension": [*_extensions(sch, rest, ctx), *timing_extensions(timed, ctx), *ctx.removals(sch)],
            "identifier": numbers,
            "status": status,
            **(sent_beside("status", sch[25], untranslated(FILLER_STATUS), status, ctx) if sch.name == "SCH" else {}),
            "cancelationReason": cwe_codeableconcept(sch[6], ctx) if status in _CALLED_OFF else None,
            "serviceType": present(ais_service(one, ctx) for one, _ in rest.resources),
            **_kind(sch, ctx),
            "reasonReference": rest.reasons,
            "supportingInformation": [*_schedules(sch, ctx), *rest.observations],
            **times(timed, status, ctx),
            "comment": "\n".join([*instructions(timed), *rest.preferences, *_comments(rest)]),
            "basedOn": sch_orders(sch, ctx),
        },
        *_identity(sch, numbers, ctx),
    )
    if appointment["status"] not in _CALLED_OFF:  # two SCH of one number that contradict each other: the first one's
        appointment.pop("cancelationReason", None)
    _requested(appointment, rest, ctx)
    complete(appointment, {"participant": _participants(sch, appointment, rest, ctx)})
    _entered(sch, appointment, ctx)
    return appointment


def sch_orders(sch: Segment, ctx: Context) -> list[Json]:
    """References to the orders that the appointment fulfils (SCH-26 placer's, -27 filler's number): to a ServiceRequest
    with the id that the order itself has, or, without a patient, to its number alone."""
    placer, filler = _ORDERS[sch.name]
    placed = [ei_identifier(ei, ctx, "PLAC") for ei in sch[placer]]
    filled = [ei_identifier(ei, ctx, "FILL") for ei in sch[filler]]
    pairs: Iterable[tuple[Json, Json]] = zip_longest(placed, filled, fillvalue={})
    return [_order(numbers, ctx) for pair in pairs if (numbers := present(pair))]


def _order(numbers: list[Json], ctx: Context) -> Json:
    if ctx.subject is None:
        return {"identifier": numbers[0]}
    order = {
        "resourceType": "ServiceRequest",
        "identifier": numbers,
        "status": "unknown",
        "intent": "order",
        "subject": ctx.subject,
    }
    request = ctx.add(order, identifier_key(numbers[0], ctx.feed.name))
    return {**ctx.reference(request), "identifier": numbers[0]}


def _numbers(sch: Segment, ctx: Context) -> list[Json]:
    """The filler's and the placer's number, and that of the group of appointments (SCH-4)."""
    kinds = (("PLAC", 1), ("FILL", 2), ("PGN", 4))
    return present(ei_identifier(ei, ctx, kind) for kind, number in kinds for ei in sch[number])


def _identity(sch: Segment, numbers: list[Json], ctx: Context) -> tuple[str, ...]:
    by_kind = {number["type"]["coding"][0]["code"]: number for number in reversed(numbers)}
    if known := by_kind.get("FILL") or by_kind.get("PLAC"):
        return (identifier_key(known, ctx.feed.name),)
    ctx.error(sch.path(2), "101", "the appointment has no number: it cannot be followed")
    return (ctx.raw.id, str(sch.line))


def _timed(sch: Segment, rest: Scheduled) -> Timed:
    """ARQ has ranges of start and end (ARQ-11), priority (ARQ-12) and interval (ARQ-13) where SCH has a TQ."""
    resources = [one for one, _ in rest.resources]
    if sch.name == "SCH":
        return Timed(list(sch[11]), rest.timings, resources, sch[9], sch[10])
    ranges = [(r[1], r[2]) for r in sch[11]]
    return Timed([], rest.timings, resources, sch[9], sch[10], ranges, sch[12], sch[13], sch[14])


def _status(sch: Segment, ctx: Context) -> str:
    """SCH-25 by its meaning, else the event; what is asked for (ARQ, SRM) is proposed."""
    stated = sch[25].first
    if sch.name == "SCH" and (status := ctx.translate(FILLER_STATUS, (stated[1] or stated[2]).upper(), sch.path(25))):
        return status
    request = sch.name == "ARQ" or (ctx.message is not None and ctx.message.type in _REQUESTS)
    return APPOINTMENT_BY_EVENT.get(ctx.trigger, "proposed" if request else "pending")


def _kind(sch: Segment, ctx: Context) -> Json:
    """SCH-8 type and SCH-7 reason; senders write the type into SCH-7 too, with the table's name."""
    is_type = sch[7].first[3].upper() == _TYPES and not sch[8]
    return {
        "appointmentType": cwe_codeableconcept(sch[7 if is_type else 8], ctx, APPOINTMENT_TYPE),
        "reasonCode": [] if is_type else each(sch[7], _reason, ctx),
    }


def _reason(cwe: Repetition, ctx: Context) -> Json:
    return cwe_codeableconcept(cwe, ctx, APPOINTMENT_REASON)


def _schedules(sch: Segment, ctx: Context) -> list[Json]:
    """The schedule it stands in (SCH-5), by its code: who keeps the schedule is not said."""
    found = each(sch[5], cwe_codeableconcept, ctx)
    return [
        compact(
            {
                "type": "Schedule",
                "identifier": compact({"system": coding.get("system"), "value": coding.get("code")}),
                "display": coding.get("display") or schedule.get("text"),
            }
        )
        for schedule in found
        for coding in schedule.get("coding") or [{}]
    ]


def _comments(rest: Scheduled) -> list[str]:
    return [text for nte in rest.notes if (text := nte_text(nte).strip())]


def _extensions(sch: Segment, rest: Scheduled, ctx: Context) -> list[Json]:
    """What FHIR has from R5 on: occurrence number (SCH-3), parents (SCH-23, -24), comments with author or time; and
    what becomes of the groups of resources."""
    number = sch[3].text
    kinds = zip(("PLAC", "FILL"), _PARENTS[sch.name], strict=True)
    parents = [ei_identifier(ei, ctx, kind) for kind, at in kinds for ei in sch[at]]
    notes = [note for note in nte_annotations(rest.notes, ctx) if len(note) > 1]
    return [
        *(
            {"url": R5 + "originatingAppointment", "valueReference": {"type": "Appointment", "identifier": parent}}
            for parent in parents
            if parent
        ),
        *({"url": R5 + "note", "valueAnnotation": note} for note in notes),
        *present(_actions(rest, ctx)),
        *present([extension(R5 + "recurrenceId", "PositiveInt", int(number) if _WHOLE.fullmatch(number) else 0)]),
    ]


def _actions(rest: Scheduled, ctx: Context) -> list[Json]:
    """What becomes of the groups of resources (RGS-2), each once."""
    found = [action(group, ctx) for group in rest.groups]
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _participants(sch: Segment, appointment: Json, rest: Scheduled, ctx: Context) -> list[Json]:
    """The patients, the resources, and those who asked for and entered the appointment; each with a status."""
    appointed = Appointed(ctx.reference(appointment), appointment.get("start", ""))
    patients = [{"actor": who, "status": "accepted"} for who in rest.patients]
    resources = [one for resource, group in rest.resources for one in ai_participants(resource, group, appointed, ctx)]
    found = [*patients, *resources, *contact_participants(sch, ctx)]
    return found or [compact({"type": [{"text": "not stated"}], "status": "needs-action"})]


def _requested(appointment: Json, rest: Scheduled, ctx: Context) -> None:
    """What is said beside a service (AIS-11 placer's, AIS-12 filler's) is detail of the request for it."""
    for ais, _ in rest.resources:
        details = each(ais[11], cwe_codeableconcept, ctx) + each(ais[12], cwe_codeableconcept, ctx)
        if ais.name != "AIS" or not details or ctx.subject is None:
            continue
        request = {
            "resourceType": "ServiceRequest",
            "status": "unknown",
            "intent": "order",
            "code": ais_service(ais, ctx) or {"text": "not stated"},
            "orderDetail": details,
            "subject": ctx.subject,
        }
        made = ctx.add(request, appointment["id"], ais[3].text)
        complete(appointment, {"basedOn": [ctx.reference(made)]})


def _entered(sch: Segment, appointment: Json, ctx: Context) -> None:
    """Why the message was sent (SCH-6), and who entered the appointment (SCH-20)."""
    enterer = CONTACTS[sch.name][-1]
    reason = cwe_codeableconcept(sch[6], ctx)
    who = contact_references(sch, enterer, ctx) if sch[enterer.person] else []
    if not (reason or who):
        return
    when = {"occurredDateTime": ctx.event_time} if ctx.event_time else {}
    told = {"reason": [reason]} if reason else {}
    provenance(appointment, "scheduling", agents(participant("enterer"), who), ctx, **when, **told)
