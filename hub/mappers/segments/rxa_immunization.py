"""RXA of a vaccine (with ORC, RXR, OBX, NTE) → Immunization (HL7 v2.9, chapter 4A.4.7; v2-to-FHIR guide,
``RXA[Immunization]`` and ``ORC[Immunization]``; CDC's guide for immunization messaging)."""

from hub.fhir.build import extension
from hub.fhir.codes import DATA_ABSENT
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import amount, cwe_unit, simple
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_organization import cwe_organization
from hub.mappers.datatypes.dtm_datetime import dtm_date, field_datetime
from hub.mappers.pharmacy import Drug
from hub.mappers.segments import orc_medication as ordered
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.obx_immunization import obx_immunization
from hub.mappers.segments.orc_servicerequest import order_identifiers
from hub.mappers.segments.rx_dispenserequest import words
from hub.mappers.segments.rx_dosage import in_words
from hub.mappers.segments.rx_medication import NOT_STATED, Product, rx_medication
from hub.mappers.segments.rxa_performer import (
    rxa_action,
    rxa_locations,
    rxa_numbers,
    rxa_performers,
    rxa_status,
)
from hub.mappers.segments.rxr_dosage import rxr_route, rxr_site
from hub.model import Json

ADMINISTERED_PRODUCT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Immunization.administeredProduct"
"""R4 immunizations have a vaccine's code alone; form, strength and ingredients need a Medication."""
_SOURCE = "NIP001"
"""The CDC's code system of immunization information sources (RXA-9): 00 is a new immunization record."""
_UNKNOWN = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
_NO_AMOUNT = "999"
"""RXA-6 where the amount is not known (HL7 v2.9, chapter 4A.4.7.6): no one is to read it as a dose."""
_NO_NUMBER = "9999"
"""ORC-3 of what was not given by the sender (CDC's guide): it numbers nothing."""


def rxa_immunization(drug: Drug, ctx: Context) -> Json:
    """Adds the Immunization of an RXA, and the Observations of its OBX, which are part of it."""
    rxa, order = drug.rx, drug.order
    vaccine = {"vaccineCode": cwe_codeableconcept(rxa[5], ctx) or NOT_STATED}
    given = ctx.add(
        {
            "resourceType": "Immunization",
            **ordered.meta(order, ctx, rxa_action(rxa, ctx)),
            "extension": [*_product(drug, ctx), *ordered.extensions(order, ctx), *ctx.removals(rxa)],
            "identifier": _identifiers(drug, ctx),
            **_status(rxa, ctx),
            "statusReason": cwe_codeableconcept(rxa[18], ctx),
            **vaccine,
            "patient": ordered.subject(ctx),
            "encounter": ctx.visit,
            **_occurrence(rxa, ctx),
            "recorded": field_datetime(rxa[22], ctx) or (field_datetime(order.orc[9], ctx) if order.orc else ""),
            **_origin(rxa, ctx),
            "location": next(iter(rxa_locations(rxa, ctx)), None),
            "manufacturer": _manufacturer(rxa, ctx),
            "lotNumber": ", ".join(lot.text for lot in rxa[15]),
            "expirationDate": dtm_date(rxa[16].text, ctx, rxa.path(16)),
            **_way(drug, ctx),
            "doseQuantity": _dose(rxa, ctx),
            "performer": rxa_performers(rxa, order, ctx),
            "note": [*nte_annotations(drug.notes, ctx), *_comments(drug, ctx)],
            "reasonCode": each(rxa[19], cwe_codeableconcept, ctx),
        },
        *ordered.distinct("Immunization", _identity(drug, ctx), vaccine, rxa[5].raw, ctx),
    )
    obx_immunization(drug.observations, given, ctx)
    ordered.order_events(given, order, ctx)
    return given


def _identity(drug: Drug, ctx: Context) -> tuple[str, ...]:
    """The filler's number (ORC-3), else the placer's; what was not given under a number of its own is known by the
    patient, the vaccine and the day."""
    numbers = order_identifiers(drug.order, ctx)
    filler = [number for number in reversed(numbers) if number["value"] != _NO_NUMBER]
    rxa = drug.rx
    if filler and not drug.place:
        return (identifier_key(filler[0], ctx.feed.name),)
    patient = ctx.patient["id"] if ctx.patient else ctx.raw.id
    return (patient, rxa[5].text or rxa[5].raw, rxa[3].text[:8], rxa[20].text)


