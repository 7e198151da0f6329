"""HD (hierarchic designator) → uri and assigner: who gave out a number (HL7 v2.9, chapter 2A.3.36)."""

import re
from functools import lru_cache

from hub.fhir.build import compact
from hub.fhir.ids import uri
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.notes import Notes, Source
from hub.mappers.remember import ELEMENTS
from hub.model import Json

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


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


@lru_cache(maxsize=ELEMENTS)
def _authority(hd: str, source: Source) -> Json:
    namespace, universal, kind, *_ = [*source.syntax.subcomponents(hd), "", "", ""]
    return _members(namespace, universal, kind, source)


@lru_cache(maxsize=ELEMENTS)
def _members(namespace: str, universal: str, kind: str, source: Source) -> Json:
    name = namespace or universal
    system = hd_uri(namespace, universal, kind, Notes(source))
    return compact({"system": system, "assigner": {"display": name} if name else None})


@lru_cache(maxsize=1024)
def _universal_uri(text: str, kind: str) -> str:
    if kind in {"ISO", "OID", ""} and _OID.fullmatch(text):
        return f"urn:oid:{text}"
    if kind in {"UUID", "GUID", ""} and _UUID.fullmatch(text):
        return f"urn:uuid:{text.lower()}"
    return uri(text) if _URI.fullmatch(text) else ""
