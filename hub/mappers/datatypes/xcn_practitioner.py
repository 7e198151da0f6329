"""XCN (extended composite id number and name) → Practitioner (HL7 v2.9, chapter 2A.3.87)."""

from hub.fhir.build import compact
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cx_identifier import check_digit, governed, identifier_type
from hub.mappers.datatypes.hd_uri import assigned_at, hd_identifier
from hub.mappers.datatypes.xpn_humanname import family_parts, full_name, name_extensions, name_period, name_use
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import Coded, remembered
from hub.model import Json, stable_id

_NPI = {"NPI", NPI, "urn:oid:2.16.840.1.113883.4.6"}
"""What types, sources and authorities say of a National Provider Identifier."""


def xcn_practitioner(xcn: Coded, ctx: Mentions) -> Json | None:
    """Adds the Practitioner of an XCN to the bundle: XCN.1 identifier, .2–.7 name, .9 authority, .13 type.

    The same identifier is the same Practitioner; one without an identifier is known by name within the feed.
    """
    known = _practitioner(xcn, ctx)
    return ctx.keep(known) if known else None


def xcn_reference(xcn: Coded, ctx: Mentions) -> Json:
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
    name, identifier = _name(xcn, notes), _identifier(xcn, notes)
    if not identifier and not name:
        return {}
    feed, degree = notes.feed.name, xcn[7].strip()
    return compact(
        {
            "resourceType": "Practitioner",
            "id": stable_id(
                "Practitioner", identifier_key(identifier, feed) if identifier else f"{feed}|{full_name(name)}"
            ),
            "identifier": [identifier] if identifier else None,
            "name": [name] if name else None,
            "qualification": [{"code": {"text": degree}}] if degree else None,
        }
    )


def _identifier(xcn: Repetition, notes: Notes) -> Json:
    """The clinician's identifier (XCN.1, .8, .9, .11–.14, .22, .23): an NPI by its type, its authority, or its check
    digit when no one else claims it."""
    number, *_, source, _, _, digit, scheme, kind, facility = xcn.texts(14)
    identifier = hd_identifier(number, xcn, 9, notes)
    if not identifier:
        return {}
    assigner, system = identifier.get("assigner", {}).get("display"), identifier.get("system")
    if _NPI & {kind, source, assigner, system} or (not assigner and not kind and is_npi(number)):
        identifier = {**identifier, "system": NPI, "type": identifier_type("NPI", kind)}
    elif kind or source:
        identifier = {**identifier, "type": identifier_type(kind, text=source)}
    if digit or scheme:
        identifier = {"extension": check_digit(digit, scheme), **identifier}
    if facility:
        identifier = assigned_at(identifier, xcn.part(14), notes)
    return governed(identifier, xcn.inner(22), xcn.inner(23), notes) if len(xcn) > 21 else identifier


def _name(xcn: Repetition, notes: Notes) -> Json:
    """XCN.2–.6 and .21 name, .10 use, .15 writing, .18 order, .19/.20 (else .17) period."""
    parts = xcn.texts(21)
    _, family, first, others, generation, title, _, _, _, kind, _, _, _, _, writing, _, within, order = parts[:18]
    since, until, after = parts[18:]
    name = compact(
        {
            "family": family,
            "_family": family_parts(xcn, 2),
            "given": [given for given in (first, others) if given],
            "prefix": [title] if title else None,
            "suffix": [suffix for suffix in (generation, after) if suffix],
        }
    )
    if not name:
        return {}
    return compact(
        {
            "extension": name_extensions(writing, order) if writing or order else None,
            **(name_use(kind) if kind else {}),
            **name,
            "period": name_period(xcn, (since, until, 19), 17, notes) if since or until or within else None,
        }
    )
