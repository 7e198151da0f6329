"""FT1 → ChargeItem, its Invoice, and a line of the draft Claim (HL7 v2.9, chapter 6.5.1)."""

from hub.fhir.build import compact, concept, period, present
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.fhir.systems import V2, V3
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.billing import ABSENT
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cp_money import cp_money, quantity
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import organization, xon_organization, xon_reference
from hub.mappers.dispatch import segment
from hub.mappers.facts import codes_of, notes_of, remarks, wording
from hub.mappers.provenance import participant
from hub.mappers.segments.ft1_claim import ft1_claim
from hub.mappers.segments.ft1_invoice import ft1_invoice
from hub.model import Json

_CODE = Table("0132")
_DIAGNOSIS = Table("0051")
_DEPARTMENT = Table("0049")
_PERFORMER = concept(V3 + "ParticipationType", "PPRF", "primary performer")
_ORDERER = concept(V2 + "0912", "OP", "Ordering Provider")
_NUMBERED = ((38, "ServiceRequest", "Referral"), (39, "ClaimResponse", "Authorization"))


@segment("FT1")
def ft1_chargeitem(ft1: Segment, ctx: Context) -> Json | None:
    """Adds the charge (FT1-7, -25) with its amount, who did and who ordered it; PR1 after it are the services."""
    number = cx_identifier(ft1[2].first, ctx)
    done, posted = _occurrence(ft1, ctx), field_datetime(ft1[5], ctx)
    amount, price = quantity(ft1[10].text), cp_money(ft1[11].first)
    charge = ctx.add(
        {
            "resourceType": "ChargeItem",
            "extension": ctx.removals(ft1),
            "identifier": present([number, _batch(ft1)]),
            "status": "billable" if ft1[6].text.strip().upper() in {"CG", "C"} else "unknown",
            "code": _code(ft1, ctx) or ABSENT,
            "subject": ctx.whom,
            "context": ctx.visit,
            **done,
            "performer": _performers(ft1, ctx),
            **_organizations(ft1, ctx),
            "quantity": amount,
            "priceOverride": price,
            "enterer": xcn_reference(ft1[24], ctx),
            "enteredDate": posted,
            "reason": present(cwe_codeableconcept(cwe, ctx, _DIAGNOSIS) for cwe in ft1[19]),
            "productCodeableConcept": _product(ft1, ctx),
            "account": [ctx.reference(ctx.account)] if ctx.account else None,
            "note": [
                *notes_of(ft1[9]),
                *remarks(
                    (ft1[4], "Date of the transaction", done),
                    (ft1[5], "Posted", posted),
                    (ft1[10], "Quantity", amount),
                    (ft1[11], "Amount", price),
                ),
            ],
            "supportingInformation": _supporting(ft1, ctx),
        },
        *_identity(ft1, number, ctx),
    )
    ctx.charge = charge
    ft1_invoice(ft1, charge, ctx)
    if len(ft1) > 13:
        ft1_claim(ft1, charge, ctx)
    return charge


def _identity(ft1: Segment, number: Json, ctx: Context) -> tuple[str, ...]:
    """The transaction's number; systems that repeat it mean another one by another sort (FT1-6) or code (FT1-7)."""
    if not number:
        return ctx.raw.id, str(ft1.line)
    return identifier_key(number, ctx.feed.name), wording(ft1[6]), wording(ft1[7])


def _batch(ft1: Segment) -> Json:
    """The batch of the transaction (FT1-3)."""
    number = ft1[3].text
    return {"type": {"text": "Transaction batch"}, "value": number} if number else {}


def _code(ft1: Segment, ctx: Context) -> Json:
    """The transaction code (FT1-7) in the words of FT1-8, and the procedure's billing code (-25) beside it."""
    code, procedure = cwe_codeableconcept(ft1[7], ctx, _CODE), cwe_codeableconcept(ft1[25], ctx)
    codings = [*code.get("coding", ()), *procedure.get("coding", ())]
    words = ft1[8].text or code.get("text") or procedure.get("text")
    return compact({"coding": codings, "text": words})


