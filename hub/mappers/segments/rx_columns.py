"""Where RXO, RXE and RXG say the same: numbers of their fields, 0 where a segment has none (HL7 v2.9, chapter 4A.4)."""

from dataclasses import dataclass

from hub.formats.hl7v2.segment import ABSENT, Field, Segment
from hub.mappers.segments.rx_medication import Product


@dataclass(frozen=True, slots=True)
class Columns:
    """Fields by what they say. Beside most amounts stand their units, in the next field; ``drug`` are those of the
    product. ``low`` is the amount, or its lower end; its upper end and the unit follow."""

    drug: Product
    low: int
    deliver_to: int
    substitution: int
    substitution_table: str
    administration: tuple[int, ...]
    comments: tuple[int, ...]
    review: int
    per: int
    rate: int
    indication: int
    kind: int
    pharmacy: int
    pharmacy_address: int
    place: int
    address: int
    dispensed: int = 0
    timing: int = 0
    telephone: int = 0
    refills: int = 0
    dea: int = 0
    verifier: int = 0
    daily: int = 0
    other_drug: int = 0
    interval: int = 0
    identifier: int = 0
    mood: int = 0
    number: int = 0
    remaining: int = 0
    given: int = 0
    recent: int = 0
    recent_pharmacy: int = 0
    method: int = 0
    authored: int = 0
    schedule: int = 0
    formulary: int = 0
    alternative: int = 0
    first_fill: int = 0
    counters: tuple[int, ...] = ()
    tag: int = 0


RXO = Columns(
    drug=Product(code=1, form=5, strength=18, volume=25, supplementary=24, instance=29),
    low=2,
    administration=(7,),
    comments=(6,),
    deliver_to=8,
    substitution=9,
    substitution_table="0161",
    other_drug=10,
    dispensed=11,
    refills=13,
    dea=14,
    verifier=15,
    review=16,
    per=17,
    indication=20,
    rate=21,
    daily=23,
    kind=27,
    interval=28,
    identifier=30,
    mood=31,
    pharmacy=32,
    pharmacy_address=33,
    place=34,
    address=35,
    telephone=36,
)
"""The order as the prescriber writes it."""

RXE = Columns(
    timing=1,
    drug=Product(code=2, form=6, strength=25, volume=33, package=28, supplementary=31),
    low=3,
    administration=(7,),
    comments=(21,),
    deliver_to=8,
    substitution=9,
    substitution_table="0167",
    dispensed=10,
    refills=12,
    dea=13,
    verifier=14,
    number=15,
    remaining=16,
    given=17,
    recent=18,
    daily=19,
    review=20,
    per=22,
    rate=23,
    indication=27,
    method=30,
    authored=32,
    schedule=35,
    formulary=36,
    alternative=37,
    recent_pharmacy=38,
    first_fill=39,
    pharmacy=40,
    pharmacy_address=41,
    place=42,
    address=43,
    kind=44,
    telephone=45,
)
"""The order as the pharmacy encodes it."""

RXG = Columns(
    counters=(1, 2),
    timing=3,
    drug=Product(code=4, form=8, strength=17, volume=23, lot=19, barcode=25),
    low=5,
    administration=(13,),
    comments=(9,),
    substitution=10,
    substitution_table="0167",
    deliver_to=11,
    review=12,
    per=14,
    rate=15,
    indication=22,
    kind=26,
    pharmacy=27,
    pharmacy_address=28,
    place=29,
    address=30,
    tag=31,
    dispensed=32,
)
"""One dose of it that is to be given."""


def at(rx: Segment, number: int, beside: int = 0) -> Field:
    """A field, or one ``beside`` it; absent where the segment has no such field."""
    return rx[number + beside] if number else ABSENT
