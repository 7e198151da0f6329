"""Dates as people write them on paper → FHIR dates."""

import re
from datetime import datetime

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_NUMERIC = re.compile(r"\b\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}\b")
_WORDED = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})\b")
_WORDED_US = re.compile(r"\b([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\s*([ap])?\.?(?:m\b)?", re.IGNORECASE)


def read_date(text: str, date_format: str) -> str:
    """The first date in ``text`` as ``YYYY-MM-DD``, or empty. ISO dates and dates with a month's name can be read
    without being told; a numeric one is read as ``date_format`` (``strptime``) says and not otherwise."""
    for pattern, order in (
        (_ISO, "{0}-{1}-{2} %Y-%m-%d"),
        (_WORDED, "{0} {1:.3} {2} %d %b %Y"),
        (_WORDED_US, "{1} {0:.3} {2} %d %b %Y"),
    ):
        if match := pattern.search(text):
            value, _, form = order.format(*match.groups()).partition(" %")
            return _parsed(value, "%" + form)
    numeric = _NUMERIC.search(text)
    return _parsed(numeric[0], date_format) if numeric else ""


def read_local_time(text: str, date_format: str) -> str:
    """The date and time in ``text`` as ``YYYY-MM-DDTHH:MM:SS`` (no offset: paper has none), or empty."""
    date = read_date(text, date_format)
    time = _TIME.search(text)
    if not (date and time):
        return ""
    hour = int(time[1]) % 12 + (12 if time[4].lower() == "p" else 0) if time[4] else int(time[1])
    return f"{date}T{hour:02}:{time[2]}:{time[3] or '00'}"


def _parsed(value: str, form: str) -> str:
    try:
        return datetime.strptime(value, form).date().isoformat()  # noqa: DTZ007  a calendar date has no zone
    except ValueError:
        return ""
