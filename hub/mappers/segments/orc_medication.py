"""ORC of orders for drugs → what MedicationRequest, MedicationDispense, MedicationAdministration and Immunization say
of their order (HL7 v2.9, chapter 4.5.1; v2-to-FHIR guide, ``ORC[MedicationAdministration]``, ``ORC[Immunization]``)."""

from hub.fhir.build import complete, present
from hub.fhir.codes import DATA_ABSENT, Table, untranslated
from hub.fhir.order_codes import ORDER_CONTROL, ORDER_STATUS
from hub.fhir.systems import EXTENSION, TERMINOLOGY
from hub.formats.hl7v2.segment import ABSENT, NOWHERE, Field, Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier, eip_identifier
from hub.mappers.datatypes.hd_uri import hd_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner, xcn_reference
from hub.mappers.groups import Order
from hub.mappers.premises import lines
from hub.mappers.provenance import agents, participant, provenance
from hub.mappers.segments.orc_extensions import orc_extensions, orc_meta
from hub.mappers.segments.orc_provenance import orc_provenance
from hub.mappers.segments.orc_requester import ordering_clinicians, requester
from hub.mappers.segments.orc_servicerequest import order_identifiers
from hub.mappers.segments.prt_participation import prt_agents
from hub.model import Json, stable_id

_STOPPED = frozenset(("DC", "OD", "DR", "RP"))
"""Order controls (table 0119) and order statuses (0038) that end what had begun; the others revoke what had not."""
_DEA = "DEA"
_CALL_BACK = EXTENSION + "servicerequest-order-callback-phone-number"
"""An extension of ServiceRequest alone."""
_ORDER_TYPE = Table("0482")
_SETTINGS = {"I": ("inpatient", "Inpatient"), "O": ("outpatient", "Outpatient")}


def meta(order: Order, ctx: Context, *tags: Json) -> Json:
    """Member ``meta``: confidentiality (ORC-28) and how much of an answer is wanted (ORC-6), with further ``tags``."""
    said = orc_meta(order.orc, ctx)
    more = present(tags)
    return {"meta": {**said.get("meta", {}), "tag": [*said.get("meta", {}).get("tag", ()), *more]}} if more else said


def extensions(order: Order, ctx: Context) -> list[Json]:
    """What happened to the order and when (ORC-1, -9), and what the sender deletes."""
    found = [one for one in orc_extensions(order, ctx) if one["url"] != _CALL_BACK]
    return [*found, *(ctx.removals(order.orc) if order.orc else ())]


def ordering(order: Order, ctx: Context) -> Json:
    """Who ordered (ORC-12 and what else says it), to be called back under ORC-14."""
    who = requester(order, ctx)
    known = ctx.at(who)
    if known is not None and order.orc is not None and (phones := lines(order.orc[14], ctx, "work")):
        complete(known, {"telecom": phones})
    return who


def distinct(kind: str, key: tuple[str, ...], said: Json, code: str, ctx: Context) -> tuple[str, ...]:
    """The identity of a resource; where the bundle has one under it that is of another drug (``said``), the code keeps
    them apart: senders repeat a number for each drug of an order."""
    known = ctx.resources.get(stable_id(kind, *key))
    if known is None or all(known.get(member) == value for member, value in said.items()):
        return key
    return (*key, code)


def subject(ctx: Context) -> Json:
    """The patient; an answer to an order may leave him out, and R4 demands that it is said."""
    return ctx.subject or {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}


def identifiers(order: Order, ctx: Context) -> list[Json]:
    """ORC-2 and -3, the alternate numbers of ORC-33, and the filler's number of the group (ORC-4.2, -38)."""
    orc = order.orc
    if orc is None:
        return []
    others = [typed(number, "PLAC") for number in each(orc[33], cx_identifier, ctx)] if len(orc) > 32 else []
    filler = (
        eip_identifier(orc[4].first, 2, ctx, "FGN") if _is_pair(orc[4]) else ei_identifier(orc[38].first, ctx, "FGN")
    )
    return [*order_identifiers(order, ctx), *others, *present([filler])]


def group_identifier(order: Order, ctx: Context) -> Json:
    """ORC-4: the number that the placer gave to several orders."""
    if order.orc is None or not order.orc[4]:
        return {}
    group = order.orc[4]
    return eip_identifier(group.first, 1, ctx, "PGN") if _is_pair(group) else ei_identifier(group.first, ctx, "PGN")


def _is_pair(group: Field) -> bool:
    """Whether the number is an EIP (version 2.8) and not an EI."""
    return len(group.first.subcomponents(1)) > 1


