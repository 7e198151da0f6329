"""What speaks for and against two records being one person's, in bits and field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from hub.identity.agreement import compare
from hub.identity.features import Features
from hub.identity.vetoes import DAY_AGREES, NUMBER_AGREES, Veto, vetoes
from hub.identity.weights import HOUSEHOLD, Weights, weights

Bits: TypeAlias = Mapping[str, Mapping[str, float]]


class Evidence(NamedTuple):
    """One field's agreement and what it says, in bits."""

    field: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of the people known here who have a given name, a family name and a postal code. Where nobody counts,
    names are as common as elsewhere, and everybody lives in one place."""

    given: float = 0.0
    family: float = 0.0
    place: float = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """``bits`` of evidence that two records are one person's, and the ``vetoes``: reasons why a person must look."""

    bits: float
    evidence: tuple[Evidence, ...]
    vetoes: tuple[Veto, ...]

    @property
    def contradictory(self) -> bool:
        """Whether anything contradicts that the records are one person's."""
        return any(veto.contradicts for veto in self.vetoes)

    @property
    def conclusive(self) -> bool:
        """Whether social security number and birth date agree and nothing else forbids: then other records of the
        person cast no doubt on it."""
        levels = {e.field: e.level for e in self.evidence}
        number = levels.get("ssn") in NUMBER_AGREES and levels.get("born") in DAY_AGREES
        return number and not self.vetoes

    @property
    def probability(self) -> float:
        """Of being one person, where one pair in a million is: for people to read."""
        odds: float = 2.0 ** min(self.bits - 20.0, 60.0)
        return odds / (1 + odds)


ANYWHERE = Shares()


def score(
    a: Features,
    b: Features,
    shares: Shares = ANYWHERE,
    table: Weights | None = None,
    levels: Mapping[str, str] | None = None,
) -> Score:
    """Compares two records; ``shares`` are those of ``a``'s names, ``levels`` what ``compare`` said, when it was asked
    before."""
    table = table or weights()
    levels = levels or compare(a, b)
    bits = bits_for(a, shares, table)
    evidence = tuple(Evidence(f, level, bits[f][level]) for f, level in levels.items())
    return Score(weigh(levels, bits, table.household), evidence, tuple(vetoes(a, b, levels, shares.place)))


def bits_for(a: Features, shares: Shares, table: Weights) -> Bits:
    """The bits by field and level when a record is compared with others: the rarer its names, the more they say."""
    given = {**table.bits["given"], "same": table.of_name("given", a.given, shares.given)}
    family = {**table.bits["family"], "same": table.of_name("family", a.family, shares.family)}
    return {**table.bits, "given": given, "family": family}


def weigh(levels: Mapping[str, str], bits: Bits, household: float) -> float:
    """All bits, those that speak for one household together no more than its cap."""
    total = shared = 0.0
    for field, level in levels.items():
        said = bits[field][level]
        if said > 0 and field in HOUSEHOLD:
            shared += said
        else:
            total += said
    return total + min(shared, household)
