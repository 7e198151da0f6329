"""TQ1, and TQ of older versions, → Dosage: when and how often a drug is wanted (HL7 v2.9, chapters 4.5.4 and 2A.3.80;
v2-to-FHIR guide, ``TQ1[MedicationRequest]``)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hub.fhir.build import compact, period
from hub.fhir.systems import UCUM
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import cq_quantity, simple, with_value
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime, tm_time
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.datatypes.rpt_timing import Pattern, plain_pattern, rpt_pattern, time_unit
from hub.model import Json

_SPAN = re.compile(r"([SMHDWLX])(\d{1,6})")
_UNITS = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}
_TIMES = frozenset(("s", "min", "h", "d", "wk", "mo", "a"))
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}


@dataclass(slots=True)
class Schedule:
    """A TQ1 or TQ, read. ``lasting`` is for how long, ``each_time`` how long each time, ``total`` how many times;
    ``instructions`` are what R4 has only words for, and ``shorthand`` the duration in the sender's own."""

    quantity: Json
    patterns: list[Pattern]
    times: list[str]
    lasting: Json
    start: str
    end: str
    text: str
    sequential: bool
    each_time: Json
    total: int
    instructions: list[str] = field(default_factory=list)
    shorthand: str = ""


def tq1_schedule(tq1: Segment, ctx: Context) -> Schedule:
    """TQ1-2 quantity, -3 patterns, -4 times, -5 relative time, -6 duration, -7/-8 start and end, -10 condition,
    -11 text, -12 conjunction, -13 duration of each occurrence, -14 number of occurrences."""
    relative = [_words(cq) for cq in tq1[5]]
    return Schedule(
        quantity=simple(cq_quantity(tq1[2].first, ctx)),
        patterns=each(tq1[3], rpt_pattern, ctx),
        times=_times(tq1[4], ctx),
        lasting=_duration(tq1[6].first, ctx),
        start=field_datetime(tq1[7], ctx),
        end=field_datetime(tq1[8], ctx),
        text=tq1[11].first.text,
        sequential=tq1[12].text == "S",
        each_time=_duration(tq1[13].first, ctx),
        total=_count(tq1[14].text),
        instructions=[text for text in (*relative, tq1[10].first.text) if text],
        shorthand=f"for {_words(tq1[6].first)}" if tq1[6] else "",
    )


def tq_schedule(tq: Repetition, ctx: Context) -> Schedule:
    """ORC-7, RXE-1 and RXG-3 before version 2.5: TQ.1 quantity, .2 interval, .3 duration (``D10``, ``X5``), .4/.5 start
    and end, .7 condition, .8 text, .9 conjunction, .11 duration of each occurrence, .12 number of occurrences."""
    interval, times = tq.inner(2), tq.sub(2, 2)
    span = _SPAN.fullmatch(tq[3].upper())
    counted = span is not None and span[1] == "X"
    return Schedule(
        quantity=simple(cq_quantity(tq.inner(1), ctx)),
        patterns=[plain_pattern(interval[1])] if interval[1].strip() else [],
        times=[time for text in times.split(",") if text.strip() and (time := tm_time(text.strip(), ctx, tq.path))],
        lasting=with_value(int(span[2]), _UNITS[span[1]]) if span and not counted else {},
        start=dtm_datetime(tq[4], ctx, f"{tq.path}.4"),
        end=dtm_datetime(tq[5], ctx, f"{tq.path}.5"),
        text=tq[8],
        sequential=tq[9] == "S",
        each_time=_duration(tq.inner(11), ctx),
        total=_count(tq[12]) or (int(span[2]) if span and counted else 0),
        instructions=[tq[7]] if tq[7] else [],
        shorthand=tq[3],
    )


def schedule_dosages(schedules: Iterable[Schedule]) -> list[Json]:
    """A Dosage for each repeat pattern of each schedule; one that follows another (conjunction ``S``) has the next
    number. Its members lack route and dose."""
    found: list[Json] = []
    sequence, numbered = 1, list(schedules)
    for schedule in numbered:
        number = {"sequence": sequence} if len(numbered) > 1 else {}
        found += [{**number, **_dosage(schedule, pattern)} for pattern in schedule.patterns or (None,)]
        sequence += schedule.sequential
    return [dosage for dosage in found if dosage]


