"""SCH-9 to -11 and TQ1 → when an appointment is, how long it lasts and how it recurs (HL7 v2.9, chapters 10.6.1.9 and
4.5.4)."""

import re
from dataclasses import dataclass, field

from hub.fhir.build import compact, period, present
from hub.fhir.codes import DATA_ABSENT, Table
from hub.formats.hl7v2.segment import ABSENT, Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.st_text import texts
from hub.mappers.segments.ai_timing import ai_duration, ai_start, as_said, later, minutes, seconds
from hub.mappers.segments.tq1_timing import tq1_timing, tq_timing
from hub.model import Json

R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment."
"""Elements of Appointment that FHIR has from R5 on."""
_LENGTH = re.compile(r"([SMHDW]?)(\d{1,6})", re.ASCII)
"""TQ.3: a letter for the unit and a number."""
_PRIORITY = Table("0485")
_NEEDS_NO_TIME = {"proposed", "cancelled", "waitlist"}
"""FHIR R4, Appointment invariant app-3: all other appointments have a start and an end."""


@dataclass(slots=True)
class Timed:
    """What times an appointment: the timing quantities (TQ), TQ1, and the resources with times of their own; duration
    and its unit are fields of SCH or ARQ. A request has ``ranges`` of start and end (ARQ-11), a priority and an
    interval of its own."""

    quantities: list[Repetition]
    timings: list[Segment]
    resources: list[Segment]
    duration: Field = ABSENT
    unit: Field = ABSENT
    ranges: list[tuple[str, str]] = field(default_factory=list)
    priority: Field = ABSENT
    interval: Field = ABSENT
    interval_duration: Field = ABSENT


def times(timed: Timed, status: str, ctx: Context) -> Json:
    """Start, end and length: TQ.4/.5, else TQ1-7/-8, else the first resource's start; a missing end follows from the
    duration. Each further timing quantity is a period that is wanted as well."""
    stated = _stated(timed, ctx)
    start = next((begins for begins, _ in stated if "T" in begins), "")
    start = start or next((found for one in timed.resources if (found := ai_start(one, ctx))), "")
    end = next((ends for _, ends in stated if "T" in ends), "")
    lasting = _minutes(timed)
    end = end or (later(start, lasting) if start and lasting else "")
    days = [(begins, ends) for begins, ends in stated if begins and "T" not in begins]
    further = [*days, *(one for one in stated[1:] if one not in days), *_wanted(timed, ctx)]
    worded = timed.unit or (timed.duration and not lasting)
    members = {
        "minutesDuration": lasting or None,
        "_minutesDuration": as_said(timed.duration, timed.unit) if worded else {},
        "requestedPeriod": present(period(*one) for one in further),
    }
    if status in _NEEDS_NO_TIME and not (start or end):
        return compact(members)
    return compact(members) | {"start": start or None, "end": end or None} | _absent(start, end)


def timing_extensions(timed: Timed, ctx: Context) -> list[Json]:
    """How urgent the appointment is (TQ.6, TQ1-9), and how it recurs (TQ.2, TQ1-3; TQ.12, TQ1-14)."""
    urgent = [cwe_codeableconcept(tq.inner(6), ctx, _PRIORITY) for tq in timed.quantities if tq[6]]
    urgent += [cwe_codeableconcept(timed.priority, ctx, _PRIORITY)] if timed.priority else []
    urgent += [cwe_codeableconcept(cwe, ctx, _PRIORITY) for tq1 in timed.timings for cwe in tq1[9]]
    timings = [tq_timing(tq, ctx) for tq in timed.quantities if tq.part(2) or tq.part(12)]
    timings += [tq1_timing(tq1, ctx) for tq1 in timed.timings if tq1[3] or tq1[14]]
    priority: list[Json] = [{"url": R5 + "priority", "valueCodeableConcept": one} for one in urgent if one][:1]
    interval = " ".join(filter(None, (timed.interval.text, timed.interval_duration.text)))
    timings += [{"code": {"text": interval}}] if interval else []
    return [*priority, *present(_recurrence(one) for one in timings)]


def instructions(timed: Timed) -> list[str]:
    """Condition (TQ.7, TQ1-10) and instructions (TQ.8, TQ1-11) in words."""
    words = [text for tq in timed.quantities for text in (tq[7], tq[8])]
    words += [text for tq1 in timed.timings for number in (10, 11) for text in texts(tq1[number])]
    return [text for text in words if text.strip()]


def _stated(timed: Timed, ctx: Context) -> list[tuple[str, str]]:
    """All pairs of start and end that the sender gives."""
    found = [tuple(dtm_datetime(tq[n], ctx, f"{tq.path}.{n}") for n in (4, 5)) for tq in timed.quantities]
    found += [(field_datetime(tq1[7], ctx), field_datetime(tq1[8], ctx)) for tq1 in timed.timings]
    return [(start, end) for start, end in dict.fromkeys(found) if start or end]


def _wanted(timed: Timed, ctx: Context) -> list[tuple[str, str]]:
    return [(dtm_datetime(start, ctx, "ARQ-11"), dtm_datetime(end, ctx, "ARQ-11")) for start, end in timed.ranges]


def _minutes(timed: Timed) -> int:
    """The appointment's own duration, else that of its timing (TQ.3: ``M30``), else that of the first resource."""
    if own := minutes(timed.duration, timed.unit):
        return own
    for tq in timed.quantities:
        if (match := _LENGTH.fullmatch(tq[3])) and (own := int(match[2]) * seconds(match[1]) // 60):
            return own
    for resource in timed.resources:
        if lasting := ai_duration(resource):
            return lasting
    return 0


def _absent(start: str, end: str) -> Json:
    """FHIR wants both ends of a visit: one that the sender leaves out is marked as unknown."""
    unknown = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
    return {name: unknown for name, moment in (("_start", start), ("_end", end)) if not moment}


def _recurrence(timing: Json) -> Json:
    """The pattern of a Timing and its number of occurrences, as R5 has them."""
    count = timing.get("repeat", {}).get("count")
    parts: list[Json] = []
    if "code" in timing:
        parts.append({"url": "recurrenceType", "valueCodeableConcept": timing["code"]})
    if count:
        parts.append({"url": "occurrenceCount", "valuePositiveInt": count})
    return {"url": R5 + "recurrenceTemplate", "extension": parts} if parts else {}
