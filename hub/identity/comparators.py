"""How far two values of one field agree, as a named level; empty where one of them says nothing.

``weights.csv`` has what each level says. Strings are compared by Damerau-Levenshtein distance (optimal string
alignment) and Jaro-Winkler similarity, both of rapidfuzz.
"""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from hub.identity.features import sound
from hub.identity.tables import given_names, short_forms

GENERATION = 15
"""Years: a parent and a child of one name are at least so far apart, a mistyped year is nearer."""

SHORT_NAME = 4
"""Letters: names of fewer are other names as easily as mistyped ones."""

PINYIN = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:a|ai|an|ang|ao|e|ei|en|eng|i|ia|ian|iang|iao|ie|in|ing|iong|iu|o|ong|ou|u|ua"
    "|uai|uan|uang|ue|ui|un|uo)"
)
"""One Chinese syllable: JING and YING, JUN and JIAN are names of two people."""

LONG_NAME = 7
"""Letters: a name of so many may have two slips of the pen."""

SSN_DIGITS = 9

TOGETHER = 10
"""Social security numbers that are nearer were given out on one form."""

_NONE: frozenset[str] = frozenset()

SIMILAR_ROAD = 0.9
"""Jaro-Winkler similarity from which two streets are one."""

SIMILAR = 0.92
"""Jaro-Winkler similarity from which two names are one, mistyped."""


@lru_cache(maxsize=65536)
def given(a: str, b: str) -> str:
    """``same``, ``nickname``, ``initial``, ``part`` (MARY of MARYANN), ``typo``, ``sound``, ``alike`` (a slip apart,
    but both names that people have, as ANA and ANNA) or ``other``."""
    if not a or not b:
        return ""
    if a == b:
        return "same"
    if len(a) == 1 or len(b) == 1:
        return "initial" if a[0] == b[0] else "other"
    return _two_names(a, b)


def _two_names(a: str, b: str) -> str:
    distinct = min(len(a), len(b)) < SHORT_NAME or (_is_known(a) and _is_known(b))
    if _is_short_form(a, b):
        return "nickname"
    if _near(a, b):
        return "alike" if distinct or _begins_otherwise(a, b) else "typo"
    if a.startswith(b) or b.startswith(a):
        return "part"
    if a[:2] == b[:2] and _short_forms_of_one(a, b):
        return "nickname"
    if sound(a) == sound(b):
        return "alike" if distinct else "sound"
    return "other"


@lru_cache(maxsize=65536)
def family(a: str, b: str) -> str:
    """``same``, ``typo``, ``sound`` or ``other``."""
    if not a or not b:
        return ""
    if a == b:
        return "same"
    if _near(a, b):
        return "typo"
    return "sound" if sound(a) == sound(b) else "other"


def middle(a: str, b: str) -> str:
    """``same``, ``initial`` or ``other``."""
    if not a or not b:
        return ""
    if a == b:
        return "same" if len(a) > 1 else "initial"
    if len(a) == 1 or len(b) == 1:
        return "initial" if a[0] == b[0] else "other"
    return "same" if given(a, b) in ("typo", "nickname", "sound") else "other"


def born(a: str, b: str) -> str:
    """Dates as digits: ``same``, ``partial`` (one is only a year or month, and it agrees), ``swapped`` (day and month),
    ``typo`` (one digit, or two neighbours exchanged), ``generation`` (that, but so many years apart that it may be a
    parent), ``near`` (the year and one more part agree) or ``other``."""
    if not a or not b:
        return ""
    if a == b:
        return "same"
    if len(a) < 8 or len(b) < 8:
        return "partial" if a.startswith(b) or b.startswith(a) else "other"
    return _two_days(a, b)


def _two_days(a: str, b: str) -> str:
    if a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]:
        return "swapped"
    if OSA.distance(a, b, score_cutoff=1) <= 1:
        return "typo" if abs(int(a[:4]) - int(b[:4])) < GENERATION else "generation"
    return "near" if a[:4] == b[:4] and (a[4:6] == b[4:6] or a[6:] == b[6:]) else "other"


def number(a: str, b: str) -> str:
    """Social security numbers: ``same``, ``neighbour`` (given out together, as to twins), ``typo`` (a digit or two
    neighbours), ``last4``, ``near`` (two slips), ``other``, or ``unlike`` (other, but not of nine digits: whatever the
    number is, it is not the one that every payer checks)."""
    if not a or not b:
        return ""
    if len(a) == 4 or len(b) == 4:
        return "last4" if a[-4:] == b[-4:] else "other"
    if a == b:
        return "same"
    if len(a) == len(b) and abs(int(a) - int(b)) < TOGETHER:
        return "neighbour"
    strict = len(a) == len(b) == SSN_DIGITS
    return ("", "typo", "near", "other" if strict else "unlike")[OSA.distance(a, b, score_cutoff=2)]


def phone(a: frozenset[str], b: frozenset[str]) -> str:
    """Any of each: ``same``, ``typo`` or ``other``."""
    if not a or not b:
        return ""
    if not a.isdisjoint(b):
        return "same"
    return "typo" if any(OSA.distance(x, y, score_cutoff=1) <= 1 for x in a for y in b) else "other"


@lru_cache(maxsize=65536)
def road(a: str, b: str) -> bool:
    """Whether two streets without their house numbers are one, give or take slips of the pen and blanks."""
    if not a or not b:
        return False
    if a == b:
        return True
    a, b = a.replace(" ", ""), b.replace(" ", "")
    return min(len(a), len(b)) > 5 and JaroWinkler.similarity(a, b, score_cutoff=SIMILAR_ROAD) > 0


def place(postal: tuple[str, str], city: tuple[str, str]) -> bool:
    """Whether two postal codes or two cities are one, give or take a slip of the pen."""
    return _slip(*postal, 1) or (_slip(*city, 2) and min(map(len, city)) > 4)


def _slip(a: str, b: str, slips: int) -> bool:
    return bool(a and b) and OSA.distance(a, b, score_cutoff=slips) <= slips


def _is_short_form(a: str, b: str) -> bool:
    forms = short_forms()
    return a in forms.get(b, ()) or b in forms.get(a, ())


def _short_forms_of_one(a: str, b: str) -> bool:
    forms = short_forms()
    return not forms.get(a, _NONE).isdisjoint(forms.get(b, _NONE))


def _near(a: str, b: str) -> bool:
    short = min(len(a), len(b))
    slips = 0 if short < 3 else 1 if short < LONG_NAME else 2
    if OSA.distance(a, b, score_cutoff=slips) <= slips:
        return True
    return short > 3 and JaroWinkler.similarity(a, b, score_cutoff=SIMILAR) > 0 and abs(len(a) - len(b)) <= 2


def _begins_otherwise(a: str, b: str) -> bool:
    """People seldom mistype the first letter of a short name (USHA and ASHA) but by exchanging it with the second."""
    return a[0] != b[0] and min(len(a), len(b)) < LONG_NAME and sorted(a[:2]) != sorted(b[:2])


def _is_known(name: str) -> bool:
    return name in given_names() or PINYIN.fullmatch(name) is not None
