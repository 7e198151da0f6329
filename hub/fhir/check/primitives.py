"""The primitive types of FHIR R4 (section 2.24.0.1): each test answers nothing for a good value, else what is wrong.

They run for every value of every bundle: the common case is decided by what strings can do in C, a regular expression
comes last.
"""

import math
import re
from binascii import Error, a2b_base64
from collections.abc import Callable, Sequence
from datetime import date as calendar
from typing import Any, TypeAlias

import orjson

Problem: TypeAlias = tuple[str, str]
"""Where, seen from the element at hand, and what is wrong (without its value: promise P9)."""
Problems: TypeAlias = Sequence[Problem] | None
Check: TypeAlias = Callable[[Any, Any], Problems]
"""Tests a value; the second argument is the ``Scope`` it stands in."""

LONGEST = 1024 * 1024
"""Characters of a string."""

_CODE = re.compile(r"[^\s]+( [^\s]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_CLOCK = r"T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_DATE_TIME = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(" + _CLOCK + ")?)?)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])" + _CLOCK, re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?", re.ASCII)
_DECIMAL = re.compile(rb"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


def _wrong(what: str) -> tuple[Problem]:
    return (("", what),)


_NOT_STRING = _wrong("is no string: some character that is no white space, no control characters, at most 1 MB")
_NOT_CODE = _wrong("is no code: no white space at its ends, single spaces within")
_NOT_ID = _wrong("is no id: at most 64 letters, digits, - and .")
_NOT_URI = _wrong("is no URI: no white space")
_NOT_OID = _wrong("is no OID: urn:oid: and numbers with dots")
_NOT_UUID = _wrong("is no UUID: urn:uuid: and 36 lower-case digits")
_NOT_DATE = _wrong("is no date: YYYY, YYYY-MM or YYYY-MM-DD, and a day of the calendar")
_NOT_DATE_TIME = _wrong("is no dateTime: a date, or one with hours, minutes, seconds and an offset")
_NOT_INSTANT = _wrong("is no instant: a date with hours, minutes, seconds and an offset")
_NOT_TIME = _wrong("is no time: hh:mm:ss")
_NOT_BOOLEAN = _wrong("is no boolean")
_NOT_DECIMAL = _wrong("is no decimal number")
_NOT_BASE64 = _wrong("is not base64")
_NOT_XHTML = _wrong("is no div of XHTML")


def string(value: Any, _: Any) -> Problems:
    """Some character beyond white space, no control characters but tab and ends of line."""
    if type(value) is str and value[:1] > " " and value.isprintable() and len(value) <= LONGEST:
        return None
    if type(value) is not str or not value.strip() or len(value) > LONGEST or _CONTROL.search(value):
        return _NOT_STRING
    return None


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def code(value: Any, _: Any) -> Problems:
    """Letters with single spaces between them."""
    return None if type(value) is str and (value.isalnum() or _CODE.fullmatch(value)) else _NOT_CODE


def identity(value: Any, _: Any) -> Problems:
    """The type ``id``."""
    return None if type(value) is str and _ID.fullmatch(value) else _NOT_ID


def uri(value: Any, _: Any) -> Problems:
    """Any text without white space."""
    return None if type(value) is str and value and value.isprintable() and " " not in value else _NOT_URI


def oid(value: Any, _: Any) -> Problems:
    """An OID as a URI."""
    return None if type(value) is str and _OID.fullmatch(value) else _NOT_OID


def uuid(value: Any, _: Any) -> Problems:
    """A UUID as a URI."""
    return None if type(value) is str and _UUID.fullmatch(value) else _NOT_UUID


def date(value: Any, _: Any) -> Problems:
    """A year, a month or a day, of the calendar."""
    return None if type(value) is str and _DATE.fullmatch(value) and _is_day(value) else _NOT_DATE


def date_time(value: Any, _: Any) -> Problems:
    """A date, or a moment with an offset."""
    return None if type(value) is str and _DATE_TIME.fullmatch(value) and _is_day(value) else _NOT_DATE_TIME


def instant(value: Any, _: Any) -> Problems:
    """A moment, to the second at least."""
    return None if type(value) is str and _INSTANT.fullmatch(value) and _is_day(value) else _NOT_INSTANT


def _is_day(text: str) -> bool:
    """Whether a date whose form is right is in the calendar."""
    if len(text) < 10:
        return text[:4] != "0000"
    if text[8:10] < "29" and text[:4] != "0000":
        return True
    try:
        calendar.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def time(value: Any, _: Any) -> Problems:
    """A time of day, to the second at least and without an offset."""
    return None if type(value) is str and _TIME.fullmatch(value) else _NOT_TIME


def boolean(value: Any, _: Any) -> Problems:
    """True or false."""
    return None if value is True or value is False else _NOT_BOOLEAN


def decimal(value: Any, _: Any) -> Problems:
    """A number; one that is kept digit for digit is a JSON literal (``orjson.Fragment``)."""
    kind = type(value)
    if kind is int or (kind is float and math.isfinite(value)):
        return None
    return None if kind is orjson.Fragment and _DECIMAL.fullmatch(orjson.dumps(value)) else _NOT_DECIMAL


def integer(smallest: int) -> Check:
    """The test of whole numbers of 32 bits, from the smallest that is allowed on."""
    problem = _wrong(f"is no whole number from {smallest} to {2**31 - 1}")

    def check(value: Any, _: Any) -> Problems:
        return None if type(value) is int and smallest <= value < 2**31 else problem

    return check


def base64_binary(value: Any, _: Any) -> Problems:
    """Bytes as base64; white space is allowed between its characters."""
    if type(value) is not str or not value:
        return _NOT_BASE64
    try:
        a2b_base64("".join(value.split()), strict_mode=True)
    except (Error, ValueError):
        return _NOT_BASE64
    return None


def xhtml(value: Any, _: Any) -> Problems:
    """A ``div``; what is in it is not looked at."""
    return None if type(value) is str and value.startswith("<div") and value.endswith("</div>") else _NOT_XHTML


PRIMITIVES: dict[str, Check] = {
    "base64Binary": base64_binary,
    "boolean": boolean,
    "canonical": uri,
    "code": code,
    "date": date,
    "dateTime": date_time,
    "decimal": decimal,
    "id": identity,
    "instant": instant,
    "integer": integer(-(2**31)),
    "markdown": string,
    "oid": oid,
    "positiveInt": integer(1),
    "string": string,
    "time": time,
    "unsignedInt": integer(0),
    "uri": uri,
    "url": uri,
    "uuid": uuid,
    "xhtml": xhtml,
}


def one_of(codes: frozenset[str], value_set: str) -> Check:
    """The test of a code that must be of a value set (required binding)."""
    problem = _wrong(f"is no code of the value set {value_set}, which is required here")

    def check(value: Any, _: Any) -> Problems:
        return None if type(value) is str and value in codes else problem

    return check
