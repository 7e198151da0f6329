"""OBR → what a ServiceRequest asks for, and why (HL7 v2.9, chapter 7.4.1; v2-to-FHIR, ``OBR[ServiceRequest]``)."""

from hub.fhir.build import compact, complete, present
from hub.fhir.codes import Table
from hub.fhir.order_codes import DIAGNOSTIC_SERVICE
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cnn_practitioner import ndl_reference
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_words
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier, eip_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.segments.orc_extensions import business_event, event, supporting_concept
from hub.model import Json

FASTING = Table("0916")
"""OBR-13 where it says whether the patient had fasted: that is the specimen's."""
_ACTION, _MODE, _ARRANGED, _ESCORT = Table("0065"), Table("0124"), Table("0224"), Table("0225")
_PROCEDURE, _MODIFIER, _SUPPLEMENT, _DUPLICATE, _HANDLING, _CHANGE = (
    Table(number) for number in ("0088", "0340", "0411", "0476", "0507", "0206")
)
_DETAILS = (
    *((11, _ACTION), (30, _MODE), (38, None), (40, None), (41, _ARRANGED), (42, _ESCORT), (43, None)),
    *((44, _PROCEDURE), (45, _MODIFIER), (46, _SUPPLEMENT), (47, _SUPPLEMENT), (49, _HANDLING)),
)
"""How the service is to be done: specimen action, transport of the patient and of the specimen, procedure, handling."""
_REPORTED = Table("0123")
_USUAL_FIELDS = 25
_FIELDS_OF_PARTIES = ((18, "placer field 1"), (19, "placer field 2"), (20, "filler field 1"), (21, "filler field 2"))


def obr_requested(obr: Segment, ctx: Context) -> Json:
    """OBR-4 code, -24 category, -31 and -48 reasons, and the details; a detail needs a code (FHIR R4, prr-1)."""
    code = cwe_codeableconcept(obr[4], ctx) if obr[4] else {}
    reasons = [cwe_codeableconcept(cwe, ctx) for cwe in obr[31]]
    if len(obr) <= _USUAL_FIELDS:
        details = [cwe_codeableconcept(cwe, ctx, _ACTION) for cwe in obr[11]]
    else:
        reasons.append(cwe_codeableconcept(obr[48], ctx, _DUPLICATE))
        details = [cwe_codeableconcept(cwe, ctx, table) for number, table in _DETAILS for cwe in obr[number]]
    return compact(
        {
            "code": code,
            "orderDetail": present(details) if code else None,
            "reasonCode": present(reasons),
        }
    )


def obr_category(obr: Segment, ctx: Context) -> list[Json]:
    """OBR-24: the section of the diagnostic service."""
    return present([cwe_codeableconcept(obr[24], ctx, DIAGNOSTIC_SERVICE)]) if obr[24] else []


def is_fasting(cwe: Repetition) -> bool:
    """Whether a relevant clinical information is that of table 0916."""
    return cwe[1] in FASTING.names and cwe[3] in {"", "HL70916"}


def obr_extensions(obr: Segment, ctx: Context) -> list[Json]:
    """OBR-12 danger and -13 relevant clinical information as codes, -55 action."""
    found = [
        supporting_concept(concept)
        for number in (12, 13)
        for cwe in obr[number]
        if not (number == 13 and is_fasting(cwe)) and (concept := cwe_codeableconcept(cwe, ctx))
    ]
    return [*found, *present([business_event(obr[55], obr[99], _CHANGE, ctx)])]


def obr_moments(obr: Segment, timed: Json, ctx: Context) -> list[Json]:
    """OBR-6 requested and -36 scheduled, as events where they are not the time of the order itself."""
    moments = ((what, field_datetime(obr[number], ctx)) for number, what in ((6, "Requested"), (36, "Scheduled")))
    return [event({"text": what}, moment) for what, moment in moments if moment and moment not in timed.values()]


def obr_notes(obr: Segment) -> list[Json]:
    """OBR-18 to -21, which each site uses as it likes, in the name of whose field it is."""
    return [
        {"authorString": whose, "text": text}
        for number, whose in _FIELDS_OF_PARTIES
        for repetition in obr[number]
        if (text := repetition.text.replace(repetition.syntax.component, " ").strip())
    ]


def obr_parents(obr: Segment, ctx: Context) -> list[Json]:
    """OBR-29 and -54: the orders that this one is based on, by the placer's and the filler's number; OBR-50 what they
    were for."""
    service = service_words(obr[50], ctx)
    return [reference for number in (29, 54) for eip in obr[number] for reference in parents(eip, service, ctx)]


def service_words(field: Field, ctx: Context) -> str:
    """A service by its words and codes."""
    return concept_words(cwe_codeableconcept(field, ctx)) if field else ""


def parents(eip: Repetition, service: str, ctx: Context) -> list[Json]:
    """References to a parent order by its numbers (EIP.1 placer's, .2 filler's)."""
    numbers = present([eip_identifier(eip, 1, ctx, "PLAC"), eip_identifier(eip, 2, ctx, "FILL")])
    return [compact({"type": "ServiceRequest", "identifier": number, "display": service}) for number in numbers]


def obr_parent_results(obr: Segment, ctx: Context) -> list[Json]:
    """OBR-26: the result that led to this order (PRL.1 what was observed, .2 which, .3 its value), and OBR-52 the group
    of results that it stands in; both are reasons."""
    found = []
    for prl in obr[26]:
        observed = cwe_codeableconcept(prl.inner(1), ctx)
        identifier = {"value": prl[2]} if prl[2] else None
        display = f"{concept_words(observed)} {prl.whole(3)}".strip()
        found.append(compact({"type": "Observation", "identifier": identifier, "display": display}))
    if group := ei_identifier(obr[52].first, ctx) if obr[52] else {}:
        found.append({"type": "DiagnosticReport", "identifier": group})
    return found


def obr_copies(obr: Segment, request: Json, ctx: Context) -> None:
    """OBR-28: adds the request that copies of the result go to these people."""
    if len(obr) < 28 or not (recipients := each(obr[28], xcn_reference, ctx)):
        return
    ctx.add(
        {
            "resourceType": "CommunicationRequest",
            "basedOn": [ctx.reference(request)],
            "status": "unknown",
            "category": [{"text": "Result copies"}],
            "subject": ctx.subject,
            "encounter": ctx.visit,
            "recipient": recipients,
        },
        request["id"],
        "copies",
    )


def obr_reported(obr: Segment, request: Json, ctx: Context) -> None:
    """What an order says of a result that it has no report of: OBR-25 and -22 its state and since when, OBR-7 and -8
    when it is observed, OBR-32 to -35 who is to read, assist, perform and write it."""
    times = ((7, "Observation"), (8, "Observation end"))
    moments = ((what, field_datetime(obr[number], ctx)) for number, what in times)
    people = [who for number in (32, 33, 34, 35) for who in each(obr[number], ndl_reference, ctx)]
    more = {
        "extension": [
            *present([business_event(obr[25], obr[22], _REPORTED, ctx)]),
            *(event({"text": what}, moment) for what, moment in moments if moment),
        ],
        "supportingInfo": [who for place, who in enumerate(people) if who not in people[:place]],
    }
    complete(request, compact(more))
