"""SCH-12 to SCH-22 (ARQ-15 to -21) → PractitionerRole: whom to ask about an appointment (HL7 v2.9, chapter 10.6.1)."""

from dataclasses import dataclass

from hub.fhir.build import complete, present
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner, xcn_reference
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.model import Json


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact's role, and the fields of person, telephone, address (0: none) and location."""

    role: Json
    person: int
    telephone: int
    address: int
    location: int


_ENTERER = {"coding": [{"system": TERMINOLOGY + "provenance-participant-type", "code": "enterer"}], "text": "enterer"}
_PLACER = {"text": "placer contact"}
CONTACTS = {
    "SCH": (
        Contact(_PLACER, 12, 13, 14, 15),
        Contact({"text": "filler contact"}, 16, 17, 18, 19),
        Contact(_ENTERER, 20, 21, 0, 22),
    ),
    "ARQ": (Contact(_PLACER, 15, 16, 17, 18), Contact(_ENTERER, 19, 20, 0, 21)),
}


def contact_participants(segment: Segment, ctx: Context) -> list[Json]:
    """Those who asked for, fill and entered the appointment, as participants with a status."""
    return [
        {"type": [contact.role], "actor": who, "status": "accepted"}
        for contact in CONTACTS[segment.name]
        for who in contact_references(segment, contact, ctx)
    ]


def contact_references(segment: Segment, contact: Contact, ctx: Context) -> list[Json]:
    """The persons; where a telephone, an address or a place is theirs, in this role (PractitionerRole)."""
    people = list(segment[contact.person])
    known = [segment[number] for number in (contact.telephone, contact.address, contact.location) if number]
    if not any(known):
        return present(xcn_reference(xcn, ctx) for xcn in people)
    return present([_role(segment, contact, people[0] if people else None, ctx)]) + present(
        xcn_reference(xcn, ctx) for xcn in people[1:]
    )


def _role(segment: Segment, contact: Contact, person: Repetition | None, ctx: Context) -> Json:
    """The first person with what is known of him in this role; the telephone of an office that names nobody."""
    practitioner = xcn_practitioner(person, ctx) if person else None
    telephones = telecom([(segment[contact.telephone], "work")], ctx)
    places = _places(segment, contact, practitioner, ctx)
    if not (practitioner or telephones or places):
        return {}
    name = full_name(practitioner.get("name", [{}])[0]) if practitioner else ""
    role = ctx.add(
        {
            "resourceType": "PractitionerRole",
            "practitioner": ctx.reference(practitioner, name) if practitioner else None,
            "code": [contact.role],
            "location": places,
            "telecom": telephones,
        },
        "contact",
        contact.role["text"],
        practitioner["id"] if practitioner else ctx.raw.id,
    )
    return ctx.reference(role, name)


def _places(segment: Segment, contact: Contact, practitioner: Json | None, ctx: Context) -> list[Json]:
    """Where the contact is; an address is the person's, or where nobody is named, that of a place."""
    found = [
        ctx.reference(place, place_name(pl)) for pl in segment[contact.location] if (place := pl_location(pl, ctx))
    ]
    addresses = each(segment[contact.address], xad_address, ctx) if contact.address else []
    if addresses and practitioner:
        complete(practitioner, {"address": addresses})
    elif addresses:
        name = contact.role["text"]
        place = {"resourceType": "Location", "name": name, "mode": "instance", "address": addresses[0]}
        found.append(ctx.reference(ctx.add(place, ctx.raw.id, name), name))
    return found
