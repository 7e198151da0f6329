"""RF1 → ServiceRequest and Task (HL7 v2.9, chapter 11.6.1). HL7's own guide has no map for referrals."""

from hub.errors import Held
from hub.fhir.build import period, present
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import REFERRAL, REFERRAL_PRIORITY, REFERRAL_STATUS, REFERRAL_TYPE
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.referral import ACCEPTED, CANCELLED, DECLINED, EXPIRED, REQUESTED, Progress, referral_task
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.prd_practitioner import Parties
from hub.model import Json

_REFUSED = {"R": DECLINED, "E": EXPIRED}
"""RF1-1 (table 0283) says the same in a request and in an answer: rejected, expired."""


def rf1_identifiers(rf1: Segment, ctx: Context) -> list[Json]:
    """The originating number (RF1-6) as the placer's, the external one (RF1-11) as the filler's."""
    return present([ei_identifier(rf1[6].first, ctx, "PLAC"), ei_identifier(rf1[11].first, ctx, "FILL")])


def rf1_servicerequest(rf1: Segment, parties: Parties, notes: list[Segment], ctx: Context) -> Json | None:
    """Adds the ServiceRequest of a referral; ``None`` without a patient. Raises ``Held`` for one without a number."""
    identifiers = rf1_identifiers(rf1, ctx)
    if not identifiers:
        raise Held("the referral has no number", code="101", path=rf1.path(6))
    if ctx.subject is None:
        return None
    start, due = (field_datetime(rf1[field], ctx) for field in (7, 8))
    return ctx.add(
        {
            "resourceType": "ServiceRequest",
            "extension": ctx.removals(rf1),
            "identifier": identifiers,
            "status": _status(rf1, ctx),
            "intent": "order",
            "category": [{"coding": [REFERRAL]}],
            "priority": ctx.translated(REFERRAL_PRIORITY, rf1[2]),
            "code": cwe_codeableconcept(rf1[3], ctx, REFERRAL_TYPE),
            "subject": ctx.subject,
            "encounter": ctx.visit,
            "occurrencePeriod": period(start, due),
            "authoredOn": field_datetime(rf1[9], ctx),
            "requester": next(iter(parties.referring), None),
            "performer": parties.referred_to,
            "reasonCode": present(cwe_codeableconcept(cwe, ctx) for cwe in rf1[10]),
            "note": nte_annotations(notes, ctx),
        },
        identifier_key(identifiers[0], ctx.feed.name),
    )


def rf1_task(rf1: Segment, request: Json | None, ctx: Context) -> Json:
    """Adds the Task that says what the message does to the referral."""
    identifiers = rf1_identifiers(rf1, ctx)
    why = rf1[10].first
    reason = why[9] or why[2] or why[1]
    return referral_task(_progress(rf1, ctx), request, ctx, identifiers=identifiers, reason=reason)


def _progress(rf1: Segment, ctx: Context) -> Progress:
    """I14 cancels; otherwise RF1-1, where A in an answer (RRI) accepts and in a request only authorises."""
    if ctx.trigger == "I14":
        return CANCELLED
    status = rf1[1].first[1]
    if status in _REFUSED:
        return _REFUSED[status]
    answer = ctx.message is not None and ctx.message.type == "RRI"
    return ACCEPTED if status == "A" and answer else REQUESTED


def _status(rf1: Segment, ctx: Context) -> str:
    if ctx.trigger == "I14":
        return "revoked"
    return ctx.translated(REFERRAL_STATUS, rf1[1]) or "active"
