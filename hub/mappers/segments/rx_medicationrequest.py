"""RXO, RXE and RXG → MedicationRequest: what is ordered, as the pharmacy encodes it, and the dose that is to be given:
the same fields in other places (HL7 v2.9, chapter 4A.4; v2-to-FHIR guide, ``RXO[MedicationRequest]``)."""

from hub.fhir.build import compact, complete, present
from hub.fhir.codes import Table
from hub.fhir.order_codes import ORDER_PRIORITY
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import ABSENT, Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.la_location import la_location, place_with_address
from hub.mappers.groups import Order
from hub.mappers.pharmacy import Drug
from hub.mappers.segments import orc_medication as ordered
from hub.mappers.segments.cdo_dosage import cdo_limit
from hub.mappers.segments.dg1_condition import dg1_condition
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.orc_servicerequest import order_key
from hub.mappers.segments.rx_columns import Columns, at
from hub.mappers.segments.rx_dispenserequest import comments, dispense_request, substitution, words
from hub.mappers.segments.rx_dosage import (
    daily_maximum,
    dosages,
    dose,
    dose_and_rate,
    in_words,
    instructions,
    per_words,
    rate,
)
from hub.mappers.segments.rx_medication import NOT_STATED, coded_medication, rx_medication
from hub.mappers.segments.rxr_dosage import rxr_devices, rxr_dosage
from hub.mappers.segments.tq1_dosage import Schedule, schedule_dosages, tq1_schedule, tq_schedule
from hub.mappers.segments.tq1_timing import tq1_priority
from hub.model import Json

_KIND, _METHOD, _SCHEDULE, _FORMULARY = Table("0480"), Table("0321"), Table("0477"), Table("0478")
_PRIORITY = Table("0485")
_STATUS_REASON = EXTENSION + "request-statusReason"
"""What other requests have for the element ``statusReason``."""
_INTENTS = {"PRP": "proposal", "INT": "plan", "RQO": "order", "PRMS": "plan"}
"""Table 0725 (RXO-31)."""


def rx_medicationrequest(drug: Drug, of: Columns, intent: str, basis: Json | None, ctx: Context) -> Json:
    """Adds the MedicationRequest of a drug; ``basis`` is the request that it follows from."""
    rx, order = drug.rx, drug.order
    schedules, medication = _schedules(drug, of, ctx), _drug(drug, of, ctx)
    members = {
        **_steering(order, ctx),
        "identifier": [*ordered.identifiers(order, ctx), *_own_numbers(rx, of, ctx)],
        **_intent(rx, of, intent, ctx),
        "category": _categories(drug, of, ctx),
        **_priority(drug, of, ctx),
        **medication,
        "supportingInformation": _supporting(drug, of, ctx),
        "authoredOn": field_datetime(at(rx, of.authored), ctx) or ordered.authored(order, ctx),
        "requester": ordered.prescriber(order, at(rx, of.dea), ctx),
        "reasonCode": each(rx[of.indication], cwe_codeableconcept, ctx),
        "reasonReference": _diagnoses(order, ctx),
        "basedOn": [*([ctx.reference(basis)] if basis else ()), *ordered.parents(order, ctx)],
        "note": [*nte_annotations(drug.notes, ctx), *comments(rx, of, ctx)],
        "dosageInstruction": _dosages(drug, of, schedules, ctx),
        "dispenseRequest": dispense_request(rx, of, schedules[0].lasting if schedules else {}, ctx),
        "substitution": substitution(rx, of, ctx),
    }
    identity = ordered.distinct("MedicationRequest", _identity(drug, ctx), medication, rx[of.drug.code].raw, ctx)
    request = ctx.add(_stated(members, order, ctx), *identity)
    if events := ordered.order_events(request, order, ctx, at(rx, of.verifier)):
        request["eventHistory"] = events
    return request


