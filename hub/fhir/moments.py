"""Which of two dateTimes is the later one (FHIR R4, datatype dateTime: from a year to a fraction of a second)."""

import re
from datetime import datetime

_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def later(one: str, other: str) -> bool:
    """Whether a dateTime is certainly after another: of two moments time tells, else what both say of the date."""
    if "T" in one and "T" in other:
        return one != other and _moment(one) > _moment(other)
    length = min(len(one), len(other), 10)
    return one[:length] > other[:length]


def _moment(text: str) -> datetime:
    """A leap second is the one before it, and a fraction ends with the microseconds: Python has neither."""
    return datetime.fromisoformat(_FRACTION.sub(lambda match: f".{match[1]:0<6}", text).replace(":60", ":59"))
