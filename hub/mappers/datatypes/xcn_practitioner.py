"""XCN (extended composite id number and name) → Practitioner (HL7 v2.9, chapter 2A.3.87)."""

from hub.fhir.build import compact
from hub.fhir.codes import NAME_USE
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.cx_identifier import check_digit, typed
from hub.mappers.datatypes.hd_uri import hd_uri
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.notes import Notes
from hub.mappers.remember import Coded, remembered
from hub.model import Json, stable_id

_NPI = {"NPI", NPI, "urn:oid:2.16.840.1.113883.4.6"}
"""What types, sources and authorities say of a National Provider Identifier."""


def xcn_practitioner(xcn: Coded, ctx: Context) -> Json | None:
    """Adds the Practitioner of an XCN to the bundle: XCN.1 identifier, .2–.7 name, .9 authority, .13 type.

    The same identifier is the same Practitioner; one without an identifier is known by name within the feed.
    """
    known = _practitioner(xcn, ctx)
    return ctx.keep(known) if known else None


def xcn_reference(xcn: Coded, ctx: Context) -> Json:
    """The Reference to the Practitioner of an XCN, with the name for display; ``{}`` when the XCN is empty."""
    practitioner = xcn_practitioner(xcn, ctx)
    if practitioner is None:
        return {}
    return ctx.reference(practitioner, full_name(practitioner.get("name", [{}])[0]))


@remembered
def _practitioner(xcn: Repetition, notes: Notes) -> Json:
    """A Practitioner with its id."""
    if not xcn:
        return {}
    namespace, universal, kind, *_ = [*xcn.subcomponents(9), "", "", ""]
    parts = (*xcn.texts(13), xcn[21])
    name = _name(parts)
    identifier = _identifier(parts, hd_uri(namespace, universal, kind, notes), namespace or universal)
    if not identifier and not name:
        return {}
    feed = notes.feed.name
    return compact(
        {
            "resourceType": "Practitioner",
            "id": stable_id(
                "Practitioner", identifier_key(identifier, feed) if identifier else f"{feed}|{full_name(name)}"
            ),
            "identifier": [identifier] if identifier else None,
            "name": [name] if name else None,
            "qualification": [{"code": {"text": parts[6]}}] if parts[6] else None,
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
