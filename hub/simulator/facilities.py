"""The senders, each with its own identifiers for the same person and its own way of writing."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from hub.formats.hl7v2.build import Component, Fields, Repetition
from hub.simulator.names import NICKNAMES
from hub.simulator.people import Person

Segment: TypeAlias = tuple[str, Fields]

ZONE = ZoneInfo("America/New_York")
"""All senders are in New York; some say so, some leave it to the feed's configuration."""


@dataclass(frozen=True, slots=True)
class Facility:
    """A sender. ``authority`` assigns its patient identifiers (an HD, or a bare namespace); ``offsets`` says whether
    its times have one (and seconds)."""

    feed: str
    application: str
    namespace: str
    oid: str
    prefix: str
    shouts: bool = False
    nicknames: bool = False
    middle_names: bool = True
    offsets: bool = True

    @property
    def authority(self) -> Component:
        return (self.namespace, self.oid, "ISO") if self.oid else self.namespace

    def mrn(self, person: Person, copy: int = 0) -> str:
        """This facility's identifier for a person; ``copy`` 1 is a second one, registered by mistake."""
        return f"{self.prefix}{copy or ''}{(person.number * 7919 + ord(self.prefix[0])) % 900_000 + 100_000}"

    def cx(self, identifier: str, kind: str) -> Repetition:
        """An identifier of this facility's (HL7 v2 CX)."""
        return (identifier, "", "", self.authority, kind)

    def ei(self, identifier: str) -> Repetition:
        """An entity identifier of this facility's (HL7 v2 EI)."""
        return (identifier, self.namespace, self.oid, "ISO") if self.oid else (identifier, self.namespace)

    def written(self, text: str) -> str:
        """A word as this facility writes it."""
        return text.upper() if self.shouts else text

    def name(self, person: Person) -> Repetition:
        """A person's name as this facility spells it (HL7 v2 XPN)."""
        given = NICKNAMES.get(person.given, person.given) if self.nicknames else person.given
        middle = person.middle if self.middle_names else ""
        parts = (person.family, given, middle, person.suffix)
        return (*(self.written(part) for part in parts), "", "", "L")

    def stamp(self, moment: datetime) -> str:
        """A moment as this facility writes it (HL7 v2 DTM)."""
        return f"{moment.astimezone(ZONE):%Y%m%d%H%M%S%z}" if self.offsets else f"{moment.astimezone(ZONE):%Y%m%d%H%M}"


MERCY = Facility("mercy", "ADT", "MERCY", "2.16.840.1.113883.3.7001", "M")
STJOHN = Facility("stjohn", "HIS", "STJOHN", "", "J", shouts=True, middle_names=False, offsets=False)
HOSPITALS = (MERCY, STJOHN)
LABORATORY = Facility("quicklab", "LIS", "QUICKLAB", "2.16.840.1.113883.3.7002", "Q", shouts=True)
PRIMARY_CARE = Facility("busy-ehr", "EHR", "BUSY", "2.16.840.1.113883.3.7003", "B", nicknames=True)
CARDIOLOGY = Facility("cardionet", "SCHED", "CARDIONET", "2.16.840.1.113883.3.7004", "C", middle_names=False)
FACILITIES = (*HOSPITALS, LABORATORY, PRIMARY_CARE, CARDIOLOGY)
