"""How two records agree, field by field: ``{"given": "same", "born": "typo", …}``. What one of them leaves out is not
in it."""

from typing import TypeAlias

from hub.identity import comparators
from hub.identity.features import Features

Levels: TypeAlias = dict[str, str]


def compare(a: Features, b: Features) -> Levels:
    """The levels of all fields that both state; the order of the two does not matter."""
    levels: Levels = {}
    _names(a, b, levels)
    if a.middle and b.middle:
        levels["middle"] = comparators.middle(a.middle, b.middle)
    if a.suffix and b.suffix:
        levels["suffix"] = "same" if a.suffix == b.suffix or {a.suffix, b.suffix} == {"jr", "ii"} else "other"
    if a.born and b.born:
        levels["born"] = comparators.born(a.born, b.born)
    if a.sex and b.sex:
        levels["sex"] = "same" if a.sex == b.sex else "other"
    if a.ssn and b.ssn:
        levels["ssn"] = comparators.number(a.ssn, b.ssn)
    if a.phones and b.phones:
        levels["phone"] = comparators.phone(a.phones, b.phones)
    if a.emails and b.emails:
        levels["email"] = "other" if a.emails.isdisjoint(b.emails) else "same"
    if a.numbers and b.numbers:
        levels["numbers"] = "other" if a.numbers.isdisjoint(b.numbers) else "same"
    if address := _address(a, b):
        levels["address"] = address
    return levels


def _names(a: Features, b: Features, levels: Levels) -> None:
    """Given and family name, or that they stand in each other's place (``swapped``, or one of them: ``crossed``)."""
    given = comparators.given(a.given, b.given)
    family = _family(a, b)
    if given == "other" or family in ("other", "changed"):
        here, there = _exchanged(a.given, b.family), _exchanged(b.given, a.family)
        if here and there:
            levels["names"] = "swapped"
            return
        if (here or there) and given in ("other", "alike", "") and family != "same":
            levels["names"] = "crossed"
            return
    if given:
        levels["given"] = given
    if family:
        levels["family"] = family


def _exchanged(given: str, family: str) -> bool:
    return comparators.given(given, family) in ("same", "typo")


def _family(a: Features, b: Features) -> str:
    level = comparators.family(a.family, b.family)
    if level != "other":
        return level
    if not a.words.isdisjoint(b.words):
        return "part"
    if a.family in b.former or b.family in a.former:
        return "former"
    return "other" if "male" in (a.sex, b.sex) else "changed"


def _address(a: Features, b: Features) -> str:
    """``same``, ``road`` (another house number or none), ``postal``, ``city`` or ``other``; lines may be exchanged."""
    if _one_road(a, b) and _one_place(a, b):
        return "same" if a.house == b.house and (a.house or not a.postal) else "road"
    if a.postal and a.postal == b.postal:
        return "postal"
    if a.city and a.city == b.city:
        return "city"
    return "other" if (a.road and b.road) or (a.postal and b.postal) else ""


def _one_road(a: Features, b: Features) -> bool:
    road = comparators.road
    return road(a.road, b.road) or road(a.road, b.locality) or road(a.locality, b.road)


def _one_place(a: Features, b: Features) -> bool:
    stated = (a.postal or a.city) and (b.postal or b.city)
    return not stated or comparators.place((a.postal, b.postal), (a.city, b.city))