def orc_medicationrequest(order: Order, ctx: Context) -> Json | None:
    """Adds the MedicationRequest of an ORC alone, as answers have them: the drug is named by the order's number."""
    if order.orc is None:
        return None
    timings = order.all("TQ1")
    schedules = [tq1_schedule(tq1, ctx) for tq1 in timings] or [tq_schedule(tq, ctx) for tq in order.orc[7]]
    members = {
        **_steering(order, ctx),
        "identifier": ordered.identifiers(order, ctx),
        "intent": "order",
        "category": present([ordered.setting(order, "medicationrequest-category", ctx)]),
        **_coded_priority(order.orc[7], ctx),
        "medicationCodeableConcept": NOT_STATED,
        "supportingInformation": _observations(order, ctx),
        "authoredOn": ordered.authored(order, ctx),
        "requester": ordered.prescriber(order, ABSENT, ctx),
        "basedOn": ordered.parents(order, ctx),
        "note": nte_annotations(order.notes, ctx),
        "dosageInstruction": dosages(compact({"doseAndRate": _each(schedules, {})}), schedule_dosages(schedules), []),
    }
    known = order_key(ordered.identifiers(order, ctx), ctx)
    request = ctx.add(_stated(members, order, ctx), known or f"{ctx.raw.id}|{order.orc.line}")
    if events := ordered.order_events(request, order, ctx):
        request["eventHistory"] = events
    return request


def _stated(members: Json, order: Order, ctx: Context) -> Json:
    """The members that say something, with those that all requests have."""
    return {
        "resourceType": "MedicationRequest",
        **compact(
            {
                **members,
                "subject": ordered.subject(ctx),
                "encounter": ctx.visit,
                "groupIdentifier": ordered.group_identifier(order, ctx),
            }
        ),
    }


def _steering(order: Order, ctx: Context) -> Json:
    orc = order.orc
    return {
        **ordered.meta(order, ctx),
        "extension": [one for one in ordered.extensions(order, ctx) if one["url"] != _STATUS_REASON],
        **ordered.request_status(order, ctx),
        "statusReason": cwe_codeableconcept(orc[16], ctx) if orc else {},
    }


def _identity(drug: Drug, ctx: Context) -> tuple[str, ...]:
    """The order's number and, since an order may be written, encoded and given, the segment's name."""
    key = order_key(ordered.identifiers(drug.order, ctx), ctx) or f"{ctx.raw.id}|{drug.rx.line}"
    place = drug.rx[1].text if drug.rx.name == "RXG" else str(drug.place or "")
    return (key, *filter(None, ("" if drug.rx.name == "RXE" else drug.rx.name, place)))


def _own_numbers(rx: Segment, of: Columns, ctx: Context) -> list[Json]:
    """Numbers that only these segments have: prescription, segment instance, give and dispense counters, tag."""
    prescription = at(rx, of.number).text
    counters = zip(("Give Sub-ID Counter", "Dispense Sub-ID Counter"), of.counters, strict=False)
    return present(
        [
            {"type": {"text": "Prescription Number"}, "value": prescription} if prescription else None,
            ei_identifier(at(rx, of.identifier).first, ctx),
            *({"type": {"text": name}, "value": rx[at_].text} for name, at_ in counters if rx[at_].text),
            *(each(at(rx, of.tag), ei_identifier, ctx)),
        ]
    )


def _intent(rx: Segment, of: Columns, intent: str, ctx: Context) -> Json:
    """The segment's own, unless the sender says another mood (RXO-31, table 0725)."""
    mood = at(rx, of.mood)
    return {"intent": _INTENTS.get(mood.text, intent), **ordered.sent_beside_code("intent", mood, "0725", ctx)}


def _categories(drug: Drug, of: Columns, ctx: Context) -> list[Json]:
    """Inpatient or outpatient (ORC-29), kind of order, packaging, controlled substance schedule, formulary status."""
    rx, setting = drug.rx, ordered.setting(drug.order, "medicationrequest-category", ctx)
    tables = ((of.kind, _KIND), (of.method, _METHOD), (of.schedule, _SCHEDULE), (of.formulary, _FORMULARY))
    return present([setting, *(cwe_codeableconcept(at(rx, number), ctx, table) for number, table in tables)])


def _priority(drug: Drug, of: Columns, ctx: Context) -> Json:
    """TQ1-9, else the sixth component of RXE-1, RXG-3 or ORC-7; the code as sent stands beside it."""
    if stated := tq1_priority(drug.timings, ctx):
        field = next(tq1[9] for tq1 in drug.timings if tq1[9])
        return {**ordered.sent_beside_code("priority", field, "0485", ctx), **stated}
    orc = drug.order.orc
    return _coded_priority(at(drug.rx, of.timing), ctx) or (_coded_priority(orc[7], ctx) if orc else {})


