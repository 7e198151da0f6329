"""Why a pair of records is not decided alone, whatever the sum of its evidence says."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from hub.identity.features import Features

SMALL_PLACE = 0.002
"""The share of the people who live in a postal code up to which living there too corroborates."""

DAY_AGREES = frozenset({"same", "swapped", "typo"})
NUMBER_AGREES = frozenset({"same", "typo"})
_GIVEN_AGREES = frozenset({"same", "nickname", "typo", "sound", "part"})
_BORN_AGREES = DAY_AGREES | {"partial"}
_CORROBORATES = {
    "ssn": frozenset({"same", "typo", "last4"}),
    "phone": frozenset({"same", "typo"}),
    "email": frozenset({"same"}),
    "address": frozenset({"same", "road"}),
    "numbers": frozenset({"same"}),
    "middle": frozenset({"same"}),
}


class Veto(StrEnum):
    """Some say that something is missing, others that something contradicts."""

    NAMELESS = "a name was filled in"
    GENERATION = "another generation of one name"
    SSN = "two social security numbers"
    MIDDLE = "two middle names"
    TWIN = "another given name: a twin or a relative"
    NO_GIVEN = "no given name that agrees"
    FAMILY = "another family name"
    SEX = "two sexes and two given names"
    BORN = "another birth date"
    NO_BIRTH_DATE = "no birth date that agrees"
    ALONE = "nothing but name and birth date agrees"

    @property
    def contradicts(self) -> bool:
        return self not in _MISSING


_MISSING = frozenset({Veto.NAMELESS, Veto.NO_GIVEN, Veto.NO_BIRTH_DATE, Veto.ALONE})


def vetoes(a: Features, b: Features, levels: Mapping[str, str], place: float) -> Iterator[Veto]:
    """The vetoes of a pair that agrees so; ``place`` is the share of the people who live in ``a``'s postal code."""
    if a.nameless or b.nameless:
        yield Veto.NAMELESS
    if levels.get("suffix") == "other":
        yield Veto.GENERATION
    corroborated = _corroborated(levels, place)
    if _two_numbers(levels, corroborated):
        yield Veto.SSN
    if levels.get("sex") == "other" and levels.get("given", "same") != "same":
        yield Veto.SEX
    yield from _of_names(levels)
    if not corroborated:
        yield Veto.ALONE


def _of_names(levels: Mapping[str, str]) -> Iterator[Veto]:
    """Names and birth date have to agree, unless a social security number vouches for what is missing or changed."""
    given, family, born, ssn = (levels.get(field, "") for field in ("given", "family", "born", "ssn"))
    named, number = _named(levels), ssn in NUMBER_AGREES
    that_day = number and born in DAY_AGREES
    at_home = number and family in ("same", "typo", "") and _at_home(levels)
    mistyped = given == "alike" and ssn == "same" and at_home  # of twins one would have the other's number
    if given in ("other", "alike") or (ssn == "neighbour" and given not in ("same", "")):
        if not (that_day or mistyped or (at_home and not born)):
            yield Veto.TWIN
    elif not (named or that_day or at_home or _only_given_missing(levels)):
        yield Veto.NO_GIVEN
    if levels.get("middle") == "other" and ssn != "same":
        yield Veto.MIDDLE
    if family in ("other", "changed") and not (that_day or (named and number) or _one_home(levels)):
        yield Veto.FAMILY
    if not (born in _BORN_AGREES or (named and number) or mistyped or (at_home and not (given and born))):
        yield Veto.BORN if born else Veto.NO_BIRTH_DATE


def _named(levels: Mapping[str, str]) -> bool:
    """By name; one name in the other's place and the other mistyped are nobody's relative of that day and home."""
    names = levels.get("names")
    if names == "crossed":
        return levels.get("born") == "same" and levels.get("address") in ("same", "road")
    return levels.get("given") in _GIVEN_AGREES or names == "swapped"


def _only_given_missing(levels: Mapping[str, str]) -> bool:
    """Family name, day of birth and home are the same; a twin who is known would be a second candidate."""
    same = levels.get("family") == levels.get("born") == "same" and _one_home(levels)
    return same and "given" not in levels and "names" not in levels


def _at_home(levels: Mapping[str, str]) -> bool:
    return levels.get("address") in ("same", "road") or levels.get("phone") == "same"


def _one_home(levels: Mapping[str, str]) -> bool:
    """Whether a number or the whole address agrees, so that another family name is a changed one."""
    return any(levels.get(field) == "same" for field in ("phone", "email", "address"))


def _two_numbers(levels: Mapping[str, str], corroborated: bool) -> bool:
    """Whether the numbers are two people's; one that is no social security number yields to everything else."""
    agrees = corroborated and _named(levels) and levels.get("born") in DAY_AGREES
    return levels.get("ssn") == "other" or (levels.get("ssn") == "unlike" and not agrees)


def _corroborated(levels: Mapping[str, str], place: float) -> bool:
    """Whether more agrees than name and birth date."""
    small = levels.get("address") == "postal" and place <= SMALL_PLACE
    return small or any(levels.get(field) in agrees for field, agrees in _CORROBORATES.items())
