"""PID → Patient, and Account for PID-18 (HL7 v2.9, chapter 3.4.2)."""

from hub.errors import Held
from hub.fhir.build import coding, compact, extension, present
from hub.fhir.codes import (
    CDC_RACE,
    CITIZENSHIP,
    ETHNICITY,
    GENDER,
    LANGUAGE,
    MARITAL_STATUS,
    MARITAL_STATUS_NULL,
    OMB_RACES,
    RELIGION,
    YES_NO,
    table_with,
)
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION, SSN, US_CORE
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname, xpn_names
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered
from hub.model import Json


def required_patient(ctx: Context) -> Json:
    """The Patient of the message. Raises ``Held`` when there is no PID, or nothing in it identifies a patient."""
    if (pid := ctx.first("PID")) is None:
        raise Held("the message has no PID segment", code="100", path="PID")
    return pid_patient(pid, ctx)


def pid_patient(pid: Segment, ctx: Context) -> Json:
    """Adds the Patient, makes it the subject of the message, and adds the account (PID-18)."""
    identifiers = _identifiers(pid, ctx)
    if not identifiers:
        raise Held("no identifier of the patient", code="101", path=pid.path(3))
    patient = ctx.add(
        {
            "resourceType": "Patient",
            "extension": [*_extensions(pid, ctx), *ctx.removals(pid)],
            "identifier": identifiers,
            "active": True,
            "name": [name for field in (pid[5], pid[9]) for xpn in field for name in xpn_names(xpn, ctx)],
            "telecom": _telecom(pid, ctx),
            **cwe_code("gender", pid[8], GENDER, ctx),
            **_birth(pid, ctx),
            **_death(pid, ctx),
            "address": _addresses(pid, ctx),
            "maritalStatus": _marital_status(pid[16].first, ctx),
            **_multiple_birth(pid, ctx),
            "communication": _language(pid[15].first, ctx),
        },
        identifier_key(identifiers[0], ctx.feed.name),
    )
    ctx.patient = patient
    ctx.focus.append(patient)
    pid_account(pid, ctx)
    return patient


def pid_account(pid: Segment, ctx: Context) -> Json | None:
    """Adds the Account of PID-18."""
    number = typed(cx_identifier(pid[18].first, ctx), "AN")
    if not number:
        return None
    ctx.account = ctx.add(
        {
            "resourceType": "Account",
            "identifier": [number],
            "status": "active",
            "subject": [ctx.subject] if ctx.subject else None,
        },
        identifier_key(number, ctx.feed.name),
    )
    return ctx.account


def _identifiers(pid: Segment, ctx: Context) -> list[Json]:
    """PID-3 in full, then the older places of a patient's number: PID-2, PID-4, PID-19, PID-20; none twice."""
    listed = [*each(pid[3], cx_identifier, ctx), *each(pid[2], cx_identifier, ctx), *each(pid[4], cx_identifier, ctx)]
    if number := pid[19].text:
        listed.append(typed({"system": SSN, "value": number}, "SS"))
    listed.extend(each(pid[20], _driving_licence, ctx))
    seen = {(one.get("system"), _assigner(one), one["value"]): one for one in reversed(listed)}
    return list(reversed(seen.values()))


def _assigner(identifier: Json) -> str:
    return str(identifier.get("assigner", {}).get("display", ""))


def _driving_licence(dln: Repetition, ctx: Context) -> Json:
    """DLN: number, issuing state, day of expiry."""
    if not dln[1]:
        return {}
    expires = dtm_datetime(dln[3], ctx, f"{dln.path}.3")
    licence = {
        "value": dln[1],
        "assigner": {"display": dln[2]} if dln[2] else None,
        "period": {"end": expires} if expires else None,
    }
    return typed(compact(licence), "DL")


def _telecom(pid: Segment, ctx: Context) -> list[Json]:
    """PID-13 is home and PID-14 work where XTN.2 does not say otherwise."""
    return telecom(((pid[13], "home"), (pid[14], "work"), (pid[40], "")), ctx)


def _birth(pid: Segment, ctx: Context) -> Json:
    """The day in birthDate, the time of day in its extension."""
    moment = dtm_datetime(pid[7].text, ctx, pid.path(7))
    if "T" not in moment:
        return {"birthDate": moment}
    time = extension(EXTENSION + "patient-birthTime", "DateTime", moment)
    return {"birthDate": moment[:10], "_birthDate": {"extension": [time]}}


