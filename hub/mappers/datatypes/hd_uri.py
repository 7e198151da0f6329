"""HD (hierarchic designator) → uri and assigner: who gave out a number (HL7 v2.9, chapter 2A.3.36)."""

import re
from functools import lru_cache

from hub.fhir.build import compact, token
from hub.fhir.ids import uri
from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.notes import Notes, Source
from hub.mappers.remember import ELEMENTS
from hub.model import Json

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


RFC_3986 = "urn:ietf:rfc:3986"
"""The system of identifiers that are URIs."""


def hd_uri(namespace: str, universal: str, kind: str, ctx: Notes) -> str:
    """The URI of an assigning authority: its universal id (HD.2 by HD.3), else the feed's entry for HD.1, else none.

    HD.1 alone is no URI: two hospitals may both be called ``MERCY``.
    """
    found = _universal_uri(universal, kind.upper()) if universal else ""
    return found or ctx.feed.namespaces.get(namespace, "")


def assigned(namespace: str, universal: str, kind: str, ctx: Notes) -> Json:
    """The members ``system`` and ``assigner`` of an Identifier, as far as they are known."""
    return _members(namespace, universal, kind, ctx.source)


def hd_identifier(value: str, repetition: Repetition, component: int, ctx: Notes) -> Json:
    """An Identifier of ``value`` whose authority is the HD in ``component`` of the repetition."""
    if not value:
        return {}
    return {"value": value, **_authority(repetition.part(component), ctx.source)}


def assigned_at(identifier: Json, facility: str, ctx: Notes) -> Json:
    """The identifier with the facility where it was first assigned (an HD as written: CX.6, XCN.14, XON.8), unless that
    is its authority itself."""
    place = _assigner(facility, ctx.source)
    return given_at(identifier, place) if place else identifier


def given_at(identifier: Json, place: Json) -> Json:
    """The identifier with who gave it out besides its authority: who in turn gave the authority its name."""
    known = identifier.get("assigner", {})
    if not known:
        return {**identifier, "assigner": place}
    if known.get("display") == place["display"] or "assigner" in known.get("identifier", ()):
        return identifier
    named = {"value": known["display"], **known.get("identifier", {}), "assigner": place}
    return {**identifier, "assigner": {**known, "identifier": named}}


@lru_cache(maxsize=ELEMENTS)
def _authority(hd: str, source: Source) -> Json:
    return _members(*_parts(hd, source), source)


@lru_cache(maxsize=ELEMENTS)
def _assigner(hd: str, source: Source) -> Json:
    return _reference(*_parts(hd, source), source)


def _parts(hd: str, source: Source) -> tuple[str, str, str]:
    namespace, universal, kind, *_ = [*source.syntax.subcomponents(hd), "", "", ""]
    return namespace, universal, kind


@lru_cache(maxsize=ELEMENTS)
def _members(namespace: str, universal: str, kind: str, source: Source) -> Json:
    system = hd_uri(namespace, universal, kind, Notes(source))
    return compact({"system": system, "assigner": _reference(namespace, universal, kind, source)})


def _reference(namespace: str, universal: str, kind: str, source: Source) -> Json:
    """The Reference to an authority by its name and, where it has one, its universal id (HD.2) of a type of table 0301
    (HD.3)."""
    name = namespace or universal
    if not name:
        return {}
    return compact({"identifier": universal_identifier(universal, kind) if universal else None, "display": name})


@lru_cache(maxsize=1024)
def universal_identifier(universal: str, kind: str) -> Json:
    """HD.2 as an Identifier: a URI where it is one, of the type that HD.3 gives."""
    named = _universal_uri(universal, kind.upper())
    typed = {"coding": [{"system": V2 + "0301", "code": token(kind)}]} if kind.strip() else None
    return compact({"type": typed, "system": RFC_3986 if named else "", "value": named or universal})


@lru_cache(maxsize=1024)
def _universal_uri(text: str, kind: str) -> str:
    if kind in {"ISO", "OID", ""} and _OID.fullmatch(text):
        return f"urn:oid:{text}"
    if kind in {"UUID", "GUID", ""} and _UUID.fullmatch(text):
        return f"urn:uuid:{text.lower()}"
    return uri(text) if _URI.fullmatch(text) else ""
