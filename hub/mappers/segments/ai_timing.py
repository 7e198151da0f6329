"""When a resource of an appointment is wanted: start, offset and duration of AIS, AIG, AIL, AIP (HL7 v2.9, chapter
10.6)."""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.fhir.build import compact, extension
from hub.fhir.systems import EXTENSION, UCUM
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.model import Json

_START = {"AIS": 4, "AIG": 8, "AIL": 6, "AIP": 6}
"""The field of the start; offset, duration (each with its unit), substitution and the filler's status follow."""
_SECONDS = {"S": 1, "SEC": 1, "M": 60, "MIN": 60, "H": 3600, "HR": 3600, "D": 86400, "DAY": 86400, "W": 604800}
_UCUM = {1: "s", 60: "min", 3600: "h", 86400: "d", 604800: "wk"}
_AMOUNT = re.compile(r"\s*([+-]?)(\d{1,6}(?:\.\d{1,6})?)\s*", re.ASCII)
"""No appointment is longer than six digits say."""
_LONGEST = 10**6


@dataclass(frozen=True, slots=True)
class Appointed:
    """What a resource's own times are relative to: the Appointment (a Reference) and its start."""

    appointment: Json
    start: str = ""


def ai_field(resource: Segment, place: int) -> Field:
    """A field by its place after the start (0): 1 offset, 2 its unit, 3 duration, 4 its unit, 5 substitution, 6 the
    filler's status."""
    return resource[_START[resource.name] + place]


def ai_start(resource: Segment, ctx: Context) -> str:
    """When the resource is wanted, as an instant."""
    return field_instant(ai_field(resource, 0), ctx)


def ai_duration(resource: Segment) -> int:
    """For how many minutes."""
    return minutes(ai_field(resource, 3), ai_field(resource, 4))


def minutes(amount: Field, unit: Field) -> int:
    """A length in whole minutes; 0 for what is none, for an unknown unit, and for one that no appointment has."""
    found = math.ceil(_amount(amount) * seconds(unit.text) / 60)
    return found if 0 < found < _LONGEST else 0


def seconds(unit: str) -> int:
    """Of a unit in the words that senders use; a length without one is in minutes. 0 for an unknown one."""
    code = unit.strip().upper().rstrip(".")
    if not code:
        return 60
    return _SECONDS.get(code) or _SECONDS.get(code[:3].rstrip("S")) or _SECONDS.get(code[:1], 0)


def later(moment: str, lasting: int) -> str:
    """A time so many minutes after another; empty where the calendar ends."""
    try:
        return (datetime.fromisoformat(moment) + timedelta(minutes=lasting)).isoformat()
    except OverflowError:
        return ""


def ai_period(resource: Segment, appointed: Appointed, ctx: Context) -> Json:
    """When the resource takes part: its own start, else the offset from that of the appointment; the end follows from
    the duration. Lengths stand beside the times that follow from them."""
    own, offset, lasts = field_datetime(ai_field(resource, 0), ctx), ai_field(resource, 1), ai_field(resource, 3)
    if not (own or offset or lasts):
        return {}
    shift = math.ceil(_amount(offset) * seconds(ai_field(resource, 2).text) / 60)
    start = own or (later(appointed.start, shift) if appointed.start else "")
    lasting = ai_duration(resource)
    aligned = not shift and own in {"", appointed.start}
    after = _relative(offset, ai_field(resource, 2), appointed)
    until = _relative(lasts, ai_field(resource, 4), appointed) if aligned else as_said(lasts, ai_field(resource, 4))
    return compact(
        {
            "start": start,
            "_start": after,
            "end": later(start, lasting) if "T" in start and lasting else "",
            "_end": until,
        }
    )


def as_said(amount: Field, unit: Field) -> Json:
    """A length in the sender's own words (extension ``originalText``)."""
    words = " ".join(filter(None, (amount.text, unit.text, unit.first[2])))
    return {"extension": [extension(EXTENSION + "originalText", "String", words)]} if words else {}


def _amount(amount: Field) -> float:
    match = _AMOUNT.fullmatch(amount.text)
    return float(match[1] + match[2]) if match else 0


def _relative(amount: Field, unit: Field, appointed: Appointed) -> Json:
    """That a time is so long after the start of the appointment (extension ``relative-date``)."""
    number = nm_decimal(amount.text)
    if number is None:
        return as_said(amount, unit)
    code = _UCUM.get(seconds(unit.text), "")
    system = UCUM if code else ""
    words = unit.first[2] or unit.text
    parts = [
        {"url": "event", "valueReference": appointed.appointment},
        {"url": "relationship", "valueCode": "after-start"},
        {
            "url": "offset",
            "valueDuration": compact({"value": number, "unit": words or code, "system": system, "code": code}),
        },
    ]
    return {"extension": [{"url": EXTENSION + "relative-date", "extension": parts}]}
