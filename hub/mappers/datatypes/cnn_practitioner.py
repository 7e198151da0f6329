"""CNN (composite id and name, within NDL) → Practitioner (HL7 v2.9, chapter 2A.3.8)."""

from hub.fhir.build import compact
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.hd_uri import assigned
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.model import Json


def cnn_practitioner(ndl: Repetition, ctx: Context) -> Json | None:
    """Adds the Practitioner of NDL.1: subcomponents id, family, given, further, suffix, prefix, degree, table,
    authority. Senders that split the name over components (XCN) are read too."""
    part = ndl.subcomponents(1)
    part = (part if len(part) > 1 else [ndl[n] for n in range(1, 10)]) + [""] * 9
    identifier = _identifier(part[0], part[7], part[8], ctx)
    name = compact(
        {
            "family": part[1],
            "given": [given for given in (part[2], part[3]) if given],
            "prefix": [part[5]] if part[5] else None,
            "suffix": [part[4]] if part[4] else None,
        }
    )
    if not identifier and not name:
        return None
    key = identifier_key(identifier, ctx.feed.name) if identifier else f"{ctx.feed.name}|{full_name(name)}"
    members = {"identifier": [identifier] if identifier else None, "name": [name] if name else None}
    return ctx.add({"resourceType": "Practitioner", **members}, key)


def _identifier(number: str, source: str, authority: str, ctx: Context) -> Json:
    if not number:
        return {}
    if "NPI" in (source, authority) or (not authority and is_npi(number)):
        return typed({"system": NPI, "value": number}, "NPI")
    return {"value": number, **assigned(authority, "", "", ctx)}
