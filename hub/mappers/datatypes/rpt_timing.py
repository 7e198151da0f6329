"""RPT and RI (repeat patterns, table 0335) → Timing: how often something is given (HL7 v2.9, chapter 2A.3.66)."""

import re
from dataclasses import dataclass

from hub.fhir.build import compact, token
from hub.fhir.codes import Table
from hub.fhir.systems import V3
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.notes import Notes
from hub.model import Json

_PATTERN = Table("0335")
_GTS = {
    **{code: code for code in ("BID", "TID", "QID", "QD", "QOD", "Q4H", "Q6H")},
    "QAM": "AM",
    "QPM": "PM",
}
"""Repeat patterns that v3-GTSAbbreviation has, too."""
_NAMED: dict[str, Json] = {
    "BID": {"frequency": 2, "period": 1, "periodUnit": "d"},
    "TID": {"frequency": 3, "period": 1, "periodUnit": "d"},
    "QID": {"frequency": 4, "period": 1, "periodUnit": "d"},
    **{code: {"frequency": 1, "period": 1, "periodUnit": "d"} for code in ("QD", "DAILY", "QDAY")},
    "QOD": {"frequency": 1, "period": 2, "periodUnit": "d"},
    "QAM": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN"]},
    "QPM": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["EVE"]},
    "QHS": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]},
    "WEEKLY": {"frequency": 1, "period": 1, "periodUnit": "wk"},
    "MONTHLY": {"frequency": 1, "period": 1, "periodUnit": "mo"},
    "ONCE": {"count": 1},
}
_EVENTS = frozenset(("C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV", "HS"))
"""Meals and sleep (tables 0335 and 0528) that R4's EventTiming has under the same code; a sole C in table 0335 means
"continuously", and there it is not looked up."""
_WITHOUT_OFFSET = frozenset(("C", "CM", "CD", "CV"))
"""R4 timing invariant: nothing lies before or after "with the meal"."""
_EVERY = re.compile(r"Q(\d{1,4})(?:-(\d{1,4}))?([SMHDWL])")
_TIMES = re.compile(r"(\d{1,2})ID")
_ON_DAYS = re.compile(r"Q\d*J([1-7]{1,7})")
_PERIODS = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {
    **dict.fromkeys(("S", "SEC", "SECOND", "SECONDS"), "s"),
    **dict.fromkeys(("M", "MIN", "MINUTE", "MINUTES", "MINS"), "min"),
    **dict.fromkeys(("H", "HR", "HRS", "HOUR", "HOURS"), "h"),
    **dict.fromkeys(("D", "DAY", "DAYS"), "d"),
    **dict.fromkeys(("W", "WK", "WEEK", "WEEKS"), "wk"),
    **dict.fromkeys(("L", "MO", "MON", "MONTH", "MONTHS"), "mo"),
    **dict.fromkeys(("Y", "A", "ANN", "YR", "YEAR", "YEARS"), "a"),
}
_MINUTES = {"min": 1, "h": 60, "d": 1440}


@dataclass(slots=True)
class Pattern:
    """When: ``repeat`` and ``code`` of a Timing; ``as_needed`` where the pattern says PRN."""

    repeat: Json
    code: Json
    as_needed: bool = False


def rpt_pattern(rpt: Repetition, ctx: Notes) -> Pattern:
    """RPT.1 pattern, .2–.4 days of the week, .5/.6 period, .8–.10 event and offset, .11 the schedule in words."""
    pattern = coded_pattern(rpt.inner(1), ctx)
    pattern.repeat.update(_days(rpt))
    if (period := nm_decimal(rpt[5])) is not None and (unit := time_unit(rpt[6] or rpt.sub(6, 2))):
        pattern.repeat.update({"frequency": 1, "period": period, "periodUnit": unit})
    if (event := rpt[8].upper()) in _EVENTS:
        pattern.repeat.update({"when": [event], **_offset(rpt, event)})
    if schedule := rpt[11]:
        pattern.code = {**pattern.code, "text": schedule}
    return pattern


def coded_pattern(cwe: Repetition, ctx: Notes) -> Pattern:
    """The pattern of a code alone (``Q6H``, ``BID PRN``); one that only its sender knows keeps its code."""
    return _pattern(cwe[1], cwe_codeableconcept(cwe, ctx, _PATTERN))


def plain_pattern(code: str) -> Pattern:
    """The pattern of a code that comes without words (RI.1)."""
    return _pattern(code, {"coding": [{"system": _PATTERN.source, "code": token(code)}]})


def _pattern(code: str, concept: Json) -> Pattern:
    words = code.upper().split()
    as_needed = any(word.startswith("PRN") for word in words)
    code = "".join(word.removeprefix("PRN") for word in words)
    if code.endswith("PRN"):
        as_needed, code = True, code.removesuffix("PRN")
    if code in _GTS and concept:
        meant = {"system": V3 + "GTSAbbreviation", "code": _GTS[code]}
        concept = {**concept, "coding": [meant, *concept.get("coding", ())]}
    return Pattern(_repeat(code), concept, as_needed)


def time_unit(text: str) -> str:
    """A unit of time as R4 writes it (``Hours`` → ``h``); empty for what is none."""
    return _UNITS.get(text.strip().upper(), "")


def _repeat(code: str) -> Json:
    if known := _NAMED.get(code):
        return dict(known)
    if (match := _EVERY.fullmatch(code)) and int(match[1]):
        return compact(
            {
                "frequency": 1,
                "period": int(match[1]),
                "periodMax": int(match[2]) if match[2] else None,
                "periodUnit": _PERIODS[match[3]],
            }
        )
    if (match := _TIMES.fullmatch(code)) and int(match[1]):
        return {"frequency": int(match[1]), "period": 1, "periodUnit": "d"}
    if match := _ON_DAYS.fullmatch(code):
        return {"dayOfWeek": [_DAYS[int(day) - 1] for day in sorted(set(match[1]))]}
    return {"when": [code]} if code in _EVENTS and code != "C" else {}


def _days(rpt: Repetition) -> Json:
    """RPT.3 to .4 where they are days of the week (RPT.2 ``DW``)."""
    first, last = rpt[3], rpt[4] or rpt[3]
    if rpt[2] != "DW" or first not in _WEEK or last not in _WEEK:
        return {}
    return {"dayOfWeek": list(_DAYS[int(first) - 1 : int(last)])} if first <= last else {}


_WEEK = frozenset("1234567")


def _offset(rpt: Repetition, event: str) -> Json:
    """RPT.9 in minutes, by the unit of RPT.10."""
    number = rpt[9]
    if event in _WITHOUT_OFFSET or not (number.isascii() and number.isdigit() and len(number) < 5):
        return {}
    minutes = int(number) * _MINUTES.get(time_unit(rpt[10]), 1)
    return {"offset": minutes} if minutes else {}
