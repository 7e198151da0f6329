"""How much each level of agreement says, in bits: log2(m / u) (Fellegi & Sunter 1969, equation 7).

``m`` is the share of pairs of one person that agree so, ``u`` that of pairs of two people. The table ``weights.csv`` is
reviewed by hand: u of dates and numbers is counted from how many values there are, u of names is the share of people
who have the name (U.S. Census Bureau), where it is known; m are rates of errors as registries report them. The rates,
the cap and the thresholds were then adjusted on FEBRL's sets and on the first region of ``bench/identity.py``; its
second region was held out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log2

from hub.identity.tables import given_names, rows, surnames

RAREST = {"given": 0.0002, "family": 0.0001}
"""No name says more than one that this share of people has: rare names run in families and in spellings."""

HOUSEHOLD = frozenset({"family", "phone", "email", "address", "numbers"})
"""Fields that the members of a family share."""


@dataclass(frozen=True, slots=True)
class Weights:
    """``bits`` by field and level; ``m`` those of names that agree. ``household`` caps what the fields of one household
    say together. A pair is linked from ``automatic`` bits on, and shown to a person from ``review`` on; another person
    who is within ``margin`` bits makes a link doubtful."""

    bits: Mapping[str, Mapping[str, float]]
    m: Mapping[str, float]
    household: float = 16.0
    automatic: float = 25.0
    review: float = 12.0
    margin: float = 8.0

    def of_name(self, field: str, name: str, share: float) -> float:
        """What it says that two records have this name; ``share`` is that of the people known here who have it."""
        known = (given_names() if field == "given" else surnames()).get(name, 0.0)
        return log2(self.m[field] / max(known, share, RAREST[field]))


@cache
def weights() -> Weights:
    """The weights of ``weights.csv``."""
    bits: dict[str, dict[str, float]] = {}
    m = {}
    for row in rows("weights"):
        bits.setdefault(row["field"], {})[row["level"]] = log2(float(row["m"]) / float(row["u"]))
        if row["level"] == "same":
            m[row["field"]] = float(row["m"])
    return Weights(bits, m)