def setting(order: Order, system: str, ctx: Context) -> Json:
    """ORC-29: whether the order is for an inpatient or an outpatient, in R4's code system of that name."""
    said = cwe_codeableconcept(order.orc[29], ctx, _ORDER_TYPE) if order.orc and order.orc[29] else {}
    if said and order.orc and (meant := _SETTINGS.get(order.orc[29].text)):
        coding = {"system": TERMINOLOGY + system, "code": meant[0], "display": meant[1]}
        said = {**said, "coding": [coding, *said.get("coding", ())]}
    return said


def parents(order: Order, ctx: Context) -> list[Json]:
    """ORC-8: the order that this one is part of, by its numbers."""
    numbers = (
        eip_identifier(eip, part, ctx, kind)
        for eip in (order.orc[8] if order.orc else ())
        for part, kind in ((1, "PLAC"), (2, "FILL"))
    )
    return [{"type": "MedicationRequest", "identifier": number} for number in numbers if number]


def request_status(order: Order, ctx: Context) -> Json:
    """Member ``status`` of a MedicationRequest: ORC-5, else ORC-1, with ORC-5 as sent beside it."""
    orc = order.orc
    if orc is None:
        return {"status": "unknown"}
    meant = ctx.translated(ORDER_STATUS, orc[5]) if orc[5] else ORDER_CONTROL.codes.get(orc[1].text, "")
    if meant == "revoked":
        meant = "stopped" if (orc[5].text or orc[1].text) in _STOPPED else "cancelled"
    return {"status": meant or "unknown", **sent_beside_code("status", orc[5], "0038", ctx)}


def sent_beside_code(member: str, field: Field, table: str, ctx: Context) -> Json:
    """The primitive extension of a code: the v2 coding that it was translated from."""
    sent = cwe_codeableconcept(field, ctx, untranslated(table)) if field.raw else {}
    return {f"_{member}": alternate_codes(sent)} if sent else {}


def authored(order: Order, ctx: Context) -> str:
    """ORC-9, which is the time of the order only in the order itself (ORC-1 NW), else ORC-37."""
    if order.orc is None:
        return ""
    return (field_datetime(order.orc[9], ctx) if order.orc[1].text == "NW" else "") or field_datetime(
        order.orc[37], ctx
    )


def prescriber(order: Order, dea: Field, ctx: Context) -> Json:
    """The order's requester (ORC-12); RXO-14 and RXE-13 give his DEA number, or are all that names him."""
    known = ordering(order, ctx)
    named = order.orc[12].first if order.orc else NOWHERE
    for xcn in dea:
        if named and _same_name(named, xcn):
            _add_number(named, xcn, ctx)
        else:
            clinician = xcn_reference(_with_type(xcn), ctx)
            known = known or clinician
    return known


def _same_name(ordering: Repetition, xcn: Repetition) -> bool:
    """Whether nothing in the names says that these are two persons."""
    pairs = ((xcn[part].casefold(), ordering[part].casefold()) for part in (2, 3))
    return all(one == other or not one for one, other in pairs)


def _add_number(ordering: Repetition, xcn: Repetition, ctx: Context) -> None:
    clinician = xcn_practitioner(ordering, ctx)
    number = hd_identifier(xcn[1], xcn, 9, ctx)
    if clinician and number and number["value"] != ordering[1]:
        complete(clinician, {"identifier": [typed(number, xcn[13] or _DEA)]})


def _with_type(xcn: Repetition) -> Repetition:
    """The XCN, its number a DEA number where it does not say of what type it is."""
    if xcn[13] or xcn[9] or not xcn[1]:
        return xcn
    parts = [xcn.part(number) for number in range(1, 13)]
    return xcn.like(xcn.syntax.component.join((*parts, _DEA)))


def order_events(
    of: Json, order: Order, ctx: Context, verifiers: Field = ABSENT, *, authored: bool = False
) -> list[Json]:
    """References to what happened to the order: the Provenance of its ORC, with all who take part in it (PRT), who
    verified it (RXO-15, RXE-14), and the clinicians who order (ORC-12): where ``authored`` all, the first of them for
    the ordering facility, else those after the first, who stands in the resource itself."""
    others = [ctx.reference(one) for one in ordering_clinicians(order, ctx)[1:]]
    who = [
        *agents(participant("author"), [ordering(order, ctx), *others] if authored else others),
        *agents(participant("verifier"), each(verifiers, xcn_reference, ctx)),
        *prt_agents(order.participations, ctx),
    ]
    if order.orc is not None:
        made = orc_provenance(order.orc, of, ctx, who)
    else:
        made = provenance(of, "Order", who, ctx) if who else None
    return [ctx.reference(made)] if made else []
