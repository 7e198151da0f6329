"""Persons and organizations of sources that have no HL7 data types: rows of tables and documents."""

from hub.fhir.build import compact
from hub.fhir.ids import identifier_key
from hub.fhir.systems import NPI
from hub.formats.names import PersonName, read_name
from hub.mappers.context import Context
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.hd_uri import assigned
from hub.mappers.datatypes.xon_organization import organization
from hub.mappers.segments.orc_requester import practitioner_role
from hub.model import Json


def human_name(name: PersonName) -> Json:
    """A HumanName of a name that was read."""
    return compact(
        {
            "family": name.family,
            "given": list(name.given),
            "prefix": [name.prefix] if name.prefix else None,
            "suffix": [name.suffix] if name.suffix else None,
        }
    )


def numbered(value: str, authority: str, kind: str, ctx: Context) -> Json:
    """An Identifier of type ``kind`` (table 0203); ``authority`` is a URI or a name that the feed may know."""
    if not value:
        return {}
    named = {"system": authority} if ":" in authority else assigned(authority, "", "", ctx)
    return typed({"value": value, **named}, kind)


def add_patient(name: PersonName, birth_date: str, gender: str, ctx: Context, *, mrn: Json, phone: str = "") -> Json:
    """Adds the Patient and makes him the subject; without a number known by name, birth date and sex in the feed."""
    patient = ctx.add(
        {
            "resourceType": "Patient",
            "identifier": [mrn] if mrn else None,
            "active": True,
            "name": [human_name(name)],
            "telecom": [{"system": "phone", "value": phone, "use": "home"}] if phone else None,
            "gender": gender,
            "birthDate": birth_date,
        },
        identifier_key(mrn, ctx.feed.name)
        if mrn
        else "|".join((ctx.feed.name, name.family, *name.given, birth_date, gender)).casefold(),
    )
    ctx.patient = patient
    ctx.focus.append(patient)
    return patient


def clinician_reference(npi: str, name: str, group: str, ctx: Context) -> Json:
    """The Reference to a clinician, of a group as a PractitionerRole, or to the group alone; ``{}`` for neither."""
    employer = organization(group, {}, ctx)
    if not (npi or name):
        return ctx.reference(employer, group) if employer else {}
    practitioner = _practitioner(npi, read_name(name), ctx)
    return practitioner_role(practitioner, employer, ctx) if employer else ctx.reference(practitioner, name)


def _practitioner(npi: str, name: PersonName, ctx: Context) -> Json:
    identifier = typed({"system": NPI, "value": npi}, "NPI") if npi else {}
    members = {
        "identifier": [identifier] if identifier else None,
        "name": [known] if (known := human_name(name)) else None,
    }
    words = " ".join((name.prefix, *name.given, name.family)).strip()
    key = identifier_key(identifier, ctx.feed.name) if identifier else f"{ctx.feed.name}|{words}"
    return ctx.add({"resourceType": "Practitioner", **members}, key)