def _occurrence(ft1: Segment, ctx: Context) -> Json:
    """When (FT1-4): a time, or from when until when."""
    start, end = (dtm_datetime(ft1[4].first[at], ctx, f"{ft1.path(4)}.{at}") for at in (1, 2))
    if end:
        return {"occurrencePeriod": period(start, end)}
    return {"occurrenceDateTime": start} if start else {}


def _performers(ft1: Segment, ctx: Context) -> list[Json]:
    """Who did it (FT1-20), with his specialty (-40), who ordered it (-21), and what R4 has no other room for: further
    people who entered it (-24) and organizations that did it (-32)."""
    specialties = each(ft1[40], cwe_codeableconcept, ctx)
    done = [{"function": _PERFORMER, "actor": _specialist(who, specialties, ctx)} for who in _people(ft1[20], ctx)]
    others = [one for xon in list(ft1[32])[1:] if (one := xon_reference(xon, ctx))]
    return [
        *done,
        *({"function": _ORDERER, "actor": who} for who in _people(ft1[21], ctx)),
        *({"function": participant("enterer"), "actor": who} for who in _people(ft1[24], ctx)[1:]),
        *({"function": _PERFORMER, "actor": who} for who in others),
    ]


def _people(field: Field, ctx: Context) -> list[Json]:
    return [who for xcn in field if (who := xcn_reference(xcn, ctx))]


def _specialist(who: Json, specialties: list[Json], ctx: Context) -> Json:
    """The practitioner, in the role of his specialty where it is stated."""
    if not specialties:
        return who
    role = {"resourceType": "PractitionerRole", "practitioner": who, "specialty": specialties}
    return ctx.reference(ctx.add(role, who["reference"], "charge"), who.get("display", ""))


def _organizations(ft1: Segment, ctx: Context) -> Json:
    """The department (FT1-13) and clinic (-37) whose costs they are, who performs (-32) and who requests (-33)."""
    department = cwe_codeableconcept(ft1[13] or ft1[37], ctx, _DEPARTMENT)
    code = next(iter(codes_of(department)), "")
    found = {
        "performingOrganization": xon_organization(ft1[32], ctx),
        "requestingOrganization": xon_organization(ft1[33], ctx),
        "costCenter": organization(department.get("text", code), {"value": code} if code else {}, ctx),
    }
    return {name: ctx.reference(made, made.get("name", "")) for name, made in found.items() if made}


def _product(ft1: Segment, ctx: Context) -> Json:
    """The drug (FT1-29), or the item (-34) and its model (-35)."""
    drug, item = cwe_codeableconcept(ft1[29], ctx), cwe_codeableconcept(ft1[34], ctx)
    codings = [*drug.get("coding", ()), *item.get("coding", ())]
    words = " ".join(filter(None, (drug.get("text") or item.get("text"), ft1[35].text)))
    return compact({"coding": codings, "text": words})


def _supporting(ft1: Segment, ctx: Context) -> list[Json]:
    """Where the patient was (FT1-16), and by their numbers: the order (-23), referral (-38), authorization (-39) and
    prescription (-42)."""
    ward = ft1[16].first
    place = pl_location(ward, ctx) if ward else None
    order = ei_identifier(ft1[23].first, ctx, "FILL")
    prescription = ft1[42].text
    return present(
        [
            ctx.reference(place, place_name(ward)) if place else None,
            {"type": "ServiceRequest", "identifier": order} if order else None,
            *(
                {"type": kind, "identifier": number, "display": name}
                for field, kind, name in _NUMBERED
                for number in each(ft1[field], cx_identifier, ctx)
            ),
            {"type": "MedicationRequest", "identifier": {"value": prescription}} if prescription else None,
        ]
    )
