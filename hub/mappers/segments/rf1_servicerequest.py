"""RF1 → ServiceRequest and Task (HL7 v2.9, chapter 11.6.1). HL7's own guide has no map for referrals."""

from hub.fhir.build import complete, period, present
from hub.fhir.codes import DATA_ABSENT, Table, untranslated
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import REFERRAL, REFERRAL_PRIORITY, REFERRAL_STATUS, REFERRAL_TYPE
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import cq_quantity
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_sent import sent_beside
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.st_text import text_of, texts
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner, xcn_reference
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.facts import Fact, coded, facts, moment, money
from hub.mappers.notes import Notes
from hub.mappers.provenance import agents, participant, provenance
from hub.mappers.referral import ACCEPTED, CANCELLED, DECLINED, EXPIRED, REQUESTED, Progress, referral_task
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.orc_requester import practitioner_role
from hub.mappers.segments.prd_practitioner import Parties
from hub.model import Json

_REFUSED = {"R": DECLINED, "E": EXPIRED}
"""RF1-1 (table 0283) says the same in a request and in an answer: rejected, expired."""
_DISPOSITION, _CATEGORY, _REASON = Table("0282"), Table("0284"), Table("0336")
_NOBODY = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
"""The subject of an answer that names the referral by its number alone."""


def amount(cq: Repetition, ctx: Notes) -> Json:
    """A number with its unit (CQ)."""
    found = cq_quantity(cq, ctx)
    return {"valueQuantity": found} if found else {}


_FACTS = (
    Fact(12, "Referral documentation completion status", coded("0865")),
    Fact(13, "Planned treatment stop date", moment),
    Fact(15, "Authorized treatments or units", amount),
    Fact(16, "Used treatments or units", amount),
    Fact(17, "Scheduled treatments or units", amount),
    Fact(18, "Remaining benefit amount", money),
)
"""What the referral may still be used for."""


def rf1_identifiers(rf1: Segment, ctx: Context) -> list[Json]:
    """The originating number (RF1-6) as the placer's, the external ones (RF1-11) as the filler's."""
    return present(ei_identifier(ei, ctx, kind) for number, kind in ((6, "PLAC"), (11, "FILL")) for ei in rf1[number])


def rf1_servicerequest(rf1: Segment, parties: Parties, notes: list[Segment], ctx: Context) -> Json:
    """Adds the ServiceRequest of a referral; one without a number is known by its place in the message."""
    identifiers = rf1_identifiers(rf1, ctx)
    if not identifiers:
        ctx.error(rf1.path(6), "101", "the referral has no number: it cannot be followed")
    start, due = (field_datetime(rf1[number], ctx) for number in (7, 8))
    status, priority = _status(rf1, ctx), ctx.translated(REFERRAL_PRIORITY, rf1[2])
    details = present(cwe_codeableconcept(cwe, ctx, _DISPOSITION) for cwe in rf1[4])
    code = cwe_codeableconcept(rf1[3], ctx, REFERRAL_TYPE)
    request = ctx.add(
        {
            "resourceType": "ServiceRequest",
            "extension": ctx.removals(rf1),
            "identifier": identifiers,
            "status": status,
            **_beside("status", rf1[1], REFERRAL_STATUS, status, ctx),
            "intent": "order",
            "category": [{"coding": [REFERRAL]}, *present(cwe_codeableconcept(cwe, ctx, _CATEGORY) for cwe in rf1[5])],
            "priority": priority,
            **_beside("priority", rf1[2], REFERRAL_PRIORITY, priority, ctx),
            "code": code or ({"coding": [REFERRAL]} if details else None),
            "orderDetail": details,
            "subject": ctx.subject or _NOBODY,
            "encounter": ctx.visit,
            "occurrencePeriod": period(start, due),
            "authoredOn": field_datetime(rf1[9], ctx),
            "requester": next(iter(parties.referring), None),
            "performer": [*parties.referred_to, *authorized(rf1, 19, 20, ctx)],
            "reasonCode": [*each(rf1[10], _reason, ctx), *({"text": words} for words in texts(rf1[14]))],
            "note": [*nte_annotations(notes, ctx), *({"text": words} for words in texts(rf1[24]))],
        },
        *([identifier_key(identifiers[0], ctx.feed.name)] if identifiers else [ctx.raw.id, str(rf1.line)]),
    )
    told_by(rf1, (21, 22, 23), request, ctx)
    return request


def rf1_task(rf1: Segment, request: Json, ctx: Context) -> Json:
    """Adds the Task that says what the message does to the referral."""
    why = rf1[10].first
    reason = why[9] or why[2] or why[1] or text_of(rf1[14])
    task = referral_task(_progress(rf1, ctx), request, ctx, identifiers=rf1_identifiers(rf1, ctx), reason=reason)
    if stated := facts(rf1, _FACTS, ctx):
        complete(task, {"input": [{"type": {"text": name}, **said} for name, said in stated]})
    return task


def authorized(segment: Segment, organization: int, person: int, ctx: Context) -> list[Json]:
    """The provider that is authorized: a clinician (XCN) of an organization (XON), else whichever of the two there
    is."""
    employer = xon_organization(segment[organization], ctx) if segment[organization] else None
    people = list(segment[person])
    if employer and people and (first := xcn_practitioner(people[0], ctx)):
        found = [practitioner_role(first, employer, ctx), *(xcn_reference(xcn, ctx) for xcn in people[1:])]
    elif employer:
        found = [ctx.reference(employer, employer.get("name", ""))]
    else:
        found = [xcn_reference(xcn, ctx) for xcn in people]
    return present(found)


def told_by(segment: Segment, numbers: tuple[int, int, int], about: Json, ctx: Context) -> None:
    """Who gave the information, when, and how he is reached (fields of text, date and telephone)."""
    source, dated, telephone = (segment[number] for number in numbers)
    words, when = text_of(source), field_datetime(dated, ctx)
    points = telecom([(telephone, "work")], ctx)
    if not (words or when or points):
        return
    who: Json = {"display": words or "not named"}
    if points:
        role = {"resourceType": "PractitionerRole", "code": [{"text": words or "informant"}], "telecom": points}
        who = ctx.reference(ctx.add(role, "informant", about["id"]), words)
    more = {"occurredDateTime": when} if when else {}
    provenance(about, "information", agents(participant("informant"), [who]), ctx, **more)


def _beside(member: str, field: Field, table: Table, code: str, ctx: Context) -> Json:
    return sent_beside(member, field, untranslated(table), code, ctx)


def _reason(cwe: Repetition, ctx: Context) -> Json:
    return cwe_codeableconcept(cwe, ctx, _REASON)


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
