"""RXD → MedicationDispense (HL7 v2.9, chapter 4A.4.6; FHIR R4, MedicationDispense)."""

from hub.fhir.build import compact, extension, present
from hub.fhir.codes import DATA_ABSENT, Table
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import amount, simple
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_organization import cwe_organization
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.la_location import la_location
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.pharmacy import Drug
from hub.mappers.segments import orc_medication as ordered
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.orc_servicerequest import order_key
from hub.mappers.segments.rx_dispenserequest import pharmacy, words
from hub.mappers.segments.rx_dosage import daily_maximum, dosages, in_words
from hub.mappers.segments.rx_medication import Product, rx_medication
from hub.mappers.segments.rxr_dosage import rxr_devices, rxr_dosage
from hub.mappers.segments.tq1_dosage import schedule_dosages, tq1_schedule
from hub.model import Json

_PRODUCT = Product(code=2, form=6, strength=16, volume=28, lot=18, package=22, supplementary=25)
_KIND, _TYPE, _METHOD, _SUBSTITUTION = Table("0480"), Table("0484"), Table("0321"), Table("0167")
_SUBSTITUTED = {"G": True, "T": True, **dict.fromkeys("N01247", False)}
"""Table 0167: whether another drug was dispensed; 3, 5 and 8 say only that it might have been."""
_REQUEST_STATUS = {
    "cancelled": "cancelled",
    "stopped": "stopped",
    "on-hold": "on-hold",
    "entered-in-error": "entered-in-error",
}


def rxd_medicationdispense(drug: Drug, prescription: Json | None, ctx: Context) -> Json:
    """Adds the MedicationDispense of an RXD; ``prescription`` is the MedicationRequest of its order."""
    rxd, order = drug.rx, drug.order
    who = [xcn_reference(xcn, ctx) for xcn in rxd[10]]
    dispense = ctx.add(
        {
            "resourceType": "MedicationDispense",
            **ordered.meta(order, ctx),
            "extension": [*_reasons(rxd, ctx), *ordered.extensions(order, ctx), *ctx.removals(rxd)],
            "identifier": [*ordered.identifiers(order, ctx), *_own_numbers(rxd, ctx)],
            **_status(drug, ctx),
            "category": ordered.setting(order, "medicationdispense-category", ctx)
            or cwe_codeableconcept(rxd[32], ctx, _KIND),
            **rx_medication(rxd, _PRODUCT, drug.components, ctx)[0],
            "subject": ordered.subject(ctx),
            "context": ctx.visit,
            "supportingInformation": rxr_devices(drug.routes, ctx),
            "performer": [{"actor": actor} for actor in present([*who, _initiator(rxd, ctx)])],
            "location": _where(rxd, ctx),
            "authorizingPrescription": _prescriptions(rxd, prescription, ctx),
            "type": _kind(rxd, ctx),
            "quantity": simple(amount(rxd[4], rxd[5], ctx)),
            "whenHandedOver": field_datetime(rxd[3], ctx),
            "destination": _destination(rxd, ctx),
            "note": [*nte_annotations(drug.notes, ctx), *_comments(rxd)],
            "dosageInstruction": _dosages(drug, ctx),
            "substitution": _substitution(rxd, ctx),
        },
        order_key(ordered.identifiers(order, ctx), ctx) or f"{ctx.raw.id}|{rxd.line}",
        *(rxd[number].text for number in (1, 2, 3)),
    )
    if events := ordered.order_events(dispense, order, ctx, authored=prescription is None):
        dispense["eventHistory"] = events
    return dispense


def _status(drug: Drug, ctx: Context) -> Json:
    """What the order says when it was called off; else it is done once there is a time at which it was."""
    said = ordered.request_status(drug.order, ctx)
    done = "completed" if drug.rx[3] else "unknown"
    return {**said, "status": _REQUEST_STATUS.get(said["status"], done)}


def _own_numbers(rxd: Segment, ctx: Context) -> list[Json]:
    counter = rxd[1].text
    return present(
        [
            {"type": {"text": "Dispense Sub-ID Counter"}, "value": counter} if counter else None,
            *each(rxd[35], ei_identifier, ctx),
        ]
    )


