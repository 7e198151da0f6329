"""NK1 → Patient.contact, and RelatedPerson for people (HL7 v2.9, chapter 3.4.5)."""

from hub.fhir.build import URN, compact, complete, identified, period, present
from hub.fhir.codes import CONTACT_ROLE, GENDER, LANGUAGE, RELATIONSHIP, RELATIONSHIP_CONTACT, table_with
from hub.fhir.ids import identifier_key
from hub.fhir.systems import SSN
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_birthdate import dtm_birthdate
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xon_organization import xon_reference
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname, xpn_names
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.dispatch import segment
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import remembered_fields, remembered_segment
from hub.mappers.segments.nk1_observation import nk1_observation
from hub.mappers.segments.pid_extension import ethnicity, race
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_NOT_PEOPLE = {"EMR", "E", "F", "I", "S"}
"""Employers, agencies and insurers are contacts of the patient, and no related persons."""


@segment("NK1")
def nk1_relatedperson(nk1: Segment, ctx: Context) -> Json | None:
    """Adds the contact to the Patient and, unless it is an organization, the RelatedPerson to the bundle."""
    patient = ctx.patient
    if patient is None:
        zzz_basic(nk1, ctx)
        return None
    contacts, person = _contacts(nk1, ctx, patient["id"])
    for contact in contacts:
        complete(patient, {"contact": [contact]})
    about = ctx.keep(person) if person else patient
    nk1_observation(nk1, about, ctx)
    return about


@remembered_segment
def _contacts(nk1: Segment, ctx: Mentions, patient: str) -> tuple[list[Json], Json | None]:
    """The contacts, and the RelatedPerson unless it is an organization."""
    coded = _coded(nk1, ctx)
    shared = _shared(nk1, coded, ctx)
    if nk1[3].text in _NOT_PEOPLE or not (nk1[2] or nk1[30]):
        return [*_organization(nk1, shared, ctx), *_of_others(nk1, shared, ctx)], None
    names = [name for xpn in nk1[2] for name in xpn_names(xpn, ctx)]
    contact = _contact({**shared, "name": names[0] if names else None}, shared["address"])
    return [*contact, *_of_others(nk1, shared, ctx)], _person(nk1, patient, (coded, shared, names), ctx)


def _person(nk1: Segment, patient: str, said: tuple[Json, Json, list[Json]], ctx: Mentions) -> Json:
    coded, shared, names = said
    identifiers = _identifiers(nk1, ctx)
    names = [*names, *each(nk1[30], xpn_humanname, ctx)]
    who = identifier_key(identifiers[0], ctx.feed.name) if identifiers else "|".join(map(full_name, names))
    return identified(
        {
            "resourceType": "RelatedPerson",
            "extension": present([race(nk1[35], ctx), ethnicity(nk1[28], ctx), *ctx.removals(nk1)]),
            "identifier": identifiers,
            "patient": {"reference": URN + patient},
            "relationship": coded["relationship"],
            "name": names,
            "telecom": shared["telecom"],
            **coded["gender"],
            **dtm_birthdate(nk1[16], ctx),
            "address": [*shared["address"], *each(nk1[32], xad_address, ctx)],
            "period": shared["period"],
            "communication": coded["communication"],
        },
        patient,
        who,
        nk1[3].text,
    )


@remembered_fields(3, 7, 15, 20)
def _coded(nk1: Segment, ctx: Notes) -> Json:
    """Relationship (NK1-3) and role (-7), sex (-15) and language (-20)."""
    kind = table_with(nk1[3].text, RELATIONSHIP, RELATIONSHIP_CONTACT)
    language = cwe_codeableconcept(nk1[20], ctx, LANGUAGE)
    return {
        "relationship": present(
            [cwe_codeableconcept(nk1[3], ctx, kind), cwe_codeableconcept(nk1[7], ctx, CONTACT_ROLE)]
        ),
        "gender": cwe_code("gender", nk1[15], GENDER, ctx),
        "communication": [{"language": language}] if language else [],
    }


def _shared(nk1: Segment, coded: Json, ctx: Mentions) -> Json:
    """What contact and related person have in common."""
    phones = ((nk1[5], ""), (nk1[31], ""), (nk1[40], ""), (nk1[41], ""), (nk1[6], "work"))
    return {
        "relationship": coded["relationship"],
        "telecom": telecom(phones, ctx),
        "address": each(nk1[4], xad_address, ctx),
        **coded["gender"],
        "period": period(field_datetime(nk1[8], ctx), field_datetime(nk1[9], ctx)),
        "organization": xon_reference(nk1[13], ctx),
    }


def _organization(nk1: Segment, shared: Json, ctx: Mentions) -> list[Json]:
    """The organization with the person to speak to there (NK1-30); a contact has one address, so that each further
    name and address is one more contact there."""
    names = [*each(nk1[2], xpn_humanname, ctx), *each(nk1[30], xpn_humanname, ctx)]
    addresses = [*shared["address"], *each(nk1[32], xad_address, ctx)]
    contacts = _contact({**shared, "name": names[0] if names else None}, addresses)
    for at in range(1, max(len(names), len(addresses))):
        place = {name: shared[name] for name in ("relationship", "organization")}
        contacts += _contact({**place, "name": names[at] if at < len(names) else None}, addresses[at:])
    return contacts


def _of_others(nk1: Segment, shared: Json, ctx: Mentions) -> list[Json]:
    """A contact has one organization: each further one (NK1-13) is one more contact of the same kind."""
    others = [one for xon in list(nk1[13])[1:] if (one := xon_reference(xon, ctx))]
    return [{"relationship": shared["relationship"], "organization": one} for one in others]


def _contact(said: Json, addresses: list[Json]) -> list[Json]:
    """Patient.contact has one name and one address; it needs one of name, telecom, address, organization (pat-1)."""
    contact = compact({**said, "address": addresses[0] if addresses else None})
    return [contact] if contact.keys() & {"name", "telecom", "address", "organization"} else []


def _identifiers(nk1: Segment, ctx: Mentions) -> list[Json]:
    number = nk1[37].text
    social = typed({"system": SSN, "value": number}, "SS") if number else {}
    return present([*each(nk1[33], cx_identifier, ctx), cx_identifier(nk1[12].first, ctx), social])
