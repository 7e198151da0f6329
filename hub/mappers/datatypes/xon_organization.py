"""XON (extended composite name of an organization) and HD → Organization (HL7 v2.9, chapter 2A.3.89)."""

from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.message import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.hd_uri import hd_identifier, hd_uri
from hub.model import Json


def xon_organization(xon: Repetition, ctx: Context) -> Json | None:
    """Adds the Organization of an XON to the bundle: .1 name, .3 or .10 identifier, .6 authority, .7 type."""
    if not xon:
        return None
    name, number = xon[1], xon[10] or xon[3]
    identifier = hd_identifier(number, xon, 6, ctx)
    if identifier and (xon[7] == "NPI" or ("assigner" not in identifier and is_npi(number))):
        identifier = typed({"system": NPI, "value": number}, "NPI")
    elif identifier and xon[7]:
        identifier = typed(identifier, xon[7])
    return organization(name, identifier, ctx)


def hd_organization(namespace: str, universal: str, kind: str, ctx: Context) -> Json | None:
    """Adds the Organization that an HD names (a sending facility): HD.1 its name, HD.2 its identifier."""
    system = hd_uri(namespace, universal, kind, ctx)
    identifier = {"system": "urn:ietf:rfc:3986", "value": system} if system else {}
    return organization(namespace or universal, identifier, ctx)


def organization(name: str, identifier: Json, ctx: Context) -> Json | None:
    """Adds an Organization, known by its identifier, else by its name within the feed."""
    if not name and not identifier:
        return None
    key = identifier_key(identifier, ctx.feed.name) if identifier else f"{ctx.feed.name}|{name}"
    members = {"identifier": [identifier] if identifier else None, "name": name}
    return ctx.add({"resourceType": "Organization", **members}, key)
