"""A record in the form in which it is compared with many others: everything that can be computed once is."""

from dataclasses import dataclass
from functools import lru_cache

from jellyfish import metaphone

from hub.identity.demographics import Demographics


@dataclass(slots=True)  # not frozen: that costs a third of making one, and thousands are made for a batch
class Features:
    """As ``Demographics``, without what was filled in for a name; ``born`` are the digits of the birth date (YYYYMMDD,
    YYYYMM or YYYY); ``house`` and ``road`` the number and the rest of the street, ``locality`` the second line;
    ``numbers`` identifiers that corroborate; ``*_sound`` how a name sounds."""

    given: str
    middle: str
    family: str
    words: frozenset[str]
    former: frozenset[str]
    suffix: str
    born: str
    sex: str
    phones: frozenset[str]
    emails: frozenset[str]
    house: str
    road: str
    locality: str
    postal: str
    city: str
    ssn: str
    numbers: frozenset[str]
    given_sound: str
    family_sound: str
    nameless: bool


def features(said: Demographics) -> Features:
    """The features of a record."""
    nameless = said.placeholder
    given, family = ("", "") if nameless else (said.given, said.family)
    house, road = _split(said.street)
    return Features(
        given=given,
        middle="" if nameless else said.middle,
        family=family,
        words=frozenset(said.words or (family,)) if family else frozenset(),
        former=frozenset(said.former),
        suffix=said.suffix,
        born=said.birth_date.replace("-", ""),
        sex=said.sex if said.sex in ("male", "female") else "",
        phones=frozenset(said.phones),
        emails=frozenset(said.emails),
        house=house,
        road=road,
        locality=said.locality,
        postal=said.postal,
        city=said.city,
        ssn=said.ssn,
        numbers=frozenset(said.others),
        given_sound=sound(given),
        family_sound=sound(family),
        nameless=nameless,
    )


@lru_cache(maxsize=65536)
def sound(name: str) -> str:
    """How a name (letters only) sounds: its Metaphone (L. Philips, 1990), or its first letters in other scripts."""
    return (metaphone(name) or name[:1]) if name.isascii() else name[:3]


def _split(street: str) -> tuple[str, str]:
    first, _, rest = street.partition(" ")
    return (first, rest) if rest and any(c.isdigit() for c in first) else ("", street)
