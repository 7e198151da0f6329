"""Appointment → SCH, NTE, RGS, AIS, AIG, AIL, AIP (HL7 v2.9, chapter 10.6)."""

from datetime import datetime

from hub.fhir.codes import Table
from hub.fhir.order_codes import FILLER_STATUS
from hub.formats.hl7v2.build import Field, Repetition
from hub.mappers.outbound.datatypes import (
    cwe,
    dtm,
    each,
    ei,
    identified,
    meaning,
    people,
    person,
    pl,
    sent_code,
    xad,
    xtn,
)
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_CONTACTS = {"placer contact": 12, "filler contact": 16, "enterer": 20}
_STATES = {
    "booked": "Booked",
    "pending": "Pending",
    "waitlist": "Waitlist",
    "noshow": "Noshow",
    "cancelled": "Cancelled",
    "checked-in": "Started",
    "arrived": "Started",
    "fulfilled": "Complete",
    "entered-in-error": "Deleted",
}
_ANSWERS = {"accepted": "Booked", "tentative": "Pending", "declined": "Cancelled"}
_PARTICIPANT_STATUS = Table("0278")
_SUBSTITUTION = Table("0279")
_KINDS = {
    "Practitioner": "AIP",
    "PractitionerRole": "AIP",
    "Location": "AIL",
    "Device": "AIG",
    "HealthcareService": "AIS",
}


def appointment_sch(appointment: Json, resources: Resources) -> Built:
    """SCH-1/-2/-4 numbers, -6 why it is called off, -7 reason, -8 type, -9/-11 when, -12/-16/-20 contacts, -25 status,
    -26/-27 orders."""
    orders = [order["identifier"] for order in appointment.get("basedOn", ()) if "identifier" in order]
    requests = list(resources.each(appointment.get("basedOn"), "ServiceRequest"))
    numbers = {"identifier": [*orders, *(one for request in requests for one in request.get("identifier", ()))]}
    minutes = appointment.get("minutesDuration")
    contacts: dict[int, Field] = {}
    for role, number in _CONTACTS.items():
        contacts |= _contact(_in_role(appointment, role), number, resources)
    parents = {"identifier": [one["identifier"] for one in _extensions(appointment, "originatingAppointment")]}
    start, end = (dtm(appointment.get(name, "")) for name in ("start", "end"))
    return "SCH", {
        1: each(identified(appointment, "PLAC")[:1], ei),
        2: each(identified(appointment, "FILL")[:1], ei),
        4: each(identified(appointment, "PGN")[:1], ei),
        6: cwe(appointment.get("cancelationReason")),
        7: each(appointment.get("reasonCode"), lambda reason: cwe(reason, "0276")),
        8: cwe(appointment.get("appointmentType"), "0277"),
        9: str(minutes) if minutes else "",
        10: "min" if minutes else "",
        11: ("", "", str(minutes or ""), start, end) if start or end else "",
        **contacts,
        23: each(identified(parents, "PLAC"), ei),
        24: each(identified(parents, "FILL"), ei),
        25: sent_code(appointment, "status", FILLER_STATUS) if "_status" in appointment else _state(appointment),
        26: each(_unique(identified(numbers, "PLAC")), ei),
        27: each(_unique(identified(numbers, "FILL")), ei),
    }


def appointment_notes(appointment: Json) -> list[Built]:
    """An NTE for each line of the comment."""
    lines = appointment.get("comment", "").split("\n")
    return [("NTE", {1: str(at), 3: line}) for at, line in enumerate(lines, 1) if line]


def appointment_resources(appointment: Json, resources: Resources) -> list[Built]:
    """RGS, and an AIS, AIG, AIL or AIP for each participant that is no patient and no contact."""
    found: list[Built] = []
    numbers: dict[str, int] = {}
    for participant in appointment.get("participant", ()):
        actor = resources.at(participant.get("actor"))
        name = _KINDS.get(actor.get("resourceType", ""))
        if name is None or any(kind.get("text") in _CONTACTS for kind in participant.get("type", ())):
            continue
        numbers[name] = numbers.get(name, 0) + 1
        fields = _resource(name, participant, actor, resources)
        if name == "AIS":
            fields[11] = _supplements(appointment, actor, resources)
        found.append((name, {1: str(numbers[name]), **fields}))
    return [("RGS", {1: "1"}), *found]