def _status(rxa: Segment, ctx: Context) -> Json:
    """R4 has no unknown status of an immunization: one that the sender says in his own words was given, if at all."""
    said = rxa_status(rxa, ctx)
    return said if said["status"] else {**said, "status": "completed"}


def _numbered(identifier: Json) -> Json:
    """The identifier; the number that stands for none is marked, so that nobody takes two vaccinations for one."""
    return {"use": "temp", **identifier} if identifier["value"] == _NO_NUMBER else identifier


def _identifiers(drug: Drug, ctx: Context) -> list[Json]:
    """The order's numbers, the placer's of the group (ORC-4) among them, and those of the RXA."""
    numbers = [*ordered.identifiers(drug.order, ctx), ordered.group_identifier(drug.order, ctx)]
    return [*(_numbered(number) for number in numbers if number), *rxa_numbers(drug.rx, ctx)]


def _occurrence(rxa: Segment, ctx: Context) -> Json:
    """RXA-3; R4 demands a time or words."""
    start = field_datetime(rxa[3], ctx)
    return {"occurrenceDateTime": start} if start else {"occurrenceString": rxa[3].text or "not stated"}


def _origin(rxa: Segment, ctx: Context) -> Json:
    """RXA-9 where it is the source of the record: the sender's own, or a report of somebody else's."""
    for cwe in rxa[9]:
        if cwe[3].upper() == _SOURCE and cwe[1]:
            own = cwe[1] == "00"
            said = cwe_codeableconcept(cwe, ctx)
            return {"primarySource": own, "reportOrigin": said}
    return {}


def _comments(drug: Drug, ctx: Context) -> list[Json]:
    """RXA-9 in words, when it ended if not at once (RXA-4), and what RXR says of method and device."""
    rxa = drug.rx
    said = [{"text": words(cwe)} for cwe in rxa[9] if cwe[3].upper() != _SOURCE or not cwe[1]]
    end = field_datetime(rxa[4], ctx)
    if end and rxa[4].text != rxa[3].text:
        said.append({"time": end, "text": "End of administration"})
    names = ((3, "Administration device"), (4, "Administration method"), (5, "Routing instruction"))
    said += [{"text": f"{name}: {words(rxr[at].first)}"} for rxr in drug.routes for at, name in names if rxr[at]]
    others = (f"{words(rxr[1].first)} {words(rxr[2].first)}".strip() for rxr in drug.routes[1:])
    said += [{"text": f"Further route and site: {other}"} for other in others if other]
    said += [{"text": f"Refusal reason: {words(cwe)}"} for cwe in list(rxa[18])[1:]]
    per, amiss = rxa[12].text, in_words((rxa[6], rxa[7]))
    said += [{"text": f"Administered amount: {amiss}"}] if amiss else []
    return [*said, *([{"text": f"Administered per: {per}"}] if per else ())]


def _way(drug: Drug, ctx: Context) -> Json:
    """Site and route of the first RXR."""
    if not drug.routes:
        return {}
    return {"site": rxr_site(drug.routes[0], ctx), "route": rxr_route(drug.routes[0], ctx)}


def _dose(rxa: Segment, ctx: Context) -> Json:
    """RXA-6 and -7."""
    if rxa[6].text != _NO_AMOUNT:
        return simple(amount(rxa[6], rxa[7], ctx))
    sent = extension(EXTENSION + "originalText", "String", _NO_AMOUNT)
    return {"_value": {"extension": [*_UNKNOWN["extension"], sent]}, **cwe_unit(rxa[7].first, ctx)}


def _manufacturer(rxa: Segment, ctx: Context) -> Json:
    """RXA-17: an Organization, known by its MVX code."""
    maker = cwe_organization(rxa[17].first, ctx)
    return ctx.reference(maker, maker.get("name", "")) if maker else {}


def _product(drug: Drug, ctx: Context) -> list[Json]:
    """RXA-8 form, -13/-14 with -23/-24 strength, -25 barcode, and RXC: what a code alone cannot say."""
    rxa = drug.rx
    if not drug.components and not any(rxa[at] for at in (8, 13, 25)):
        return []
    product = Product(code=5, form=8, strength=13, volume=23, barcode=25)
    reference = rx_medication(rxa, product, drug.components, ctx)[0].get("medicationReference")
    return [{"url": ADMINISTERED_PRODUCT, "valueReference": reference}] if reference else []
