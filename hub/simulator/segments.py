"""Segments that several kinds of messages share, as each facility writes them (HL7 v2.5.1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from hub.formats.hl7v2.build import Field, Repetition
from hub.simulator.facilities import Facility, Segment
from hub.simulator.people import Clinician, Person

Coded: TypeAlias = tuple[str, str]
"""A code and its words."""

Place: TypeAlias = tuple[str, str, str]
"""Unit, room and bed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A message that is going to be sent; ``write`` gives its segments after MSH when its turn comes."""

    at: datetime
    facility: Facility
    type: tuple[str, str, str]
    person: Person
    write: Callable[[], list[Segment]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit as the facility knows it at one moment; a later moment is a changed copy."""

    facility: Facility
    person: Person
    number: str
    cls: str
    place: Place
    attending: Clinician
    reason: str
    diagnosis: Coded
    allergy: Coded
    admitted: datetime
    before: Place = ("", "", "")
    discharged: datetime | None = None
    disposition: str = ""

    @property
    def account(self) -> str:
        return f"A{self.number}"


def evn(trigger: str, facility: Facility, at: datetime) -> Segment:
    """What happened and when; recorded a moment later than it occurred."""
    return "EVN", {1: trigger, 2: facility.stamp(at), 5: ("1444000002", "Desk", "Front"), 6: facility.stamp(at)}


def pid(
    person: Person,
    facility: Facility,
    identifiers: Sequence[Repetition] = (),
    *,
    account: str = "",
) -> Segment:
    """PID with all that is usually sent; without ``identifiers``, the facility's own."""
    known = list(identifiers) or [facility.cx(facility.mrn(person), "MR")]
    fields: dict[int, Field] = {
        1: "1",
        3: known,
        5: facility.name(person),
        7: f"{person.born:%Y%m%d}",
        8: person.sex,
        10: (*person.race, "CDCREC"),
        11: _address(person, facility),
        13: [_phone(person.phone), ("", "NET", "Internet", person.email)],
        15: (*person.language, "ISO639-1"),
        16: (person.marital, "", "HL70002"),
        18: facility.cx(account, "AN") if account else "",
        19: person.ssn if facility.shouts else "",
        22: ("2186-5", "Not Hispanic or Latino", "CDCREC"),
    }
    return "PID", fields


def brief_pid(person: Person, facility: Facility, identifiers: Sequence[Repetition] = ()) -> Segment:
    """PID as systems send it that only pass on what they were told."""
    _, fields = pid(person, facility, identifiers)
    return "PID", {number: fields[number] for number in (1, 3, 5, 7, 8, 13)}


def pd1(person: Person) -> Segment:
    """The primary care provider."""
    return "PD1", {3: (person.practice.name, "L"), 4: person.pcp.xcn}


def pv1(visit: Visit) -> Segment:
    """The visit as it stands."""
    facility = visit.facility
    fields: dict[int, Field] = {
        1: "1",
        2: visit.cls,
        3: _location(visit.place, facility),
        4: "E" if visit.cls == "E" else "R",
        6: _location(visit.before, facility) if visit.before[0] else "",
        7: visit.attending.xcn,
        8: visit.person.pcp.xcn,
        10: "CAR" if visit.diagnosis[0].startswith("I") else "MED",
        14: "7" if visit.cls == "E" else "1",
        17: visit.attending.xcn if visit.cls == "I" else "",
        18: visit.cls,
        19: facility.cx(visit.number, "VN"),
        36: visit.disposition,
        44: facility.stamp(visit.admitted),
        45: facility.stamp(visit.discharged) if visit.discharged else "",
    }
    return "PV1", fields


def kin(person: Person, facility: Facility) -> list[Segment]:
    """The next of kin, also as emergency contact."""
    name = facility.written(person.family), facility.written(person.kin)
    relation = ("SPO", "Spouse", "HL70063") if person.marital == "M" else ("SIB", "Sibling", "HL70063")
    at = {1: "1", 2: name, 3: relation, 4: _address(person, facility), 5: _phone(person.phone)}
    contact = {1: "2", 2: name, 3: relation, 5: _phone(person.phone), 7: ("C", "Emergency contact", "HL70131")}
    return [("NK1", at), ("NK1", contact)]


def clinical(visit: Visit) -> list[Segment]:
    """Reason, allergy and diagnosis."""
    stamp = visit.facility.stamp(visit.admitted)
    return [
        ("PV2", {3: ("", visit.reason), 8: stamp if visit.cls in "PI" else ""}),
        (
            "AL1",
            {1: "1", 2: ("DA", "Drug allergy", "HL70127"), 3: (*visit.allergy, "RXNORM"), 4: ("MO", "", "HL70128")},
        ),
        ("DG1", {1: "1", 3: (*visit.diagnosis, "I10"), 5: stamp, 6: "A", 15: "1", 16: visit.attending.xcn}),
    ]


def coverage(visit: Visit) -> list[Segment]:
    """Who pays."""
    person, facility = visit.person, visit.facility
    code, name, plan = person.payer
    subscriber = {
        1: "1",
        2: (f"{code}{plan}", f"{name} {plan}", "L"),
        3: (code, "", "", "NAIC"),
        4: (name, "L"),
        5: ("PO Box 1200", "", "Albany", "NY", "12201", "USA", "B"),
        12: "20260101",
        16: facility.name(person),
        17: ("SEL", "Self", "HL70063"),
        18: f"{person.born:%Y%m%d}",
        36: person.member_id,
        42: ("1", "Full-time employed", "HL70066"),
        43: person.sex,
        49: facility.cx(person.member_id, "MB"),
    }
    guarantor = {
        1: "1",
        3: facility.name(person),
        5: _address(person, facility),
        6: _phone(person.phone),
        8: f"{person.born:%Y%m%d}",
        9: person.sex,
        11: ("SEL", "Self", "HL70063"),
    }
    return [("GT1", guarantor), ("IN1", subscriber)]


def _address(person: Person, facility: Facility) -> Repetition:
    street = person.street.replace(" Street", " St").replace(" Avenue", " Ave") if facility.shouts else person.street
    return (facility.written(street), "", facility.written(person.city), "NY", person.zip_code, "USA", "H")


def _phone(digits: str) -> Repetition:
    return ("", "PRN", "PH", "", "1", digits[:3], digits[3:])


def _location(place: Place, facility: Facility) -> Repetition:
    return (*place, facility.namespace)