def _coded_priority(timings: Field, ctx: Context) -> Json:
    """The sixth component of a TQ."""
    sent = next((tq.like(tq[6]) for tq in timings if tq[6]), None)
    if sent is None:
        return {}
    code = ctx.translate(ORDER_PRIORITY, sent[1], sent.path)
    return {"priority": code, "_priority": alternate_codes(cwe_codeableconcept(sent, ctx, _PRIORITY))}


def _drug(drug: Drug, of: Columns, ctx: Context) -> Json:
    """medication[x]; an order in free text has its drug in the instructions (RXO-6, RXO-7)."""
    rx = drug.rx
    prose = ""
    if not rx[of.drug.code]:
        prose = "; ".join(words(cwe) for number in (*of.comments, *of.administration) for cwe in rx[number])
    return rx_medication(rx, of.drug, drug.components, ctx, prose)[0]


def _supporting(drug: Drug, of: Columns, ctx: Context) -> list[Json]:
    """Where it is to be delivered, devices to give it with, another drug to dispense for it or instead of it."""
    rx = drug.rx
    places = (la_location(rx[of.deliver_to].first, ctx), place_with_address(at(rx, of.place), at(rx, of.address), ctx))
    return present(
        [
            *(ctx.reference(place, "Deliver-to location") for place in places if place),
            *rxr_devices(drug.routes, ctx),
            coded_medication(at(rx, of.other_drug), "Requested dispense code", ctx),
            coded_medication(at(rx, of.alternative), "Pharmaceutical substance alternative", ctx),
        ]
    )


def _diagnoses(order: Order, ctx: Context) -> list[Json]:
    found = [dg1_condition(dg1, ctx) for dg1 in order.all("DG1")]
    return [ctx.reference(condition) for condition in found if condition]


def _schedules(drug: Drug, of: Columns, ctx: Context) -> list[Schedule]:
    """TQ1, else the timing field of older versions, else ORC-7."""
    if drug.timings:
        return [tq1_schedule(tq1, ctx) for tq1 in drug.timings]
    orc = drug.order.orc
    return [tq_schedule(tq, ctx) for tq in at(drug.rx, of.timing) or (orc[7] if orc else ())]


def _observations(order: Order, ctx: Context) -> list[Json]:
    """Observations that come with an ORC alone."""
    report = Report(f"{ctx.raw.id}|{order.head.line}", {})
    return [ctx.reference(obx_observation(observed, report, ctx)) for observed in order.observations]


def _dosages(drug: Drug, of: Columns, schedules: list[Schedule], ctx: Context) -> list[Json]:
    rx = drug.rx
    low, high, unit = rx[of.low], rx[of.low + 1], rx[of.low + 2]
    amounts = dose_and_rate(low, high, unit, ctx)
    speed = rate(rx[of.per], rx[of.rate], rx[of.rate + 1], amounts, ctx)
    amiss = in_words((low, unit), (high, unit), (rx[of.rate], rx[of.rate + 1]))
    said = [*(words(cwe) for number in of.administration for cwe in rx[number]), amiss, per_words(rx[of.per], speed)]
    usual = compact(
        {
            "text": "; ".join(filter(None, said)),
            "additionalInstruction": [
                one for one in instructions((rx[n] for n in of.administration), ctx) if "coding" in one
            ],
            "doseAndRate": [*dose(amounts, speed), *_each(schedules, amounts)],
            "maxDosePerPeriod": daily_maximum(at(rx, of.daily), ctx),
        }
    )
    for cdo in drug.limits:
        complete(usual, cdo_limit(cdo, ctx))
    return dosages(usual, schedule_dosages(schedules), [rxr_dosage(rxr, ctx) for rxr in drug.routes])


def _each(schedules: list[Schedule], amounts: Json) -> list[Json]:
    """TQ1-2: how much each time, where it is not the amount of the drug's own segment; a number without a unit counts
    what that segment says."""
    quantities = [one.quantity for one in schedules if "unit" in one.quantity or (one.quantity and not amounts)]
    return [{"doseQuantity": one} for one in quantities[:1] if one != amounts.get("doseQuantity")]
