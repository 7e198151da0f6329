"""PID → Patient (HL7 v2.9, chapter 3.4.2)."""

from hub.fhir.build import compact, identified, present
from hub.fhir.codes import GENDER, LANGUAGE, MARITAL_STATUS, MARITAL_STATUS_NULL, YES_NO, table_with
from hub.fhir.ids import identifier_key
from hub.fhir.systems import SSN
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_birthdate import dtm_birthdate
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xpn_humanname import xpn_names
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact, coded, text
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import remembered_fields, remembered_segment
from hub.mappers.segments.pid_account import pid_accounts
from hub.mappers.segments.pid_extension import other_ethnicity, other_race, pid_extensions
from hub.mappers.segments.pid_provenance import pid_provenance
from hub.mappers.segments.pid_relatedperson import pid_mother
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.mappers.situation import situation
from hub.model import Json, stable_id

_SAID = {**YES_NO, "YES": True, "NO": False, "TRUE": True, "FALSE": False}
"""Table 0136, and what is written for its codes."""
_FACTS = (
    Fact(10, "Race", other_race),
    Fact(22, "Ethnic group", other_ethnicity),
    Fact(27, "Veterans military status", coded("0172")),
    Fact(32, "Identity reliability", coded("0445")),
    Fact(37, "Strain", text),
    Fact(38, "Production class", coded("0429")),
)


def required_patient(ctx: Context) -> Json | None:
    """The Patient of the message; a message without a PID is not fit to be acted on."""
    if (pid := ctx.first("PID")) is None:
        ctx.error("PID", "100", "the message has no PID segment")
        return None
    return pid_patient(pid, ctx)


def pid_patient(pid: Segment, ctx: Context) -> Json:
    """Adds the Patient, from here on the subject, the account (PID-18), and who his mother is (PID-21). One without a
    number is nobody but the patient of this message, which is not fit to be acted on."""
    told = _patient(pid, ctx)
    if "identifier" not in told:
        told = {**told, "id": stable_id("Patient", f"{ctx.raw.id}|{pid.line}")}
    patient = ctx.keep(told)
    ctx.begin_patient(pid, patient)
    ctx.focus.append(patient)
    if accounts := pid_accounts(pid, ctx):
        ctx.begin_account(pid, accounts[0])
    if len(pid) > 20:
        pid_mother(pid, patient, ctx)
    situation(pid, _FACTS, "Registration of the patient", patient, ctx)
    if len(pid) > 32:
        pid_provenance(pid, patient, ctx)
    return patient


@remembered_segment
def _patient(pid: Segment, ctx: Mentions) -> Json:
    """The Patient, known by his first number."""
    identifiers = _identifiers(pid, ctx)
    if not identifiers:
        ctx.error(pid.path(3), "101", "no identifier of the patient")
    born, coded = dtm_birthdate(pid[7], ctx), _coded(pid, ctx)
    return identified(
        {
            "resourceType": "Patient",
            "extension": [*pid_extensions(pid, ctx), *ctx.removals(pid)],
            "identifier": identifiers,
            "active": True,
            "name": [name for field in (pid[5], pid[9]) for xpn in field for name in xpn_names(xpn, ctx)],
            "telecom": _telecom(pid, ctx),
            **coded,
            **born,
            **_death(pid, ctx),
            "address": _addresses(pid, ctx),
            **_multiple_birth(pid, ctx),
        },
        identifier_key(identifiers[0], ctx.feed.name) if identifiers else "",
    )


@segment("PID")
def pid_alone(pid: Segment, ctx: Context) -> Json | None:
    """A further PID begins another patient; one without a number or a name to know him by is kept as it is."""
    if pid[5] or _identifiers(pid, ctx):
        return pid_patient(pid, ctx)
    zzz_basic(pid, ctx)
    return None


def _identifiers(pid: Segment, ctx: Notes) -> list[Json]:
    """PID-3 in full, then the older places of a patient's number: PID-2, PID-4, PID-19, PID-20; none twice."""
    listed = [*each(pid[3], cx_identifier, ctx), *each(pid[2], cx_identifier, ctx), *each(pid[4], cx_identifier, ctx)]
    if number := pid[19].text:
        listed.append(typed({"system": SSN, "value": number}, "SS"))
    listed.extend(each(pid[20], _driving_licence, ctx))
    if len(listed) < 2:
        return listed
    found: list[Json] = []
    for one in listed:
        at = next((at for at, known in enumerate(found) if _is_same(known, one)), None)
        if at is None:
            found.append(one)
        else:
            found[at] = {**one, **found[at]}
    return found


def _is_same(known: Json, identifier: Json) -> bool:
    """Whether it is the same number of the same authority, and not of another type."""
    return (
        known["value"] == identifier["value"]
        and known.get("system") == identifier.get("system")
        and _assigner(known) == _assigner(identifier)
        and ("type" not in identifier or "type" not in known or known["type"] == identifier["type"])
    )


def _assigner(identifier: Json) -> str:
    return str(identifier.get("assigner", {}).get("display", ""))


def _driving_licence(dln: Repetition, ctx: Notes) -> Json:
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


def _telecom(pid: Segment, ctx: Notes) -> list[Json]:
    """PID-13 is home and PID-14 work where XTN.2 does not say otherwise."""
    return telecom(((pid[13], "home"), (pid[14], "work"), (pid[40], "")), ctx)


def _death(pid: Segment, ctx: Notes) -> Json:
    """When (PID-29), else whether (PID-30)."""
    if when := field_datetime(pid[29], ctx):
        return {"deceasedDateTime": when}
    return {"deceasedBoolean": _yes_no(pid, 30, ctx)}


def _multiple_birth(pid: Segment, ctx: Notes) -> Json:
    """Which of several (PID-25), else whether one of several (PID-24)."""
    order = pid[25].text.strip()
    if order.isascii() and order.isdigit() and len(order) < 4:
        return {"multipleBirthInteger": int(order)}
    return {"multipleBirthBoolean": _yes_no(pid, 24, ctx)}


def _yes_no(pid: Segment, field: int, ctx: Notes) -> bool | None:
    if not (sent := pid[field].text.strip().upper()):
        return None
    if sent not in _SAID:
        ctx.warn(pid.path(field), "unmapped-code", "the code is not in HL7 table 0136")
    return _SAID.get(sent)


def _addresses(pid: Segment, ctx: Notes) -> list[Json]:
    """PID-11; a county code (PID-12) joins the only address without one, else it stands alone."""
    addresses = each(pid[11], xad_address, ctx)
    county = pid[12].text
    if not county or any(address.get("district") == county for address in addresses):
        return addresses
    if len(addresses) == 1 and "district" not in addresses[0]:
        return [{**addresses[0], "district": county}]
    return [*addresses, {"district": county}]


@remembered_fields(8, 15, 16)
def _coded(pid: Segment, ctx: Notes) -> Json:
    """Sex, languages (the first is the one to speak with the patient) and marital status."""
    languages = present(cwe_codeableconcept(cwe, ctx, LANGUAGE) for cwe in pid[15])
    status = table_with(pid[16].text, MARITAL_STATUS, MARITAL_STATUS_NULL)
    return {
        **cwe_code("gender", pid[8], GENDER, ctx),
        "maritalStatus": cwe_codeableconcept(pid[16], ctx, status),
        "communication": [
            {"language": one, "preferred": True} if at == 0 else {"language": one} for at, one in enumerate(languages)
        ],
    }
