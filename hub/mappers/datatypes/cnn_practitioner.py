"""CNN and NDL (name with date and location) → Practitioner, PractitionerRole (HL7 v2.9, chapters 2A.3.8, 2A.3.44)."""

from hub.fhir.build import compact
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.dtm_datetime import dtm_period
from hub.mappers.datatypes.hd_uri import assigned
from hub.mappers.datatypes.pl_location import pl_location
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.model import Json


def ndl_reference(ndl: Repetition, ctx: Context) -> Json:
    """The Reference to the person of an NDL (.1): with the time (.2, .3) or place (.4–.11) of the work as a
    PractitionerRole."""
    practitioner = cnn_practitioner(ndl, ctx)
    if practitioner is None:
        return {}
    name = full_name(practitioner.get("name", [{}])[0])
    if not ndl.part(1).count(ndl.syntax.subcomponent) or len(ndl) < 2:
        return ctx.reference(practitioner, name)
    since, until, point, room, bed, facility, status, kind, building, floor = (ndl.part(n) for n in range(2, 12))
    syntax = ndl.syntax
    raw = syntax.component.join((point, room, bed, facility, status, kind, building, floor))
    place = pl_location(ndl.like(raw), ctx) if raw.strip(syntax.component) else None
    role = compact(
        {
            "resourceType": "PractitionerRole",
            "period": dtm_period(syntax.first(since), syntax.first(until), ctx, ndl, 2),
            "practitioner": ctx.reference(practitioner, name),
            "location": [ctx.reference(place, place.get("name", ""))] if place else None,
        }
    )
    if len(role) == 2:
        return ctx.reference(practitioner, name)
    return ctx.reference(ctx.add(role, "NDL", practitioner["id"], ndl.raw), name)


def cnn_practitioner(ndl: Repetition, ctx: Context) -> Json | None:
    """Adds the Practitioner of NDL.1: subcomponents id, family, given, further, suffix, prefix, degree, table,
    authority with its universal id. Senders that split the name over components (XCN) are read too."""
    part = ndl.subcomponents(1)
    part = (part if len(part) > 1 else [ndl[n] for n in range(1, 10)]) + [""] * 11
    identifier = _identifier(part, ctx)
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
    members = {
        "identifier": [identifier] if identifier else None,
        "name": [name] if name else None,
        "qualification": [{"code": {"text": part[6]}}] if part[6] else None,
    }
    return ctx.add({"resourceType": "Practitioner", **members}, key)


def _identifier(part: list[str], ctx: Context) -> Json:
    number, source, namespace, universal, kind = part[0], *part[7:11]
    if not number:
        return {}
    authority = namespace or universal
    if "NPI" in (source, authority) or (not authority and is_npi(number)):
        return typed({"system": NPI, "value": number}, "NPI")
    identifier = {"value": number, **assigned(namespace, universal, kind, ctx)}
    return {"type": {"text": source}, **identifier} if source else identifier