def _resource(name: str, participant: Json, actor: Json, resources: Resources) -> dict[int, Field]:
    """What takes part, from when on, for how long, whether another may stand in, and whether it comes."""
    begins = {"AIS": 4, "AIG": 8}.get(name, 6)
    kinds, period = participant.get("type", []), participant.get("period", {})
    lasting = _minutes(period.get("start", ""), period.get("end", ""))
    fields: dict[int, Field] = {
        3: _actor(name, participant, actor, resources),
        begins: dtm(period.get("start", "")),
        begins + 3: lasting,
        begins + 4: "min" if lasting else "",
        begins + 5: sent_code(participant, "required", _SUBSTITUTION),
        begins + 6: _answer(participant),
    }
    if name != "AIS":
        fields |= {4: cwe(kinds[0] if kinds else {}), 5: cwe(kinds[1] if len(kinds) > 1 else {})}
    return fields


def _supplements(appointment: Json, service: Json, resources: Resources) -> list[Repetition]:
    """What is said beside a service (AIS-11): the details of the request for it."""
    requests = resources.each(appointment.get("basedOn"), "ServiceRequest")
    return [cwe(d) for one in requests if one.get("code") in service["type"] for d in one.get("orderDetail", ())]


def _minutes(start: str, end: str) -> str:
    """How long it is from one time to another; empty where one of them is not known."""
    if "T" not in start or "T" not in end:
        return ""
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    return str(int(seconds // 60))


def _answer(participant: Json) -> Repetition:
    sent = sent_code(participant, "status", _PARTICIPANT_STATUS)
    return sent or _ANSWERS.get(participant.get("status", ""), "")


def _actor(name: str, participant: Json, actor: Json, resources: Resources) -> Repetition:
    if name == "AIP":
        return person(participant["actor"], resources)
    if name == "AIL":
        return pl(actor, resources)
    if name == "AIS":
        return cwe(next(iter(actor.get("type", [])), {}))
    known: Json = next(iter(actor.get("identifier", [])), {})
    return (known.get("value", ""), next((one["name"] for one in actor.get("deviceName", ())), ""))


def _in_role(appointment: Json, role: str) -> list[Json]:
    """The contacts in that role."""
    return [
        participant["actor"]
        for participant in appointment.get("participant", ())
        if "actor" in participant and any(kind.get("text") == role for kind in participant.get("type", ()))
    ]


def _contact(contacts: list[Json], number: int, resources: Resources) -> dict[int, Field]:
    """The persons (SCH-12, -16, -20) with telephones, addresses and place; SCH-20 has no address."""
    roles = [role for role in map(resources.at, contacts) if role.get("resourceType") == "PractitionerRole"]
    persons = [resources.at(role.get("practitioner")) for role in roles]
    places = [place for role in roles for place in resources.each(role.get("location"), "Location")]
    addresses = each((address for one in persons for address in one.get("address", ())), xad)
    fields: dict[int, Field] = {
        number: people(contacts, resources),
        number + 1: each((point for role in roles for point in role.get("telecom", ())), xtn),
    }
    if number != _CONTACTS["enterer"]:
        fields[number + 2] = addresses
    fields[number + (2 if number == _CONTACTS["enterer"] else 3)] = [pl(place, resources) for place in places[:1]]
    return fields


def _extensions(appointment: Json, name: str) -> list[Json]:
    """The values of the elements of R5 of that name."""
    return [
        extension["valueReference"]
        for extension in appointment.get("extension", ())
        if extension["url"].endswith(f"extension-Appointment.{name}")
    ]


def _state(appointment: Json) -> str:
    status = appointment["status"]
    return _STATES.get(status) or meaning(FILLER_STATUS, status)


def _unique(numbers: list[Json]) -> list[Json]:
    return [one for at, one in enumerate(numbers) if one not in numbers[:at]]