def _death(pid: Segment, ctx: Context) -> Json:
    """When (PID-29), else whether (PID-30)."""
    if when := field_datetime(pid[29], ctx):
        return {"deceasedDateTime": when}
    return {"deceasedBoolean": _yes_no(pid, 30, ctx)}


def _multiple_birth(pid: Segment, ctx: Context) -> Json:
    """Which of several (PID-25), else whether one of several (PID-24)."""
    order = pid[25].text.strip()
    if order.isascii() and order.isdigit() and len(order) < 4:
        return {"multipleBirthInteger": int(order)}
    return {"multipleBirthBoolean": _yes_no(pid, 24, ctx)}


def _yes_no(pid: Segment, field: int, ctx: Context) -> bool | None:
    if not (sent := pid[field].text.strip().upper()):
        return None
    if sent not in YES_NO:
        ctx.warn(pid.path(field), "unmapped-code", "the code is not in HL7 table 0136")
    return YES_NO.get(sent)


def _addresses(pid: Segment, ctx: Context) -> list[Json]:
    """PID-11; a county code (PID-12) joins the only address without one, else it stands alone."""
    addresses = each(pid[11], xad_address, ctx)
    county = pid[12].text
    if not county or any(address.get("district") == county for address in addresses):
        return addresses
    if len(addresses) == 1 and "district" not in addresses[0]:
        return [{**addresses[0], "district": county}]
    return [*addresses, {"district": county}]


def _marital_status(cwe: Repetition, ctx: Context) -> Json:
    return cwe_codeableconcept(cwe, ctx, table_with(cwe[1], MARITAL_STATUS, MARITAL_STATUS_NULL))


def _language(cwe: Repetition, ctx: Context) -> list[Json]:
    language = cwe_codeableconcept(cwe, ctx, LANGUAGE)
    return [{"language": language, "preferred": True}] if language else []


def _extensions(pid: Segment, ctx: Context) -> list[Json]:
    return present(
        [
            _race(pid[10], ctx),
            _ethnicity(pid[22], ctx),
            *(
                extension(EXTENSION + "patient-mothersMaidenName", "String", full_name(xpn_humanname(xpn, ctx)))
                for xpn in pid[6]
            ),
            extension(EXTENSION + "patient-religion", "CodeableConcept", cwe_codeableconcept(pid[17], ctx, RELIGION)),
            extension(EXTENSION + "patient-birthPlace", "Address", {"text": text} if (text := pid[23].text) else None),
            *(_country(cwe, ctx, "patient-citizenship") for cwe in pid[26]),
            *(_country(cwe, ctx, "patient-nationality") for cwe in pid[28]),
        ]
    )


def _race(field: Field, ctx: Context) -> Json:
    """US Core race: the categories by code, everything else in words."""
    sent = [_category(cwe, ctx) for cwe in field]
    words = ", ".join(text for _, text in sent if text)
    return _us_core("us-core-race", [category for category, _ in sent if category], words)


@remembered
def _category(cwe: Repetition, ctx: Notes) -> tuple[Json, str]:
    """One of the OMB's categories of race, and its words."""
    code, words = cwe[1], cwe[2]
    if code not in OMB_RACES:
        return {}, words or code
    category = {"system": CDC_RACE, "code": code, "display": OMB_RACES[code]}
    return {"url": "ombCategory", "valueCoding": category}, words or OMB_RACES[code]


@remembered
def _ethnicity(cwe: Repetition, ctx: Notes) -> Json:
    """US Core ethnicity: Hispanic or not by code, everything else in words."""
    if not cwe:
        return {}
    code = ctx.translate(ETHNICITY, cwe[1], f"{cwe.path}.1")
    category = {"url": "ombCategory", "valueCoding": coding(CDC_RACE, code, ETHNICITY.displays.get(code, ""))}
    return _us_core("us-core-ethnicity", [category] if code else [], cwe[2] or ETHNICITY.displays.get(code) or cwe[1])


def _us_core(name: str, categories: list[Json], words: str) -> Json:
    if not words:
        return {}
    return {"url": US_CORE + name, "extension": [*categories, {"url": "text", "valueString": words}]}


def _country(cwe: Repetition, ctx: Context, name: str) -> Json:
    code = {"url": "code", "valueCodeableConcept": cwe_codeableconcept(cwe, ctx, CITIZENSHIP)}
    return {"url": EXTENSION + name, "extension": [code]}
