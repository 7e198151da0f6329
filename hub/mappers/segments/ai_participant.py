"""AIS, AIG, AIL, AIP → Appointment.participant (HL7 v2.9, chapters 10.6.4 to 10.6.7)."""

import re
from collections.abc import Iterator

from hub.fhir.build import compact, extension, present
from hub.fhir.codes import Table
from hub.fhir.order_codes import REFUSED_STATUS
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import ABSENT, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.segments.ai_timing import Appointed, ai_field, ai_period
from hub.mappers.segments.orc_extensions import business_event
from hub.model import Json

_TENTATIVE = {"PENDING", "WAITLIST", "WAITLISTED", "TENTATIVE"}
_STATUS = Table("0278")
_ACTION = Table("0206")
_SUBSTITUTION = Table("0279")
_ALTERNATE = EXTENSION + "alternate-codes"
_PERSON = re.compile(
    r"\b(doctor|physician|provider|practitioner|person(nel)?|nurse|staff|clinician|surgeon)\b", re.IGNORECASE
)
_PLACE = re.compile(
    r"\b(room|location|place|bed|clinic|theat(re|er)|suite|site|office|department|dept)\b", re.IGNORECASE
)


def ai_participants(resource: Segment, group: Segment | None, appointed: Appointed, ctx: Context) -> list[Json]:
    """Whoever or whatever of the segment takes part: persons (AIP-3), places (AIL-3), a service (AIS-3) or another
    resource (AIG-3), each with its type and group, the time it is wanted, and whether it comes.

    ``group`` is the RGS before it, whose resource group (RGS-3) is that of all its resources.
    """
    kinds = _types(resource, group, ctx)
    shared = {
        "extension": present([action(resource, ctx)]),
        "period": ai_period(resource, appointed, ctx),
        **_required(resource, ctx),
        **_status(resource, ctx),
    }
    actors = present(_actors(resource, ctx))
    if not actors and not kinds:
        return []
    return [compact({"type": kinds, "actor": actor, **shared}) for actor in actors or [{}]]


def action(one: Segment, ctx: Context) -> Json:
    """What the message does with the resource or the group (field 2, table 0206), as its business event."""
    return business_event(one[2], ABSENT, _ACTION, ctx)


def ais_service(resource: Segment, ctx: Context) -> Json:
    """The service of an AIS (AIS-3)."""
    return cwe_codeableconcept(resource[3], ctx) if resource.name == "AIS" else {}


def _types(resource: Segment, group: Segment | None, ctx: Context) -> list[Json]:
    """The type of the resource and the groups it belongs to, each once."""
    if resource.name == "AIS":
        found = []
    else:
        found = [*each(resource[4], cwe_codeableconcept, ctx), *each(resource[5], cwe_codeableconcept, ctx)]
    if group is not None:
        found.extend(each(group[3], cwe_codeableconcept, ctx))
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _actors(resource: Segment, ctx: Context) -> Iterator[Json]:
    for repetition in resource[3]:
        if resource.name == "AIP":
            yield xcn_reference(repetition, ctx)
        elif resource.name == "AIL":
            place = pl_location(repetition, ctx)
            yield ctx.reference(place, place_name(repetition)) if place else {}
        elif resource.name == "AIS":
            yield _healthcare_service(repetition, ctx)
        else:
            yield _general(resource, repetition, ctx)


def _healthcare_service(cwe: Repetition, ctx: Context) -> Json:
    """The service as it is offered, known by its code within the feed."""
    kind = cwe_codeableconcept(cwe, ctx)
    if not kind:
        return {}
    service = ctx.add(
        {"resourceType": "HealthcareService", "type": [kind], "name": kind.get("text")}, ctx.feed.name, cwe.raw
    )
    return ctx.reference(service, kind.get("text", ""))


def _general(aig: Segment, cwe: Repetition, ctx: Context) -> Json:
    """A general resource (AIG): a person or a place where its type (AIG-4) says so in words, else a Device."""
    named = cwe_codeableconcept(cwe, ctx)
    if not named:
        return {}
    words = " ".join(filter(None, (aig[4].text, aig[4].first[2])))
    identifier = compact({"system": named["coding"][0].get("system"), "value": cwe[1]}) if "coding" in named else {}
    made = _of_kind(words, named.get("text", ""), aig, ctx)
    resource = ctx.add(
        {**made, "identifier": [identifier] if identifier else None}, ctx.feed.name, cwe[1] or named.get("text", "")
    )
    return ctx.reference(resource, named.get("text", ""))


def _of_kind(words: str, name: str, aig: Segment, ctx: Context) -> Json:
    if _PERSON.search(words):
        return {"resourceType": "Practitioner", "name": [{"text": name}] if name else None}
    if _PLACE.search(words):
        return {"resourceType": "Location", "name": name, "mode": "instance"}
    return {
        "resourceType": "Device",
        "deviceName": [{"name": name, "type": "user-friendly-name"}] if name else None,
        "type": cwe_codeableconcept(aig[5], ctx) or cwe_codeableconcept(aig[4], ctx),
        "property": _quantity(aig, ctx),
    }


def _quantity(aig: Segment, ctx: Context) -> list[Json]:
    """How many are wanted: AIG-6 in the unit of AIG-7."""
    number = nm_decimal(aig[6].text) if aig[6] else None
    if number is None:
        return []
    coding = cwe_coding(aig[7], ctx)
    coded = {"system": coding["system"], "code": coding["code"]} if {"system", "code"} <= coding.keys() else {}
    wanted = compact({"value": number, "unit": aig[7].first[2] or aig[7].text, **coded})
    return [{"type": {"text": "resource quantity"}, "valueQuantity": [wanted]}]


def _required(resource: Segment, ctx: Context) -> Json:
    """Whether another may stand in (table 0279): no code of FHIR says that, so the sender's stands beside its place."""
    if not (sent := cwe_codeableconcept(ai_field(resource, 5), ctx, _SUBSTITUTION)):
        return {}
    return {"_required": {"extension": [extension(_ALTERNATE, "CodeableConcept", sent)]}}


def _status(resource: Segment, ctx: Context) -> Json:
    """Accepted, unless the filler's status or the action (deleted) says otherwise; the filler's own code beside it."""
    field = ai_field(resource, 6)
    said = field.text.strip().upper()
    declined = resource[2].text == "D" or REFUSED_STATUS.codes.get(said) == "declined"
    status = "declined" if declined else "tentative" if said in _TENTATIVE else "accepted"
    sent = cwe_codeableconcept(field, ctx, _STATUS)
    beside = {"_status": {"extension": [extension(_ALTERNATE, "CodeableConcept", sent)]}} if sent else {}
    return {"status": status, **beside}
