"""Addresses and telephones of organizations, which in FHIR R4 are never of use ``home`` (constraints org-2 and org-3):
senders write it of insurers and employers all the same."""

from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Field
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.notes import Notes
from hub.model import Json


def premises(field: Field, ctx: Notes) -> list[Json]:
    """The addresses of an organization."""
    return [_official(address, "0190", "H") for address in each(field, xad_address, ctx)]


def lines(field: Field, ctx: Notes, use: str = "") -> list[Json]:
    """The telephones of an organization; ``use`` is the field's own meaning where the sender gives none."""
    points = (xtn_contactpoint(xtn, ctx, use) for xtn in field)
    return [line(point) for point in points if point]


def line(point: Json) -> Json:
    """A ContactPoint as that of an organization."""
    return _official(point, "0201", "PRN")


def _official(element: Json, table: str, code: str) -> Json:
    """Without the use ``home``; the sender's code for it is kept beside."""
    if element.get("use") != "home":
        return element
    sent = alternate_codes({"coding": [{"system": V2 + table, "code": code}]})
    return {"_use": sent, **{name: value for name, value in element.items() if name != "use"}}
