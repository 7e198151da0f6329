"""CDM and PRC → ChargeItemDefinition: a charge in the sender's master file, and its prices (HL7 v2.9, chapter 8.10)."""

from hub.fhir.build import URN, coding, compact, complete, period, present, token
from hub.fhir.codes import untranslated
from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cp_money import cp_money
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_identifiers, concept_words
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.dispatch import segment
from hub.mappers.segments.mfe_parameters import ENDED, event_of
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json, stable_id

_STATUS = {"A": "active", "I": "retired"}
"""Table 0183."""
_USE = ((5, "Override", "0268"), (6, "Exploding charge", ""), (9, "Inventory number", ""), (13, "Room fee", "0136"))
_WHERE = (
    *((2, "Facility", ""), (3, "Department", "0184"), (4, "Patient class", "0004"), (6, "Formula", "")),
    *((7, "Minimum quantity", ""), (8, "Maximum quantity", ""), (13, "Override", "0268")),
    *((14, "Billing category", "0293"), (15, "Chargeable", "0136"), (16, "Status", "0183"), (18, "Charged on", "0269")),
)
_AMOUNTS = ((9, "Minimum price"), (10, "Maximum price"), (17, "Cost"))


@segment("CDM")
def cdm_chargeitemdefinition(cdm: Segment, ctx: Context) -> Json | None:
    """CDM-1 key, -2 other names, -3 and -4 descriptions, -7 procedures, -8 status, -11 contracts with -12."""
    if not (key := cwe_codeableconcept(cdm[1], ctx)):
        zzz_basic(cdm, ctx)
        return None
    names = [one for number in (2, 7) for cwe in cdm[number] if (one := cwe_codeableconcept(cwe, ctx))]
    identity = (ctx.feed.name, cdm[1].first[1] or cdm[1].first[2])
    partners = [partner for xon in cdm[12] if (partner := xon_organization(xon, ctx))]
    made = ctx.add(
        {
            "resourceType": "ChargeItemDefinition",
            "url": URN + stable_id("ChargeItemDefinition", *identity),
            "identifier": [*concept_identifiers(key), *each(cdm[11], cx_identifier, ctx)],
            "title": cdm[3].text or key.get("text", ""),
            "status": "retired" if event_of(cdm, ctx) in ENDED else _STATUS.get(cdm[8].text, "unknown"),
            "contact": [{"name": one["name"]} for one in partners if "name" in one],
            "description": cdm[4].text,
            "useContext": [*_contexts(cdm, ctx), *_load(cdm)],
            "code": compact(
                {
                    "coding": [one for name in (key, *names) for one in name.get("coding", ())],
                    "text": "; ".join(dict.fromkeys(name["text"] for name in (key, *names) if "text" in name)),
                }
            ),
        },
        *identity,
    )
    ctx.focus.append(made)
    return made


@segment("PRC")
def prc_price(prc: Segment, ctx: Context) -> Json | None:
    """PRC-5 prices, -9 and -10 their limits, -17 cost, -11 and -12 from when to when, and where they hold: a group of
    prices of the charge before it."""
    charge = ctx.last
    if charge is None or charge["resourceType"] != "ChargeItemDefinition":
        zzz_basic(prc, ctx)
        return None
    prices = [*each(prc[5], _price, ctx), *(_amount(prc, number, name) for number, name in _AMOUNTS)]
    where = [
        {"description": f"{name}: {concept_words(one)}"}
        for number, name, table in _WHERE
        for cwe in prc[number]
        if (one := _concept(cwe, table, ctx))
    ]
    group = compact({"applicability": where, "priceComponent": present(prices)})
    when = period(field_datetime(prc[11], ctx), field_datetime(prc[12], ctx))
    complete(charge, compact({"effectivePeriod": when, "propertyGroup": [group] if group else None}))
    return charge


def _price(price: Repetition, ctx: Context) -> Json:
    """CP: the amount and of what type it is (table 0205)."""
    amount = cp_money(price)
    kind = token(price[2]) if price[2] != amount.get("currency") else ""
    code = {"coding": [coding(V2 + "0205", kind)]} if kind else None
    return compact({"type": "base", "code": code, "amount": amount}) if amount else {}


def _amount(prc: Segment, number: int, name: str) -> Json:
    amount = cp_money(prc[number].first) if prc[number] else {}
    return {"type": "informational", "code": {"text": name}, "amount": amount} if amount else {}


def _contexts(cdm: Segment, ctx: Context) -> list[Json]:
    return [
        {"code": {"display": name}, "valueCodeableConcept": one}
        for number, name, table in _USE
        for cwe in cdm[number]
        if (one := _concept(cwe, table, ctx))
    ]


def _load(cdm: Segment) -> list[Json]:
    """CDM-10: how much of a resource it takes."""
    return [{"code": {"display": "Resource load"}, "valueCodeableConcept": {"text": cdm[10].text}}] if cdm[10] else []


def _concept(cwe: Repetition, table: str, ctx: Context) -> Json:
    return cwe_codeableconcept(cwe, ctx, untranslated(table) if table else None)
