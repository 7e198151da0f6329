"""PRT-10 and -16 to -22 → Device: its numbers and its UDI (HL7 v2-to-FHIR guide, PRT[Device])."""

from hub.fhir.build import compact, complete
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_device import device, ei_device
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.model import Json


def prt_device(prt: Segment, ctx: Context) -> Json:
    """Adds the device, known by PRT-10, else by its UDI; ``{}`` where the PRT names none."""
    known = ei_device(prt[10], ctx)
    if len(prt) < 16:
        return known
    udi = ei_identifier(prt[16].first, ctx)
    if not (known or udi):
        return {}
    found = known or device({}, {"value": identifier_key(udi, ctx.feed.name)}, ctx)
    complete(found, _members(prt, udi, ctx))
    return found


def _members(prt: Segment, udi: Json, ctx: Context) -> Json:
    distinct = ei_identifier(prt[21].first, ctx)
    carrier = {"deviceIdentifier": udi["value"], "issuer": udi.get("system")} if udi else {}
    return compact(
        {
            "udiCarrier": [compact(carrier)] if carrier else None,
            "identifier": [distinct] if "assigner" in distinct else None,
            "distinctIdentifier": prt[21].text,
            "manufactureDate": field_datetime(prt[17], ctx),
            "expirationDate": field_datetime(prt[18], ctx),
            "lotNumber": prt[19].text,
            "serialNumber": prt[20].text,
            "type": cwe_codeableconcept(prt[22], ctx),
        }
    )
