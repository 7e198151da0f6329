"""The forms in which texts, numbers, times and numbers of telephones are compared."""

import re

_DTM = re.compile(r"(\d{4,14})(?:\.\d{1,6})?([+-]\d{4})?")
_FHIR_TIME = re.compile(
    r"(?:(\d{4})(?:-(\d\d)(?:-(\d\d))?)?)?(?:T?(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?"
)
_NUMBER = re.compile(r"([<>]?=?[+-]?)0*(\d*)(?:\.(\d*?)0*)?")
_NO_DIGIT = re.compile(r"\D")
_NOT_SPOKEN = re.compile(r"[\s-]")


def plain(text: str) -> str:
    """A text with single spaces and without upper case."""
    return " ".join(text.split()).casefold()


def squeezed(text: str) -> str:
    """A text without white space and hyphens: base64, and numbers that are written in groups."""
    return _NOT_SPOKEN.sub("", text).casefold()


def digits(text: str) -> str:
    """The digits of a telephone number."""
    return _NO_DIGIT.sub("", text)


def number(text: str) -> str:
    """A number by its value (``+065.80`` → ``65.8``), empty for what is none."""
    match = _NUMBER.fullmatch(text)
    if not match or not any(c.isdigit() for c in text):
        return ""
    sign, whole, fraction = match.groups(default="")
    return f"{'-' if '-' in sign else ''}{whole or '0'}{'.' + fraction if fraction else ''}"


def dtm(text: str) -> tuple[str, int | None]:
    """A DTM of HL7 v2: its digits, to the second once there is an hour, and its moment where it has an offset."""
    match = _DTM.fullmatch(text)
    if not match:
        return "", None
    stamp, offset = match.groups()
    if len(stamp) <= 8:
        return stamp, None
    stamp = stamp.ljust(14, "0")
    return stamp, _minute(stamp, offset) if offset else None


def fhir_time(text: str) -> tuple[str, int | None]:
    """The same for a date, dateTime, instant or time of FHIR."""
    match = _FHIR_TIME.fullmatch(text) if 4 <= len(text) < 40 else None
    if not match:
        return "", None
    *parts, offset = match.groups(default="")
    stamp = "".join(parts)
    if len(stamp) != 14 or not offset:
        return stamp, None
    return stamp, _minute(stamp, "+0000" if offset == "Z" else offset.replace(":", ""))


def _minute(stamp: str, offset: str) -> int:
    """A moment in minutes, alike for all offsets; any digits give one, also those of a day that is not."""
    year, month, day, hour, minute = (int(stamp[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12)))
    away = int(offset[1:3]) * 60 + int(offset[3:5])
    return _day(year, month, day) * 1440 + hour * 60 + minute - (away if offset[0] == "+" else -away)


def _day(year: int, month: int, day: int) -> int:
    """The number of a day in the Gregorian calendar, whose years are counted from March."""
    years, months = year - (month < 3), (month + 9) % 12
    return 365 * years + years // 4 - years // 100 + years // 400 + (153 * months + 2) // 5 + day
