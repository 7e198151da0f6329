"""DTM, DT, TM (and the older TS) → dateTime, date, instant, time (HL7 v2.9, chapter 2A.3.22; FHIR R4, section 2.24).

The precision is the sender's. FHIR demands an offset once there is a time: the sender's own, else that of the
feed's time zone on that day, so that daylight saving time is right. A text that is no time gives nothing and a warning.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hub.fhir.build import period
from hub.formats.hl7v2.segment import Field, Repetition
from hub.mappers.notes import Notes
from hub.mappers.remember import ELEMENTS, Coded
from hub.model import Json

_DTM = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(\.\d{1,9})?)?)?)?)?)?"
    r"\s*(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_TM = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d)(\.\d{1,9})?)?)?(?:[+-]\d{2,4})?", re.ASCII)


def dtm_datetime(text: str, ctx: Notes, path: str) -> str:
    """``20260302124030.5-0500`` → ``2026-03-02T12:40:30.5-05:00``; ``195509`` → ``1955-09``."""
    return (_parse(text.strip(), ctx.feed.zone) or _noted(text, ctx, path)) if text else ""


def field_datetime(dtm: Coded, ctx: Notes) -> str:
    """The dateTime of a field that holds a DTM: when something happened, and not when someone was born."""
    raw = dtm.raw
    if not raw:
        return ""
    text = raw if raw.isdigit() else dtm.first[1].strip()
    return (_recalled(text, ctx.feed.zone) or _noted(text, ctx, dtm.path)) if text else ""


def field_instant(field: Field, ctx: Notes) -> str:
    """The instant of a field that holds a DTM."""
    return _instant(field_datetime(field, ctx))


def dtm_date(text: str, ctx: Notes, path: str) -> str:
    """The day (or month, or year) of a DTM, as the sender writes it."""
    return dtm_datetime(text, ctx, path)[:10]


def dtm_instant(text: str, ctx: Notes, path: str) -> str:
    """A DTM that is exact to the second, as an instant; nothing when it is less exact than a day's time."""
    return _instant(dtm_datetime(text, ctx, path))


def dtm_period(start: str, end: str, ctx: Notes, of: Repetition, component: int) -> Json:
    """The Period of two DTM of a data type, of which ``start`` is that component and ``end`` the next."""
    return period(
        dtm_datetime(start, ctx, f"{of.path}.{component}"), dtm_datetime(end, ctx, f"{of.path}.{component + 1}")
    )


def dr_period(dr: Repetition, ctx: Notes) -> Json:
    """The Period of a DR: its first and its second component."""
    return dtm_period(dr[1], dr[2], ctx, dr, 1) if dr.raw else {}


def tm_time(text: str, ctx: Notes, path: str) -> str:
    """``1240`` → ``12:40:00`` (FHIR's time has neither an offset nor a lower precision)."""
    match = _TM.fullmatch(text)
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59 or int(match[3] or 0) > 59:
        return _noted(text, ctx, path)
    return f"{match[1]}:{match[2] or '00'}:{match[3] or '00'}{match[4] or ''}"


def instant_of(moment: datetime) -> str:
    """An aware time as an instant in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(moment: str) -> str:
    return moment if "T" in moment else ""


def _noted(text: str, ctx: Notes, path: str) -> str:
    if text:
        ctx.warn(path, "invalid-time", "not a date or time of HL7 v2 (YYYYMMDDHHMMSS.SSSS+ZZZZ)")
    return ""


def _parse(text: str, zone: ZoneInfo) -> str:
    if len(text) in (12, 14) and text.isdigit():
        try:  # as nearly all are written, and all of it in the calendar
            plain = datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
        except ValueError:
            return _parse_any(text, zone)
        return f"{plain.isoformat()}{_zone_offset(zone, plain)}"
    return _parse_any(text, zone)


def _parse_any(text: str, zone: ZoneInfo) -> str:
    match = _DTM.fullmatch(text)
    if not match or match[1] == "0000":
        return ""
    year, month, day, hour, minute, second, fraction, offset = match.groups(default="")
    try:
        if not hour:
            return _day(year, month, day)
        local = _local(date(int(year), int(month), int(day)), int(hour), int(minute or 0), int(second or 0))
        return f"{local.isoformat()}{fraction}{_offset(offset) or _zone_offset(zone, local)}"
    except (ValueError, OverflowError):
        return ""


_recalled = lru_cache(maxsize=ELEMENTS)(_parse)
"""The results of one order were all observed at the same time."""


def _day(year: str, month: str, day: str) -> str:
    """A date as precise as it is given; ``00`` stands for an unknown part."""
    if month in {"", "00"}:
        return year
    if day in {"", "00"}:
        date(int(year), int(month), 1)
        return f"{year}-{month}"
    date(int(year), int(month), int(day))
    return f"{year}-{month}-{day}"


def _local(day: date, hour: int, minute: int, second: int) -> datetime:
    """The time on the clock; ``24:00`` is the start of the next day, and a leap second has no place in arithmetic."""
    if hour == 24 and minute == second == 0:
        return datetime.combine(day + timedelta(days=1), time())
    return datetime.combine(day, time(hour, minute, 59 if second == 60 else second))


def _offset(sent: str) -> str:
    """The sender's offset where it is one (at most 14 hours)."""
    if sent in ("", "Z"):
        return sent
    digits = sent[1:].replace(":", "").ljust(4, "0")
    return f"{sent[0]}{digits[:2]}:{digits[2:]}" if int(digits[2:]) < 60 and int(digits) <= 1400 else ""


def _zone_offset(zone: ZoneInfo, local: datetime) -> str:
    return _written(zone.utcoffset(local) or timedelta())


@lru_cache(maxsize=64)
def _written(offset: timedelta) -> str:
    """An offset in whole minutes."""
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
