"""TQ1 and TQ2, and TQ of older versions (ORC-7, OBR-27), → when and how urgently an order is wanted (HL7 v2.9, chapter
4.5.4; v2-to-FHIR guide, ``TQ1[ServiceRequest]``)."""

from hub.fhir.build import compact
from hub.fhir.codes import Table
from hub.fhir.order_codes import ORDER_PRIORITY
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_sent import sent_beside
from hub.mappers.datatypes.cwe_words import concept_name
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.segments.tq1_dosage import Schedule, schedule_dosages, tq1_schedule, tq_schedule
from hub.model import Json

_PRIORITY = Table("0485")


def tq1_timing(tq1: Segment, ctx: Context) -> Json:
    """The Timing of a TQ1."""
    return _timing([tq1_schedule(tq1, ctx)])


def tq_timing(tq: Repetition, ctx: Context) -> Json:
    """The Timing of a TQ."""
    return _timing([tq_schedule(tq, ctx)])


def _timing(schedules: list[Schedule]) -> Json:
    return next(iter(_timings(schedules)), {})


def _timings(schedules: list[Schedule]) -> list[Json]:
    return [dosage["timing"] for dosage in schedule_dosages(schedules) if "timing" in dosage]


def _in_words(timing: Json) -> str:
    """How often, from when, until when and at what hours."""
    repeat = timing.get("repeat", {})
    bounds = repeat.get("boundsPeriod", {})
    said = [concept_name(timing.get("code", {}))]
    said += [f"{word} {bounds[end]}" for word, end in (("from", "start"), ("until", "end")) if end in bounds]
    said += [f"at {hour}" for hour in repeat.get("timeOfDay", ())]
    return " ".join(filter(None, said))


def occurrence(schedules: list[Schedule]) -> Json:
    """``occurrence[x]`` of the first schedule that says when: a moment or a period where it says no more than that."""
    timing = _timing(schedules)
    repeat = timing.get("repeat", {})
    if timing.keys() != {"repeat"} or repeat.keys() != {"boundsPeriod"}:
        return {"occurrenceTiming": timing} if timing else {}
    bounds = repeat["boundsPeriod"]
    return {"occurrencePeriod": bounds} if "end" in bounds else {"occurrenceDateTime": bounds["start"]}


def instructions(schedules: list[Schedule]) -> list[Json]:
    """What R4 has only words for, as notes; so are the schedules after the first: an order occurs by one."""
    words = [text for schedule in schedules for text in schedule.instructions if text.strip()]
    words += [f"Also: {text}" for timing in _timings(schedules)[1:] if (text := _in_words(timing))]
    return [{"text": text} for text in dict.fromkeys(words)]


def tq1_priority(timings: list[Segment], ctx: Context) -> Json:
    """TQ1-9 as ``priority`` in the words of FHIR; a code that FHIR has no word for is kept beside it."""
    fields = [tq1[9] for tq1 in timings if tq1[9]]
    for field in fields:
        for cwe in field:
            if code := ctx.translate(ORDER_PRIORITY, cwe[1] or cwe[2], cwe.path):
                return {"priority": code, **(sent_beside("priority", field, _PRIORITY, code, ctx) if cwe[2] else {})}
    sent = cwe_codeableconcept(fields[0], ctx, _PRIORITY) if fields else {}
    return {"_priority": alternate_codes(sent)} if sent else {}


def related_orders(tq2s: list[Segment], ctx: Context) -> list[Json]:
    """TQ2-3, -4, -5: the orders that this one comes before or after, by number; TQ2-2, -6 to -10 say how."""
    found = []
    for tq2 in tq2s:
        how = " ".join(filter(None, (tq2[part].first.text for part in (2, 6, 7, 8, 9, 10))))
        for kind, position in (("PLAC", 3), ("FILL", 4), ("PGN", 5)):
            for ei in tq2[position]:
                number = ei_identifier(ei, ctx, kind)
                found.append(compact({"type": "ServiceRequest", "identifier": number, "display": how}))
    return found
