"""XON (extended composite name of an organization) and HD → Organization (HL7 v2.9, chapter 2A.3.89)."""

from functools import lru_cache

from hub.fhir.build import compact, extension, token
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import EXTENSION, NPI, V2
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cx_identifier import check_digit, identifier_type
from hub.mappers.datatypes.hd_uri import RFC_3986, assigned_at, hd_identifier, hd_uri, universal_identifier
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import Coded, remembered
from hub.model import Json, stable_id


def xon_organization(xon: Coded, ctx: Mentions) -> Json | None:
    """Adds the Organization of an XON to the bundle: .1 name, .3 or .10 identifier, .6 authority, .7 type."""
    known = _of_xon(xon, ctx)
    return ctx.keep(known) if known else None


def xon_reference(xon: Coded, ctx: Mentions) -> Json:
    """The Reference to the Organization of an XON, with its name for display; ``{}`` when the XON is empty."""
    found = xon_organization(xon, ctx)
    return ctx.reference(found, found.get("name", "")) if found else {}


def hd_organization(hd: Coded, ctx: Mentions) -> Json | None:
    """Adds the Organization that an HD names (a sending facility): HD.1 its name, HD.2 its identifier."""
    known = _of_hd(hd, ctx)
    return ctx.keep(known) if known else None


def organization(name: str, identifier: Json, ctx: Mentions) -> Json | None:
    """Adds an Organization that is known in these words."""
    known = named_organization(name, identifier, ctx)
    return ctx.keep(known) if known else None


@remembered
def _of_xon(xon: Repetition, notes: Notes) -> Json:
    """XON.1 name, .2 its type, .10 identifier and .3, its older form, .4/.5 check digit, .6 authority, .7 type, .8
    where it was assigned."""
    if not xon:
        return {}
    name, sort, older, digit, scheme, _, kind, facility, _, number = xon.texts(10)
    identifier = hd_identifier(number or older, xon, 6, notes)
    if identifier and (kind == "NPI" or ("assigner" not in identifier and is_npi(number or older))):
        identifier = {**identifier, "system": NPI, "type": identifier_type("NPI")}
    elif identifier and kind:
        identifier = {**identifier, "type": identifier_type(kind)}
    if identifier and (digit or scheme):
        identifier = {"extension": check_digit(digit, scheme), **identifier}
    if identifier and facility:
        identifier = assigned_at(identifier, xon.part(8), notes)
    made = named_organization(name, identifier, notes)
    if number and older and number != older:
        made = {**made, "identifier": [identifier, {"value": older}]}
    return {**made, **_named_as(sort)} if made and name and sort else made


@lru_cache(maxsize=64)
def _named_as(sort: str) -> Json:
    """Which of its names it is (XON.2, table 0204), as a coding of the name."""
    coding = {"system": V2 + "0204", "code": token(sort)}
    return {"_name": {"extension": [extension(EXTENSION + "iso21090-SC-coding", "Coding", coding)]}}


@remembered
def _of_hd(hd: Repetition, notes: Notes) -> Json:
    """HD.1 the name, HD.2 an identifier of the type HD.3; the feed's URI of the name where there is no HD.2. An
    identifier that is no URI does not say who it is."""
    name, universal, kind = hd.texts(3)
    identifier = universal_identifier(universal, kind) if universal else {}
    if not identifier and (system := hd_uri(name, "", "", notes)):
        identifier = {"system": RFC_3986, "value": system}
    if not identifier or "system" in identifier:
        return named_organization(name or universal, identifier, notes)
    known = named_organization(name or universal, {}, notes)
    return {**known, "identifier": [identifier]}


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
