"""CON → Consent (HL7 v2.9, chapter 9.6.2)."""

from hub.fhir.build import compact, concept, period, present
from hub.fhir.codes import Table, untranslated
from hub.fhir.systems import EXTENSION, TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_sent import sent_beside
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.st_text import text_of
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.dispatch import segment
from hub.mappers.facts import YES_NO, Fact, coded, facts, in_words, text
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_KIND, _STATUS, _RELATIONSHIP = Table("0496"), Table("0498"), Table("0548")
_SCOPES = TERMINOLOGY + "consentscope"
_PRIVACY = concept(_SCOPES, "patient-privacy", "Privacy Consent")
_TREATMENT = concept(_SCOPES, "treatment", "Treatment")
_OF_PRIVACY = {"001", "003"}
"""Table 0496: release of information, receipt of the privacy notice; all others are medical procedures."""
_STATES = {"A": "active", "L": "active", "P": "proposed", "R": "rejected", "X": "inactive", "B": "inactive"}
"""CON-11 (table 0498): granted, with limitations, pending, refused, rescinded, bypassed."""
_NOTE = EXTENSION + "note"
_FACTS = (
    Fact(5, "Consent text", text),
    Fact(6, "Subject-specific consent text", text),
    Fact(7, "Background information", text),
    Fact(8, "Subject-specific background", text),
    Fact(9, "Limitations imposed by the consenter", text),
    Fact(10, "Mode", coded("0497")),
    Fact(16, "Subject is competent", YES_NO),
    Fact(17, "Translator assisted", YES_NO),
    Fact(18, "Translated to", coded("0296")),
    Fact(19, "Informational material supplied", YES_NO),
    Fact(20, "Reason of the bypass", coded("0499")),
    Fact(21, "Disclosure level", coded("0500")),
    Fact(22, "Reason of the non-disclosure", coded("0501")),
    Fact(23, "Reason of a consenter other than the subject", coded("0502")),
)
"""What R4 has no element for; each becomes a comment (extension ``note``) in words."""


@segment("CON")
def con_consent(con: Segment, ctx: Context) -> Json | None:
    """Adds the patient's Consent; without a patient the segment is kept as it is."""
    if ctx.subject is None or ctx.patient is None:
        zzz_basic(con, ctx)
        return None
    form = ei_identifier(con[4].first, ctx)
    status = _STATES.get(con[11].text.upper(), "active")
    return ctx.add(
        {
            "resourceType": "Consent",
            "extension": [{"url": _NOTE, "valueAnnotation": {"text": said}} for said in _remarks(con, ctx)],
            "status": status,
            **sent_beside("status", con[11], untranslated(_STATUS), status, ctx),
            "scope": _PRIVACY if con[2].text in _OF_PRIVACY else _TREATMENT,
            "category": [cwe_codeableconcept(con[2], ctx, _KIND) or {"text": "not stated"}],
            "patient": ctx.subject,
            "dateTime": field_datetime(con[13], ctx) or field_datetime(con[12], ctx),
            "performer": _consenters(con, ctx),
            "sourceReference": compact({"identifier": form, "display": text_of(con[3])}),
            "policyRule": {"text": text_of(con[3]) or "as the consent form says"},
            "provision": compact({"period": period(field_datetime(con[14], ctx), field_datetime(con[15], ctx))}),
        },
        ctx.patient["id"],
        str(form) if form else f"{ctx.raw.id}|{con.line}",
    )


def _remarks(con: Segment, ctx: Context) -> list[str]:
    said = in_words(facts(con, _FACTS, ctx))
    discussed = field_datetime(con[12], ctx) if con[13] else ""
    return [*said, f"Discussed: {discussed}"] if discussed else said


def _consenters(con: Segment, ctx: Context) -> list[Json]:
    """CON-24 in the relationship of CON-25: the patient himself, or a RelatedPerson."""
    assert ctx.patient is not None, "a consent without a patient is kept as it is"
    if con[25].text == "1" or not con[24]:
        return present([ctx.subject])
    relationship = cwe_codeableconcept(con[25], ctx, _RELATIONSHIP)
    names = each(con[24], xpn_humanname, ctx)
    people = [
        ctx.add(
            {
                "resourceType": "RelatedPerson",
                "patient": ctx.subject,
                "relationship": [relationship] if relationship else None,
                "name": [name],
            },
            ctx.patient["id"],
            full_name(name),
            "consenter",
        )
        for name in names
    ]
    return [ctx.reference(one, full_name(one["name"][0])) for one in people]
