"""ORC-10, -11, -13, -15, -17–19, -30 → Provenance of an order: who entered, verified and changed it, when and where
(HL7 v2.9, chapter 4.5.1; v2-to-FHIR guide, ``ORC[Provenance]``)."""

from hub.fhir.codes import Table
from hub.fhir.systems import V3
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_identifiers, concept_name
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant, instant_of
from hub.mappers.datatypes.ei_device import cwe_device
from hub.mappers.datatypes.pl_location import pl_location
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import organization
from hub.mappers.provenance import agents, participant
from hub.model import Json

_CONTROL, _MODE = Table("0119"), Table("0483")
_OPERATIONS = {"NW": "CREATE", "SC": "UPDATE", "OC": "CANCEL", "CA": "CANCEL"}
"""ORC-1 as v3-DataOperation, as far as the guide says it."""
_WHO = (10, 11, 13, 17, 18, 19)


def orc_provenance(orc: Segment, target: Json, ctx: Context, others: list[Json] | None = None) -> Json | None:
    """Adds the Provenance of what was ordered, where the ORC names anyone beside the ordering provider; ``others`` are
    further agents: clinicians who order, too, and those of PRT."""
    if not others and (len(orc) < 10 or not any(orc[number].raw for number in _WHO)):
        return None
    who = [*_agents(orc, ctx), *(others or ())]
    if not who:
        return None
    place = pl_location(orc[13], ctx) if orc[13] else None
    return ctx.add(
        {
            "resourceType": "Provenance",
            "target": [ctx.reference(target)],
            "occurredDateTime": field_datetime(orc[15], ctx) or field_datetime(orc[9], ctx),
            "recorded": field_instant(orc[9], ctx) or _recorded(ctx),
            "location": ctx.reference(place, place.get("name", "")) if place else None,
            "activity": _activity(orc, ctx),
            "agent": who,
        },
        ctx.raw.id,
        target["id"],
        str(orc.line),
    )


def _agents(orc: Segment, ctx: Context) -> list[Json]:
    employer = _organization(orc, ctx)
    entered = agents(participant("enterer"), each(orc[10], xcn_reference, ctx), employer)
    mode = cwe_codeableconcept(orc[30], ctx, _MODE) if orc[30] else {}
    if mode and entered:
        entered[0] = {**entered[0], "role": [mode]}
    found = [
        *entered,
        *agents(participant("verifier"), each(orc[11], xcn_reference, ctx)),
        *agents(participant("performer"), each(orc[19], xcn_reference, ctx)),
    ]
    if orc[18] and (device := cwe_device(orc[18].first, ctx)):
        found.append({"type": participant("enterer"), "who": ctx.reference(device, orc[18].first[2])})
    if employer and not entered:
        found.append({"type": participant("enterer"), "who": employer})
    if not found and orc[13] and (place := pl_location(orc[13], ctx)):
        found.append({"type": participant("enterer"), "who": {"display": place.get("name", "") or "not stated"}})
    return found


def _organization(orc: Segment, ctx: Context) -> Json | None:
    """ORC-17: the entering organization, by code and words."""
    kind = cwe_codeableconcept(orc[17], ctx) if orc[17] else {}
    if not kind:
        return None
    number = next(iter(concept_identifiers(kind)), {})
    found = organization(concept_name(kind), number, ctx)
    return ctx.reference(found, found.get("name", "")) if found else None


def _activity(orc: Segment, ctx: Context) -> Json:
    """ORC-1 as v3-DataOperation beside the order control code itself."""
    control = cwe_codeableconcept(orc[1], ctx, _CONTROL)
    operation = _OPERATIONS.get(orc[1].text)
    if operation is None:
        return control
    meant = {"system": V3 + "DataOperation", "code": operation}
    return {**control, "coding": [meant, *control.get("coding", ())]}


def _recorded(ctx: Context) -> str:
    return ctx.event_time if "T" in ctx.event_time else instant_of(ctx.raw.received_at)