def _dosage(schedule: Schedule, pattern: Pattern | None) -> Json:
    timing = compact({"repeat": _repeat(schedule, pattern), "code": _code(schedule, pattern)})
    return compact(
        {
            "text": schedule.text,
            "additionalInstruction": [
                {"text": text} for text in (*schedule.instructions, *_displaced(schedule, pattern))
            ],
            "timing": timing,
            **({"asNeededBoolean": True} if pattern and pattern.as_needed else {}),
        }
    )


def _code(schedule: Schedule, pattern: Pattern | None) -> Json:
    """The code of the pattern; its text has the duration, too."""
    code = pattern.code if pattern else {}
    if not schedule.shorthand:
        return code
    words = code.get("text") or next((one["code"] for one in reversed(code.get("coding", ())) if "code" in one), "")
    return {**code, "text": f"{words} {schedule.shorthand}".strip()}


def _displaced(schedule: Schedule, pattern: Pattern | None) -> list[str]:
    """The event of a pattern, in words, where the hour has its place."""
    when = pattern.repeat.get("when", []) if pattern and schedule.times else []
    after = f"{pattern.repeat['offset']} min " if pattern and when and "offset" in pattern.repeat else ""
    return [f"{after}{event}" for event in when]


def _repeat(schedule: Schedule, pattern: Pattern | None) -> Json:
    """Timing.repeat; of "at eight" and "at breakfast" R4 allows one, and the hour is the more exact."""
    lasts = schedule.each_time
    stated = dict(pattern.repeat) if pattern else {}
    if schedule.times:
        stated.pop("when", None)
        stated.pop("offset", None)
    return compact(
        {
            **_bounds(schedule),
            "count": schedule.total or None,
            **({"duration": lasts["value"], "durationUnit": lasts["code"]} if is_length(lasts) else {}),
            **stated,
            "timeOfDay": schedule.times,
        }
    )


def _bounds(schedule: Schedule) -> Json:
    """From when to when; an end that is not stated follows from the start and the duration, which alone is a length."""
    start, end, lasting = schedule.start, schedule.end, schedule.lasting
    if start and not end:
        end = _end(start, lasting)
    if start or end:
        return {"boundsPeriod": period(start, end)}
    return {"boundsDuration": lasting} if is_length(lasting) else {}


def is_length(quantity: Json) -> bool:
    """Whether a Quantity is one of time, in a unit of R4's."""
    return quantity.get("system") == UCUM and quantity["code"] in _TIMES


def _end(start: str, lasting: Json) -> str:
    """A dateTime that much later; empty where the start or the duration is too vague to reckon with."""
    value, seconds = lasting.get("value"), _SECONDS.get(lasting.get("code", ""))
    if not isinstance(value, int | float) or seconds is None or len(start) < 10 or value * seconds > 10**10:
        return ""
    span = timedelta(seconds=value * seconds)
    try:
        if "T" in start:
            return (datetime.fromisoformat(start) + span).isoformat()
        return (date.fromisoformat(start) + span).isoformat()
    except OverflowError:
        return ""


def _duration(cq: Repetition, ctx: Context) -> Json:
    """A length of time in a unit that R4 knows; other units stay as they are."""
    value, unit = nm_decimal(cq[1]), time_unit(cq.sub(2, 1)) or time_unit(cq.sub(2, 2))
    if value is None or not unit:
        return cq_quantity(cq, ctx)
    return {**with_value(value, unit), "unit": cq.sub(2, 2) or cq.sub(2, 1)}


def _words(cq: Repetition) -> str:
    """A CQ as one reads it."""
    return " ".join(filter(None, (cq[1], cq.sub(2, 2) or cq.sub(2, 1))))


def _times(field_: Field, ctx: Context) -> list[str]:
    return [time for one in field_ if (time := tm_time(one[1], ctx, one.path))]


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
