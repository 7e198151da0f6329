"""XON (extended composite name of an organization) and HD → Organization (HL7 v2.9, chapter 2A.3.89)."""

from hub.fhir.build import compact
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.hd_uri import hd_identifier, hd_uri
from hub.mappers.notes import Notes
from hub.mappers.remember import Coded, remembered
from hub.model import Json, stable_id


def xon_organization(xon: Coded, ctx: Context) -> Json | None:
    """Adds the Organization of an XON to the bundle: .1 name, .3 or .10 identifier, .6 authority, .7 type."""
    known = _of_xon(xon, ctx)
    return ctx.keep(known) if known else None


def hd_organization(hd: Coded, ctx: Context) -> Json | None:
    """Adds the Organization that an HD names (a sending facility): HD.1 its name, HD.2 its identifier."""
    known = _of_hd(hd, ctx)
    return ctx.keep(known) if known else None


def organization(name: str, identifier: Json, ctx: Context) -> Json | None:
    """Adds an Organization that is known in these words."""
    known = named_organization(name, identifier, ctx)
    return ctx.keep(known) if known else None


@remembered
def _of_xon(xon: Repetition, notes: Notes) -> Json:
    if not xon:
        return {}
    name, number = xon[1], xon[10] or xon[3]
    identifier = hd_identifier(number, xon, 6, notes)
    if identifier and (xon[7] == "NPI" or ("assigner" not in identifier and is_npi(number))):
        identifier = typed({"system": NPI, "value": number}, "NPI")
    elif identifier and xon[7]:
        identifier = typed(identifier, xon[7])
    return named_organization(name, identifier, notes)


@remembered
def _of_hd(hd: Repetition, notes: Notes) -> Json:
    system = hd_uri(hd[1], hd[2], hd[3], notes)
    identifier = {"system": "urn:ietf:rfc:3986", "value": system} if system else {}
    return named_organization(hd[1] or hd[2], identifier, notes)


def named_organization(name: str, identifier: Json, notes: Notes) -> Json:
    """An Organization with its id, known by its identifier, else by its name within the feed; ``{}`` for neither."""
    if not name and not identifier:
        return {}
    key = identifier_key(identifier, notes.feed.name) if identifier else f"{notes.feed.name}|{name}"
    return compact(
        {
            "resourceType": "Organization",
            "id": stable_id("Organization", key),
            "identifier": [identifier] if identifier else None,
            "name": name,
        }
    )
