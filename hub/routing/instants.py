"""Moments as senders write them (FHIR ``dateTime``, any precision) and their order."""

from datetime import UTC, date, datetime, timedelta

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(text: str) -> datetime | None:
    """The moment of a FHIR dateTime; a missing part is its beginning, a missing offset UTC. None if unreadable."""
    padded = text + "-01" if len(text) == 7 else text + "-01-01" if len(text) == 4 else text
    try:
        read = datetime.fromisoformat(padded)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant(text: str, otherwise: str) -> str:
    """The same moment as UTC text of one width (the form of ``store.engine.utc_text``), else ``otherwise``."""
    read = moment(text)
    return f"{read.replace(tzinfo=None).isoformat(timespec='microseconds')}Z" if read else otherwise


def between(start: str, end: str) -> timedelta | None:
    """The time that passed from one dateTime to the other, by instants; None if either is unreadable."""
    first, last = moment(start), moment(end)
    return last - first if first and last else None


def days_and_hours(span: timedelta) -> str:
    """``6 d 22 h``; under an hour ``40 min``."""
    minutes = int(span.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h" if hours else f"{minutes} min"


def day(text: str) -> date | None:
    """The calendar day where the sender is: the date part as written."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def spoken(text: str) -> str:
    """``9 Mar 2026 16:05`` in the sender's own time; only the day without a time; the text itself if unreadable."""
    on = day(text)
    if on is None:
        return text
    clock = f" {text[11:16]}" if len(text) >= 16 else ""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}{clock}"
