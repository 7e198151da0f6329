"""IN1 → CoverageEligibilityResponse and ClaimResponse: what the insurer promised and authorized (HL7 v2.9, chapter
6.5.6)."""

from hub.fhir.build import compact
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cp_money import cp_money
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.preauthorization import eligibility, preauthorization
from hub.mappers.provenance import agents, participant, provenance
from hub.model import Json

_BENEFITS = (
    (33, "Lifetime reserve days"),
    (34, "Delay before lifetime reserve days"),
    (38, "Policy limit"),
    (39, "Policy limit in days"),
    (40, "Room rate, semi-private"),
    (41, "Room rate, private"),
)
_MONEY = {38, 40, 41}


def in1_eligibility(in1: Segment, coverage: Json, ctx: Context) -> None:
    """Benefits (IN1-33 to -41) with their verification (-29, -30, -45), and authorizations (-14, -28)."""
    if in1[14]:
        _authorized(in1[14].first, coverage, ctx)
    if in1[28]:
        preauthorization(coverage, {"preAuthRef": in1[28].text}, ctx, in1[28].text)
    if len(in1) < 29:
        return
    items = [{"benefit": [benefit(name, in1[field], money=field in _MONEY)]} for field, name in _BENEFITS if in1[field]]
    verified = _verified(in1, ctx) if in1[29] or in1[30] or in1[45] else {}
    if items or verified:
        response = eligibility(coverage, verified, items, ctx)
        if others := [who for xcn in list(in1[30])[1:] if (who := xcn_reference(xcn, ctx))]:
            provenance(response, "verification", agents(participant("verifier"), others), ctx)


def benefit(name: str, field: Field, *, money: bool) -> Json:
    """A benefit and how much of it is allowed: money, a number, or what the sender says instead."""
    return {"type": {"text": name}, **allowed(field.first, money=money)}


def allowed(said: Repetition, *, money: bool) -> Json:
    """``allowed[x]`` of a benefit."""
    amount = cp_money(said) if money else {}
    if amount:
        return {"allowedMoney": amount}
    words = said[1].strip()
    if words.isascii() and words.isdigit() and len(words) < 10 and not money:
        return {"allowedUnsignedInt": int(words)}
    return {"allowedString": words} if (words := words or said.text) else {}


def _verified(in1: Segment, ctx: Context) -> Json:
    """Who verified the coverage (IN1-30), when (-29) and with what result (-45)."""
    return compact(
        {
            "created": field_datetime(in1[29], ctx),
            "requestor": xcn_reference(in1[30], ctx),
            "disposition": in1[45].text,
        }
    )


def _authorized(aui: Repetition, coverage: Json, ctx: Context) -> None:
    """AUI: number, date and source of an authorization."""
    number, date, source = aui.texts(3)
    if number or date or source:
        members = {
            "preAuthRef": number,
            "created": dtm_datetime(date, ctx, f"{aui.path}.2"),
            "disposition": source,
        }
        preauthorization(coverage, members, ctx, number)
