"""IAM → AllergyIntolerance (HL7 v2.9, chapter 3.4.7)."""

from hub.fhir.build import coding, compact, concept, present
from hub.fhir.codes import RELATIONSHIP, Table, untranslated
from hub.fhir.ids import identifier_key
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.care import restate
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner, xcn_reference
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact, coded, facts, in_words, wording
from hub.mappers.segments.al1_allergyintolerance import (
    ACTIVE,
    allergy,
    allergy_key,
    manifestation,
    reaction_of,
    sorted_once,
)
from hub.model import Json, stable_id

_SENSITIVITY = Table("0436", "http://hl7.org/fhir/allergy-intolerance-type")
_STATUS = Table("0438")
_VERIFICATION = {
    "C": ("confirmed", "Confirmed"),
    "I": ("confirmed", "Confirmed"),
    "E": ("entered-in-error", "Entered in Error"),
    **dict.fromkeys(("U", "P", "S", "D"), ("unconfirmed", "Unconfirmed")),
}
"""IAM-17 (table 0438): how sure the allergy is; ``I`` is confirmed, but inactive."""
_INACTIVE = concept(TERMINOLOGY + "allergyintolerance-clinical", "inactive", "Inactive")
_REMARKS = (
    Fact(8, "Reason of the change", coded()),
    Fact(10, "Allergen group", coded()),
    Fact(16, "Alert device", coded("0437")),
)
_DONE = (
    (18, 19, 20, "Status assessed"),
    (21, 30, 22, "Inactivated"),
    (23, 28, 24, "Recorded"),
    (25, 29, 26, "Modified"),
)
"""Who did what with the record, and when: person, organization, time."""


@segment("IAM")
def iam_allergyintolerance(iam: Segment, ctx: Context) -> Json | None:
    """Adds the allergy with its identifier (IAM-7), status (-17), reporter (-14, -15) and history (-18 to -30)."""
    known = allergy(iam, ctx)
    identifier = ei_identifier(iam[7].first, ctx)
    code = _code(iam, known.get("code", {}), ctx)
    stated = allergy_key(code) if code else "|".join(map(wording, iam))
    identity = (ctx.owner, identifier_key(identifier, ctx.feed.name) if identifier else stated)
    onset = field_datetime(iam[11], ctx)
    status = _status(iam, ctx)
    made = ctx.add(
        {
            "resourceType": "AllergyIntolerance",
            "extension": ctx.removals(iam),
            "identifier": [identifier] if identifier else None,
            **status,
            **_type(iam, ctx),
            **sorted_once(known, ctx, stable_id("AllergyIntolerance", *identity)),
            "code": code,
            "patient": ctx.whom,
            "onsetDateTime": onset,
            "onsetString": "" if onset else iam[12].text,
            **_reported(iam, ctx),
            "note": _notes(iam, onset, ctx),
            "reaction": reaction_of(each(iam[5], manifestation, ctx), iam[4], ctx),
        },
        *identity,
    )
    restate(made, status)
    return made


def _code(iam: Segment, code: Json, ctx: Context) -> Json:
    """IAM-3, and the clinician's own code (IAM-27) beside it."""
    own = cwe_codeableconcept(iam[27], ctx)
    if not own:
        return code
    codings = [*code.get("coding", ()), *own.get("coding", ())]
    return compact({**own, **code, "coding": codings})


def _status(iam: Segment, ctx: Context) -> Json:
    """Clinical and verification status; an allergy that is deleted (IAM-6 ``D``) was entered in error, and R4 then
    wants no clinical status (constraint ait-1, ait-2)."""
    sent = cwe_codeableconcept(iam[17], ctx, _STATUS)
    code = iam[17].text.strip().upper()
    verified, words = _VERIFICATION.get("E" if iam[6].text == "D" else code, ("", ""))
    if not verified:
        return {"clinicalStatus": ACTIVE}
    meant = [coding(TERMINOLOGY + "allergyintolerance-verification", verified, words), *sent.get("coding", ())]
    verification = compact({"coding": meant, "text": sent.get("text", "")})
    if verified == "entered-in-error":
        return {"verificationStatus": verification}
    return {"clinicalStatus": _INACTIVE if code == "I" else ACTIVE, "verificationStatus": verification}


def _type(iam: Segment, ctx: Context) -> Json:
    """Allergy or intolerance (IAM-9), and what the sender says more exactly beside it."""
    sent = cwe_codeableconcept(iam[9], ctx, untranslated(_SENSITIVITY.number))
    if not sent:
        return {}
    return {"type": _SENSITIVITY.codes.get(iam[9].text.strip().upper(), ""), "_type": alternate_codes(sent)}


def _reported(iam: Segment, ctx: Context) -> Json:
    """Who reported it (IAM-14) and what he is to the patient (-15); first written down (-24, else -13) by -23."""
    asserter = _reporter(iam, ctx)
    first = xcn_reference(iam[23], ctx)
    return {
        "recordedDate": field_datetime(iam[13], ctx) or field_datetime(iam[24], ctx),
        "recorder": first or asserter,
        "asserter": asserter,
    }


def _reporter(iam: Segment, ctx: Context) -> Json | None:
    name = xpn_humanname(iam[14].first, ctx)
    relation = iam[15].text
    if relation == "SEL":
        return ctx.whom
    if not name:
        return None
    words = full_name(name)
    if not relation:
        person = {"resourceType": "Practitioner", "name": [name]}
        return ctx.reference(ctx.add(person, f"{ctx.feed.name}|{words}"), words)
    related = {
        "resourceType": "RelatedPerson",
        "patient": ctx.whom,
        "relationship": present([cwe_codeableconcept(iam[15], ctx, RELATIONSHIP)]),
        "name": [name],
    }
    return ctx.reference(ctx.add(related, ctx.owner, words, relation), words)


def _notes(iam: Segment, onset: str, ctx: Context) -> list[Json]:
    """What R4 has no element for, in words; who changed the record, by name and time."""
    if len(iam) < 8:
        return []
    remarks = [{"text": words} for words in in_words(facts(iam, _REMARKS, ctx))]
    if onset and iam[12].text:
        remarks.append({"text": f"Onset: {iam[12].text}"})
    if (status := iam[17].text.strip()) and status.upper() not in _VERIFICATION:
        remarks.append({"text": f"Clinical status: {status} {iam[17].first[2]}".strip()})
    return [*remarks, *(_done(iam, what, ctx) for what in _DONE if any(iam[n] for n in what[:3]))]


def _done(iam: Segment, fields: tuple[int, int, int, str], ctx: Context) -> Json:
    person, organization, time, what = fields
    who, employer = xcn_practitioner(iam[person], ctx), xon_organization(iam[organization], ctx)
    author = who or employer
    words = f"{what} by {employer['name']}" if employer and employer.get("name") else what
    return compact(
        {
            "authorReference": ctx.reference(author) if author else None,
            "time": field_datetime(iam[time], ctx),
            "text": words,
        }
    )
