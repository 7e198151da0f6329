"""EI of equipment, and CWE of a device in words → Device (HL7 v2.9, chapters 7.4.2.18 and 4.5.1.18)."""

from hub.fhir.build import compact, present
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Field, Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_name
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.model import Json


def ei_device(field: Field, ctx: Context) -> Json:
    """Adds the Device that a field names, by all its repetitions: an analyzer, its module, its model."""
    identifiers = each(field, ei_identifier, ctx)
    return device({"identifier": identifiers}, identifiers[0], ctx) if identifiers else {}


def cwe_device(cwe: Repetition, ctx: Context) -> Json:
    """Adds the Device that a coded field names: code and words."""
    kind = cwe_codeableconcept(cwe, ctx)
    if not kind:
        return {}
    name = concept_name(kind) or "not stated"
    identifier = {"value": cwe[1]} if cwe[1] else {}
    members = {
        "identifier": present([identifier]),
        "deviceName": [{"name": name, "type": "user-friendly-name"}],
        "type": kind if "coding" in kind else None,
    }
    return device(members, identifier or {"value": name}, ctx)


def device(members: Json, identifier: Json, ctx: Context) -> Json:
    """Adds a Device that is known by that identifier."""
    return ctx.add({"resourceType": "Device", **compact(members)}, identifier_key(identifier, ctx.feed.name))