def _prescriptions(rxd: Segment, prescription: Json | None, ctx: Context) -> list[Json]:
    """RXD-7 is the number of the prescription, and the request of the order is that prescription."""
    number = {"type": {"text": "Prescription Number"}, "value": rxd[7].text} if rxd[7].text else None
    if prescription is None:
        return [{"type": "MedicationRequest", "identifier": number}] if number else []
    return [{**ctx.reference(prescription), **({"identifier": number} if number else {})}]


def _reasons(rxd: Segment, ctx: Context) -> list[Json]:
    """RXD-21: R4 has no reason of a dispense but HL7's extension for events."""
    url = EXTENSION + "workflow-reasonCode"
    return [extension(url, "CodeableConcept", why) for why in each(rxd[21], cwe_codeableconcept, ctx)]


def _initiator(rxd: Segment, ctx: Context) -> Json:
    """RXD-26: where the dispense was asked for."""
    found = cwe_organization(rxd[26].first, ctx)
    return ctx.reference(found, found.get("name", "")) if found else {}


def _where(rxd: Segment, ctx: Context) -> Json:
    """RXD-27: where it was packed."""
    name = words(rxd[27].first)
    if not name:
        return {}
    return ctx.reference(
        ctx.add({"resourceType": "Location", "mode": "instance", **_named(rxd, ctx)}, ctx.feed.name, rxd[27].raw), name
    )


def _named(rxd: Segment, ctx: Context) -> Json:
    said = cwe_codeableconcept(rxd[27], ctx)
    codings = [one for one in said.get("coding", ()) if "code" in one]
    numbers = [compact({"system": one.get("system"), "value": one["code"]}) for one in codings]
    return compact({"identifier": numbers, "name": said.get("text") or rxd[27].text})


def _destination(rxd: Segment, ctx: Context) -> Json:
    """RXD-13: where it goes; a pharmacy (RXD-30, -31, -34) manages that place."""
    who = pharmacy(rxd[30], rxd[31], rxd[34], ctx)
    place = la_location(rxd[13].first, ctx)
    if not place and who:
        place = ctx.add({"resourceType": "Location", "mode": "instance", "name": who.get("display")}, who["reference"])
    if place and who:
        place.setdefault("managingOrganization", who)
    return ctx.reference(place) if place else {}


def _kind(rxd: Segment, ctx: Context) -> Json:
    """RXD-33 kind of dispense, with RXD-24 how it is packed where the sender says no more."""
    return cwe_codeableconcept(rxd[33], ctx, _TYPE) or cwe_codeableconcept(rxd[24], ctx, _METHOD)


def _comments(rxd: Segment) -> list[Json]:
    """RXD-9 notes, -15 instructions, -8 refills remaining, -14 whether a person should look at it, -24 packaging."""
    said = [note.text for note in rxd[9]] + [words(cwe) for cwe in rxd[15]]
    refills = f"Refills remaining: {rxd[8].text}" if rxd[8].text else ""
    review = "Needs human review" if rxd[14].text == "Y" else ""
    packed = f"Package method: {words(rxd[24].first)}" if rxd[24] and rxd[33] else ""
    return [{"text": text} for text in (*said, refills, review, packed) if text]


def _dosages(drug: Drug, ctx: Context) -> list[Json]:
    usual = compact(
        {
            "text": in_words((drug.rx[4], drug.rx[5])),
            "maxDosePerPeriod": daily_maximum(drug.rx[12], ctx),
        }
    )
    timings = schedule_dosages([tq1_schedule(tq1, ctx) for tq1 in drug.timings])
    return dosages(usual, timings, [rxr_dosage(rxr, ctx) for rxr in drug.routes])


def _substitution(rxd: Segment, ctx: Context) -> Json:
    """RXD-11."""
    said = cwe_codeableconcept(rxd[11], ctx, _SUBSTITUTION)
    if not said:
        return {}
    was = _SUBSTITUTED.get(rxd[11].text.upper())
    unknown = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
    stated: Json = {"_wasSubstituted": unknown} if was is None else {"wasSubstituted": was}
    return {**stated, "type": said}
