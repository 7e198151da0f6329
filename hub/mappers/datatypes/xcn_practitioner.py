"""XCN (extended composite id number and name) → Practitioner (HL7 v2.9, chapter 2A.3.87)."""

from functools import lru_cache

from hub.fhir.build import compact
from hub.fhir.codes import NAME_USE
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.message import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes import values
from hub.mappers.datatypes.cx_identifier import check_digit, typed
from hub.mappers.datatypes.hd_uri import hd_uri
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.model import Json, stable_id

_NPI = {"NPI", NPI, "urn:oid:2.16.840.1.113883.4.6"}
"""What types, sources and authorities say of a National Provider Identifier."""


def xcn_practitioner(xcn: Repetition, ctx: Context) -> Json | None:
    """Adds the Practitioner of an XCN to the bundle: XCN.1 identifier, .2–.7 name, .9 authority, .13 type.

    The same identifier is the same Practitioner; one without an identifier is known by name within the feed.
    """
    if not xcn:
        return None
    namespace, universal, kind, *_ = [*xcn.subcomponents(9), "", "", ""]
    system = hd_uri(namespace, universal, kind, ctx)
    known = _practitioner((*values(xcn, 13), xcn[21]), system, namespace or universal, ctx.feed.name)
    return ctx.keep(known) if known else None


def xcn_reference(xcn: Repetition, ctx: Context) -> Json:
    """The Reference to the Practitioner of an XCN, with the name for display; ``{}`` when the XCN is empty."""
    practitioner = xcn_practitioner(xcn, ctx)
    if practitioner is None:
        return {}
    return ctx.reference(practitioner, full_name(practitioner.get("name", [{}])[0]))


@lru_cache(maxsize=4096)
def _practitioner(xcn: tuple[str, ...], system: str, assigner: str, feed: str) -> Json | None:
    """A Practitioner with its id. The same few clinicians stand in all messages of a hospital: each is made once."""
    identifier, name = _identifier(xcn, system, assigner), _name(xcn)
    if not identifier and not name:
        return None
    key = identifier_key(identifier, feed) if identifier else f"{feed}|{full_name(name)}"
    return compact(
        {
            "resourceType": "Practitioner",
            "id": stable_id("Practitioner", key),
            "identifier": [identifier] if identifier else None,
            "name": [name] if name else None,
            "qualification": [{"code": {"text": xcn[6]}}] if xcn[6] else None,
        }
    )


def _identifier(xcn: tuple[str, ...], system: str, assigner: str) -> Json:
    """The clinician's identifier; an NPI by its type, its authority, or its check digit when no one else claims it."""
    number, source, digit, scheme, kind = xcn[0], xcn[7], xcn[10], xcn[11], xcn[12]
    if not number:
        return {}
    if _NPI & {kind, source, assigner, system} or (not assigner and not kind and is_npi(number)):
        return typed({"system": NPI, "value": number}, "NPI")
    authority = {"display": assigner} if assigner else None
    identifier = compact({"value": number, "system": system, "assigner": authority})
    if kind:
        identifier = typed(identifier, kind)
    return {"extension": check_digit(digit, scheme), **identifier} if digit or scheme else identifier


def _name(xcn: tuple[str, ...]) -> Json:
    _, family, first, others, generation, title, _, _, _, kind, *_, professional = xcn
    parts = compact(
        {
            "family": family,
            "given": [name for name in (first, others) if name],
            "prefix": [title] if title else None,
            "suffix": [suffix for suffix in (generation, professional) if suffix],
        }
    )
    use = NAME_USE.codes.get(kind)
    return {"use": use, **parts} if parts and use else parts
