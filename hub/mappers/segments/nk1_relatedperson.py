"""NK1 → Patient.contact, and RelatedPerson for people (HL7 v2.9, chapter 3.4.5)."""

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import CONTACT_ROLE, GENDER, LANGUAGE, RELATIONSHIP, RELATIONSHIP_CONTACT, table_with
from hub.fhir.ids import identifier_key
from hub.fhir.systems import SSN
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import dtm_date, field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered_fields
from hub.model import Json

_NOT_PEOPLE = {"EMR", "E", "F", "I", "S"}
"""Employers, agencies and insurers are contacts of the patient, and no related persons."""


def nk1_relatedperson(nk1: Segment, patient: Json, ctx: Context) -> Json | None:
    """Adds the contact to the Patient and, unless it is an organization, the RelatedPerson to the bundle."""
    coded = _coded(nk1, ctx)
    shared = _shared(nk1, coded, ctx)
    names = each(nk1[2], xpn_humanname, ctx)
    _add_contact(nk1, patient, {**shared, "name": names[0] if nk1[2].first else None}, ctx)
    if nk1[3].text in _NOT_PEOPLE or not (nk1[2] or nk1[30]):
        return None
    identifiers = _identifiers(nk1, ctx)
    names = [*names, *each(nk1[30], xpn_humanname, ctx)]
    who = identifier_key(identifiers[0], ctx.feed.name) if identifiers else "|".join(map(full_name, names))
    return ctx.add(
        {
            "resourceType": "RelatedPerson",
            "extension": ctx.removals(nk1),
            "identifier": identifiers,
            "patient": ctx.reference(patient),
            "relationship": coded["relationship"],
            "name": names,
            "telecom": shared["telecom"],
            **coded["gender"],
            "birthDate": dtm_date(nk1[16].text, ctx, nk1.path(16)),
            "address": [*shared["address"], *each(nk1[32], xad_address, ctx)],
            "period": shared["period"],
            "communication": coded["communication"],
        },
        patient["id"],
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


def _shared(nk1: Segment, coded: Json, ctx: Context) -> Json:
    """What contact and related person have in common."""
    phones = ((nk1[5], ""), (nk1[31], ""), (nk1[40], ""), (nk1[41], ""), (nk1[6], "work"))
    return {
        "relationship": coded["relationship"],
        "telecom": telecom(phones, ctx),
        "address": each(nk1[4], xad_address, ctx),
        **coded["gender"],
        "period": period(field_datetime(nk1[8], ctx), field_datetime(nk1[9], ctx)),
    }


def _add_contact(nk1: Segment, patient: Json, shared: Json, ctx: Context) -> None:
    """Patient.contact has one name and one address; it needs one of name, telecom, address, organization (pat-1)."""
    organization = xon_organization(nk1[13], ctx)
    contact = compact(
        {
            **shared,
            "address": shared["address"][0] if shared["address"] else None,
            "organization": ctx.reference(organization, organization.get("name", "")) if organization else None,
        }
    )
    if contact.keys() & {"name", "telecom", "address", "organization"}:
        complete(patient, {"contact": [contact]})


def _identifiers(nk1: Segment, ctx: Context) -> list[Json]:
    number = nk1[37].text
    social = typed({"system": SSN, "value": number}, "SS") if number else {}
    return present([*each(nk1[33], cx_identifier, ctx), cx_identifier(nk1[12].first, ctx), social])
