"""Names, numbers, dates and addresses in the form in which they are compared; what was filled in says nothing."""

import re
import unicodedata
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


NEWBORN = re.compile(r"baby|newborn|infant|girl(?!ie)|boy(?!ce|d|le)|bb|bg|nb")
"""How given names begin that a hospital fills in before a child is named ("BABY GIRL A", "BB ANNA", not "Boyd")."""

NOBODY = frozenset({"unknown", "unk", "unidentified", "nameunknown", "unknownname", "notgiven", "none", "na", "xxx"})
NOBODY_AT_ALL = frozenset({("doe", "john"), ("doe", "jane"), ("test", "patient")})
"""Names that stand for no name yet: of a part, and of family and given name together."""

TEST = re.compile(r"zz+test|testpatient|zzz")
"""How names of patients begin who are none."""

NO_BIRTH_DATE = frozenset({"1900-01-01", "1800-01-01", "1901-01-01", "1111-11-11", "9999-12-31"})
NO_STREET = frozenset({"unknown", "unk", "none", "na", "homeless", "nofixedaddress", "noaddress", "generaldelivery"})
NO_PHONE = frozenset({"1234567890", "0123456789", "9876543210"})
NO_SSN = frozenset({"123456789", "987654321", "078051120", "123123123"})
NO_EMAIL = frozenset({"none", "noemail", "no", "na", "unknown", "declined", "refused", "test"})

PARTICLES = _words(
    """al el de del dela della di da das dos do du des la las le les lo los van von vom zu zur zum ter ten den der bin
    ibn bint ben abu san santa st saint y e af av"""
)
"""Words that family names begin with in many languages, and that are left out as often as not."""

SUFFIXES = _pairs("jr:jr junior:jr jnr:jr sr:sr senior:sr snr:sr ii:ii iii:iii iv:iv 2nd:ii 3rd:iii 4th:iv")
"""Generations as they are written after a name."""

_PLAIN = str.maketrans({"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "æ": "ae", "Æ": "ae", "œ": "oe"})
_UNIT = re.compile(r"\b(?:apt|apartment|unit|suite|ste|flat|rm|room|floor|fl|lot|no)\b\.?\s*#?\s*\w+|#\s*\w+")
_STREET_WORDS = _pairs(
    """street:st str:st avenue:ave av:ave road:rd drive:dr lane:ln court:ct place:pl boulevard:blvd
    circle:cir circuit:cct crescent:cres terrace:ter parkway:pkwy highway:hwy square:sq trail:trl close:cl north:n
    south:s east:e west:w saint:st mount:mt fort:ft"""
)
"""Words of addresses and their abbreviations (USPS Publication 28, appendices B and C1)."""


@lru_cache(maxsize=65536)
def letters(text: str) -> str:
    """Letters without accents, case, blanks and marks: ``O'Brien-Núñez`` is ``obriennunez``."""
    return "".join(c for c in plain(text) if c.isalpha())


@lru_cache(maxsize=65536)
def name_words(text: str) -> tuple[str, ...]:
    """The words of a family name without its particles: ``de la Cruz-O'Brien`` is ``cruz``, ``obrien``."""
    words = tuple(filter(None, (letters(word) for word in re.split(r"[\s\-/]+", text))))
    return tuple(word for word in words if word not in PARTICLES) or words


def without_suffix(family: str) -> tuple[str, str]:
    """A family name and the generation that was written behind it: ``Andrews Jr.`` is ``Andrews`` and ``jr``."""
    name, _, last = family.rstrip(" .").rpartition(" ")
    generation = SUFFIXES.get(last.lower(), "")
    return (name.rstrip(" ,"), generation) if name and generation else (family, "")


def suffix(text: str) -> str:
    """A generation in one way of writing; any other suffix as its letters."""
    bare = text.lower().strip(" .,")
    return SUFFIXES.get(bare) or letters(text)


def plain(text: str) -> str:
    """Lower case without accents: ``Łukasz Müßig`` is ``lukasz mussig``."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def is_placeholder(family: str, given: str) -> bool:
    """Whether a name (letters only) was filled in for somebody whose name is not known, or for nobody."""
    filled_in = NOBODY & {family, given} or (family, given) in NOBODY_AT_ALL
    return bool(filled_in or NEWBORN.match(given) or TEST.match(family) or TEST.match(given))


def phone(text: str) -> str:
    """The last ten digits of a phone number; empty for numbers that are filled in."""
    digits = re.sub(r"\D", "", text)[-10:]
    return digits if len(digits) >= 7 and len(set(digits)) > 1 and digits not in NO_PHONE else ""


def email(text: str) -> str:
    """An address in lower case; empty for what is none or filled in."""
    local, at, domain = text.strip().lower().partition("@")
    return f"{local}@{domain}" if at and "." in domain and local not in NO_EMAIL else ""


def ssn(text: str) -> str:
    """The digits of a social security number: seven to ten (other countries' too), or the last four; empty for numbers
    that are filled in."""
    digits = re.sub(r"\D", "", text)
    known = len(digits) == 4 or 7 <= len(digits) <= 10
    return digits if known and len(set(digits)) > 1 and digits not in NO_SSN else ""


@lru_cache(maxsize=4096)
def street(text: str) -> str:
    """A first line with the words abbreviated and without the unit: ``14 Mill Street, Apt. 3`` is ``14 mill st``; empty
    for what is filled in."""
    words = re.findall(r"\w+", _UNIT.sub(" ", plain(text).replace(".", "")))
    line = " ".join(_STREET_WORDS.get(word, word) for word in words)
    return "" if line.replace(" ", "") in NO_STREET else line


def postal_code(text: str) -> str:
    """The first five letters and digits of a postal code."""
    return re.sub(r"\W", "", text).lower()[:5]
