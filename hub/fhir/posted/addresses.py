"""Where a resource stands in the system that posted it: its address, by which other resources refer to it.

``Patient/123`` is an address in that system itself, ``https://ehr.example/fhir/Patient/123`` one for all the world. The
hub keeps it as an Identifier of type RI (HL7 table 0203, resource identifier), whose system is the feed, or that of
URIs: what is posted later is known again by it, whichever message it comes in."""

import re
from urllib.parse import unquote

from hub.fhir.ids import FEED, uri
from hub.fhir.systems import V2
from hub.model import Json

URI = "urn:ietf:rfc:3986"
"""The system of identifiers that are URIs (FHIR R4, section 2.24.0.10.1)."""
_RI = {"coding": [{"system": V2 + "0203", "code": "RI", "display": "Resource identifier"}]}
_RESTFUL = re.compile(r"((?:https?://\S+/)?)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
"""FHIR R4, section 2.3.0.1 (literal references); the version does not matter, a later one is the same resource."""
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?identifier=([^&\s]+)")
"""FHIR R4, section 3.1.0.11.2.1: a reference by search, of which only the one by identifier is known here."""


def address_of(url: str, base: str = "") -> str:
    """The address that a literal reference or full URL names; empty for other URLs. A relative one is on ``base``, the
    server (with its slash) on which what refers to it stands."""
    match = _RESTFUL.fullmatch(url)
    return f"{match[1] or base}{match[2]}/{match[3]}" if match else ""


def base_of(address: str) -> str:
    """The server of an address, with its slash: empty for the feed's own."""
    match = _RESTFUL.fullmatch(address)
    return match[1] if match else ""


def type_of(url: str) -> str:
    """The type of resource that an address or conditional reference names; empty for other URLs."""
    match = _RESTFUL.fullmatch(url)
    if match:
        return match[2]
    match = _CONDITIONAL.fullmatch(url)
    return match[1] if match else ""


def conditional(url: str) -> tuple[str, Json] | None:
    """Type and Identifier of ``Patient?identifier=system|value``; nothing for other URLs."""
    match = _CONDITIONAL.fullmatch(url)
    if not match:
        return None
    system, bar, value = unquote(match[2]).rpartition("|")
    if not value:
        return None
    return match[1], {"system": system, "value": value} if bar and system else {"value": value}


def address_identifier(address: str, feed: str) -> Json:
    """The Identifier that an address is."""
    return {"type": _RI, "system": URI if base_of(address) else FEED + uri(feed), "value": address}


def is_address_key(key: str) -> bool:
    """Whether the key (``system|value``) of an Identifier is an address."""
    system, _, value = key.partition("|")
    return (system == URI or system.startswith(FEED)) and address_of(value) == value
