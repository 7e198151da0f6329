"""What stands beside a label → a value of the field's kind, and how well it fits (0 to 1). Nothing is guessed."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from rapidfuzz import process

from hub.formats.names import PersonName, read_name

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Value(NamedTuple):
    """A value in the form that the hub uses, how well the text fits its kind, and how much of the text it is."""

    text: str
    quality: float = 1.0


_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8", "Z": "2", "Q": "0"})
_NUMERIC_SPOT = re.compile(
    r"(?<![A-Za-z])[\dOolI|SBZ]{1,4}(?=[\s/.\-]*[\dOolI|])|(?<=\d)[OolI|](?![A-Za-z])|(?<=[/\-.\d])[OolI|SBZ]{1,2}(?![A-Za-z])"
)
_ISO = re.compile(r"(?<!\d)((?:18|19|20|21)\d\d)\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{2})")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*([/.\-])\s*(\d{1,2})\s*[/.\-]\s*((?:18|19|20|21)\d\d|\d\d(?!\d))")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s.\-]*([A-Za-z]{3,9})[\s.,\-]*((?:18|19|20|21)\d\d)")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})[\s.\-]*(\d{1,2})(?:st|nd|rd|th)?[\s.,]*((?:18|19|20|21)\d\d)")
_CENTURY = 40
"""Two digits of a year up to this are of the present century; of a birth date they may be of either."""


def read_birth_date(text: str, date_format: str = "%m/%d/%Y") -> Value | None:
    """The same of a birth date, whose two digits of a year may leave its century open: then it is not read."""
    day = read_day(text, date_format)
    short = day and day.text[:4] not in text.translate(_DIGITS) and int(day.text[2:4]) <= _CENTURY
    return None if short else day


def read_day(text: str, date_format: str = "%m/%d/%Y") -> Value | None:
    """The first date as ``YYYY-MM-DD``. A numeric one is read as ``date_format`` orders day and month, not otherwise;
    letters that look like digits count as these beside digits, at a price."""
    clean = text.strip()
    for quality, said in ((1.0, clean), (0.9, _NUMERIC_SPOT.sub(lambda m: m[0].translate(_DIGITS), clean))):
        for read in (_iso, _worded, lambda one: _numeric(one, date_format)):
            if day := read(said):
                return Value(day, quality)
    return None


def _iso(text: str) -> str:
    match = _ISO.search(text)
    return _day(int(match[1]), int(match[2]), int(match[3])) if match else ""


def _worded(text: str) -> str:
    if match := _DAY_FIRST.search(text):
        return _day(int(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_FIRST.search(text):
        return _day(int(match[3]), _month(match[1]), int(match[2]))
    return ""


def _numeric(text: str, date_format: str) -> str:
    match = _NUMERIC.search(text)
    if match is None:
        return ""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    day_first = 0 <= date_format.find("%d") < date_format.find("%m")
    month, day = (second, first) if day_first else (first, second)
    if year < 100:
        year += 2000 if year <= _CENTURY else 1900
    return _day(year, month, day)


def _month(word: str) -> int:
    """The month of that name; of a word of three letters one may be misread. 0 for any other word."""
    said = word[:3].casefold()
    same = [sum(a == b for a, b in zip(said, month, strict=False)) for month in MONTHS]
    best = max(same)
    sure = best == 3 or (best == 2 and len(word) == 3 and same.count(2) == 1)
    return same.index(best) + 1 if sure else 0


def _day(year: int, month: int, day: int) -> str:
    if not (1 <= month <= 12 and 1 <= day <= DAYS[month - 1]):
        return ""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return "" if (month, day) == (2, 29) and not leap else f"{year:04}-{month:02}-{day:02}"


def read_phone(text: str) -> Value | None:
    """Ten digits of a number of the North American plan."""
    said = re.split(r"\b(?:ext|x|fax|or|alt)\b", text, maxsplit=1, flags=re.IGNORECASE)[0]
    for quality, shown in ((1.0, said), (0.85, said.translate(_DIGITS))):
        digits = re.sub(r"\D", "", shown[:22])
        digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        if len(digits) == 10 and digits[0] in "23456789":
            return Value(digits, quality)
    return None


def read_sex(text: str) -> Value | None:
    """``F``, ``M`` or ``X``."""
    word = re.split(r"[^A-Za-z]", text.strip(), maxsplit=1)[0].casefold()
    known = {"m": "M", "f": "F", "male": "M", "female": "F", "man": "M", "woman": "F", "x": "X", "nonbinary": "X"}
    if word in known:
        return Value(known[word])
    near = process.extractOne(word, ("female", "male"), score_cutoff=80) if len(word) > 3 else None
    return Value(known[near[0]], 0.85) if near else None


def read_number(text: str) -> Value | None:
    """A number of a chart, a referral, an authorization: its first word with three digits or more."""
    word = re.match(r"[#:.\s]*([A-Za-z]{0,6}\s?[-–#/]?\s?\d[\w\-–/.]*)", text.strip())
    if word is None or read_day(text.strip()[:12]) or re.match(r"\s*\(?\d{3}\)?[\s.\-]\s?\d{3}[\s.\-]\d{4}", text):
        return None
    number = re.sub(r"\s", "", word[1]).rstrip(".-–/").replace("–", "-")
    return Value(number) if sum(map(str.isdigit, number)) >= 3 and len(number) <= 24 else None


def read_referral(text: str) -> Value | None:
    """The number of a referral; the hub's own look like ``REF-2201``, and letters in it that should be digits are
    read as these."""
    if own := re.match(r"[#:.\s]*(?:R[EF]F|REE)\s*[-–_.:]?\s*([\dOolIS]{3,})\b", text.strip()):
        digits = own[1].translate(_DIGITS)
        return Value(f"REF-{digits}", 1.0 if own[1].isdigit() else 0.85)
    return read_number(text)


def read_npi(text: str) -> Value | None:
    """A National Provider Identifier: ten digits whose last is a check digit (Luhn with the prefix 80840)."""
    match = re.search(r"(?<!\d)([12]\d{9})(?!\d)", text)
    return Value(match[1], 1.0 if is_npi(match[1]) else 0.6) if match else None


def is_npi(digits: str) -> bool:
    doubled = [int(d) * (2 if at % 2 == 0 else 1) for at, d in enumerate(reversed(digits[:-1]))]
    total = 24 + sum(d - 9 if d > 9 else d for d in doubled)
    return len(digits) == 10 and (total + int(digits[-1])) % 10 == 0


_ICD = re.compile(r"(?<![A-Za-z0-9.])([A-TV-Z1l|])(\d[0-9A-Z])(?:\.([0-9A-Z]{1,4}))?(?![A-Za-z0-9])")


def read_diagnoses(text: str) -> list[Value]:
    """ICD-10-CM codes in a text that is known to hold some; a leading ``1`` is an ``I`` where a dot follows."""
    codes: list[Value] = []
    for letter, category, more in _ICD.findall(text):
        if letter in "1l|" and not more:
            continue
        read = "I" if letter in "1l|" else letter
        code = f"{read}{category}.{more}" if more else f"{read}{category}"
        codes.append(Value(code, 0.85 if letter != read else 1.0))
    return codes


NO_PERSON = frozenset(
    """above address admitted advised an and are associates at attached avenue be below by cardiology care center
    centre clinic complains complaints confidentiality consent consult consultation date denies department
    educated education endocrinology family fax for form from gastroenterology group had has have health
    healthcare history hospital id identification imaging in inc information instructed insurance is laboratory
    letter llc medical medicine n/a name nephrology neurology no none note notice number of office on orthopedics
    page patient pc phone physician practice presents primary provider pulmonary radiology records referral report
    reports request road same see seen service services should signature stated states status street summary the
    to tolerated transmittal unknown was were will with would yes""".split()  # noqa: SIM905 - a list of words is read more easily so
)
"""Words that no name of a person has."""

_GLUED = re.compile(
    r"(?<=[a-z])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bDi)(?<!\bDa)(?<!\bLa)(?<!\bLe)(?<!\bVan)(?<!\bDu)(?<!\bFitz)(?=[A-Z])"
    r"|(?<=\b[A-Z])(?=[A-Z][a-z]{2})"
)
"""Where words ran together: before a capital, but not within McDonald or DeLuca; after an initial."""
_SUFFIX = re.compile(r",?\s+(?:jr|sr|ii|iii|iv)\.?(?=,|$)", re.IGNORECASE)


def read_person(text: str) -> tuple[PersonName, float]:
    """A person's name and how much it looks like one: 0 where it does not. Words that ran together are parted where a
    capital stands, and a dot after a family name is a misread comma."""
    text = re.split(r"\s{3,}|\s+page\s*\d", text.strip(), maxsplit=1, flags=re.IGNORECASE)[0]
    said = re.sub(r"[\s.,;:]*\b(?:DOB|D\.O\.B|NPI|MRN)\b.*$", "", text.strip(), flags=re.IGNORECASE).strip(" :;.,_|-–")
    said = re.sub(r"^([A-Z][A-Za-z'’\-]{3,})\s?\.\s?(?=[A-Z][a-z]{1,})", r"\1, ", said)
    said = _GLUED.sub(" ", said)
    said = re.sub(r"(?<=[A-Za-z]),(?=[A-Za-z])", ", ", said)
    suffix = _SUFFIX.search(said)
    name = read_name(_SUFFIX.sub("", said))
    name = replace(name, suffix=suffix[0].strip(" ,.")) if suffix else name
    words = [name.family, *name.given]
    if not name or len(words) > 5 or len(" ".join(words)) > 45:
        return name, 0.0
    letters = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.\-\s])*")
    if not all(letters.fullmatch(word) for word in words) or len(name.family) < 2:
        return name, 0.0
    if any(part.casefold() in NO_PERSON for word in words for part in word.split()):
        return name, 0.0
    capital = all(word[0].isupper() for word in words)
    return name, (1.0 if capital else 0.5) * (0.9 if len(name.family.split()) > 2 else 1.0)


READERS: dict[str, Callable[[str], Value | None]] = {
    "sex": read_sex,
    "mrn": read_number,
    "phone": read_phone,
    "referral": read_referral,
    "npi": read_npi,
}
