"""CTD → PractitionerRole: whom to contact about an order (HL7 v2.9, chapter 11.8.4)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_words
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.dtm_datetime import dtm_period
from hub.mappers.datatypes.pl_location import pl_location
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_ROLE, _PREFERRED = Table("0131"), Table("0185")


@segment("CTD")
def ctd_practitionerrole(ctd: Segment, ctx: Context) -> Json | None:
    """Adds the contact: CTD-1 roles, -2 names, -3 addresses, -4 place, -5 telecom, -6 preferred way, -7 identifiers."""
    names = each(ctd[2], xpn_humanname, ctx)
    identifiers = present(_identifier(pln, ctx) for pln in ctd[7])
    if not names and not identifiers:
        zzz_basic(ctd, ctx)
        return None
    key = identifier_key(identifiers[0], ctx.feed.name) if identifiers else f"{ctx.feed.name}|{full_name(names[0])}"
    person = {"identifier": identifiers, "name": names, "address": each(ctd[3], xad_address, ctx)}
    practitioner = ctx.add({"resourceType": "Practitioner", **person}, key)
    place = pl_location(ctd[4], ctx) if ctd[4] else None
    preferred = cwe_codeableconcept(ctd[6], ctx, _PREFERRED) if ctd[6] else {}
    return ctx.add(
        {
            "resourceType": "PractitionerRole",
            "practitioner": ctx.reference(practitioner, full_name(names[0]) if names else ""),
            "code": present(cwe_codeableconcept(cwe, ctx, _ROLE) for cwe in ctd[1]),
            "location": [ctx.reference(place, place.get("name", ""))] if place else None,
            "telecom": each(ctd[5], xtn_contactpoint, ctx),
            "availabilityExceptions": _words(preferred),
        },
        "CTD",
        practitioner["id"],
        ctd[1].raw,
    )


def _identifier(pln: Repetition, ctx: Context) -> Json:
    """PLN: .1 number, .2 its type, .3 state or other, .4 until when."""
    if not pln[1]:
        return {}
    words = {"assigner": {"display": pln[3]}} if pln[3] else {}
    times = dtm_period("", pln[4], ctx, pln, 3) if pln[4] else None
    return typed(compact({"value": pln[1], **words, "period": times}), pln[2])


def _words(preferred: Json) -> str:
    if not preferred:
        return ""
    return f"Preferred method of contact: {concept_words(preferred)}"
