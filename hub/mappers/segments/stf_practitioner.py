"""STF → Practitioner: a member of the staff in the sender's master file (HL7 v2.9, chapter 15.4.10)."""

from hub.fhir.build import compact, present, token
from hub.fhir.codes import GENDER
from hub.fhir.coding_systems import canonical
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_birthdate import dtm_birthdate
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact, coded, facts, moment, text
from hub.mappers.segments.mfe_parameters import ENDED, event_of
from hub.mappers.segments.staff_role import Staff, is_date, staff_roles
from hub.mappers.social import social_history
from hub.model import Json

_ACTIVE = {"A": True, "Y": True, "ACTIVE": True, "I": False, "N": False, "INACTIVE": False}
"""Table 0183, and what senders write for it."""
_FACTS = (
    Fact(14, "Backup person", text),
    Fact(16, "Preferred method of contact", coded("0185")),
    Fact(17, "Marital status", coded("0002")),
    Fact(19, "Job code and class", text),
    Fact(20, "Employment status", coded("0066")),
    Fact(21, "Additionally insured on the employer's car", coded("0136")),
    Fact(23, "Copy of the car insurance on file", coded("0136")),
    Fact(24, "Car insurance expires", moment),
    Fact(25, "Last review of the driver's licence", moment),
    Fact(26, "Next review of the driver's licence", moment),
    Fact(27, "Race", coded("0005")),
    Fact(28, "Ethnic group", coded("0189")),
    Fact(29, "Reactivation approved", coded("0136")),
    Fact(30, "Citizenship", coded("0171")),
    Fact(31, "Died on", moment),
    Fact(32, "Dead", coded("0136")),
    Fact(33, "Relationship to the institution", coded("0538")),
    Fact(34, "Time of that relationship", text),
    Fact(35, "Expected to return", moment),
    Fact(36, "Cost center", coded("0539")),
    Fact(37, "Classification", coded("0771")),
    Fact(38, "Reason of inactivity", coded("0540")),
)


@segment("STF")
def stf_practitioner(stf: Segment, ctx: Context) -> Json | None:
    """Adds the person, what he is by STF-4, -8, -9 and -18 and since when (-12, -13), and what else is known of him."""
    numbers = [*each(stf[1], _key, ctx), *each(stf[2], cx_identifier, ctx), *each(stf[22], _licence, ctx)]
    names = each(stf[3], xpn_humanname, ctx)
    if not numbers and not names:
        return None
    practitioner = ctx.add(
        {
            "resourceType": "Practitioner",
            "extension": ctx.removals(stf),
            "identifier": numbers,
            "active": False if event_of(stf, ctx) in ENDED else _ACTIVE.get(stf[7].text.upper()),
            "name": names,
            "telecom": [*telecom(((one, "work") for one in _telephones(stf)), ctx), *_mail(stf)],
            "address": each(stf[11], xad_address, ctx),
            **cwe_code("gender", stf[5], GENDER, ctx),
            **dtm_birthdate(stf[6], ctx),
        },
        identifier_key(numbers[0], ctx.feed.name) if numbers else f"{ctx.feed.name}|{full_name(names[0])}",
    )
    ctx.focus.append(practitioner)
    staff_roles(_as_staff(stf, practitioner, ctx), ctx)
    social_history(practitioner, "Member of the staff", facts(stf, _FACTS, ctx), [], ctx)
    return practitioner


def _as_staff(stf: Segment, practitioner: Json, ctx: Context) -> Staff:
    return Staff(
        practitioner,
        kinds=[(stf[4], "0182"), (stf[7], "0183")],
        job=stf[18].text,
        services=[(stf[9], "0069")],
        units=[stf[8]],
        since=_date(stf, 12, ctx),
        until=_date(stf, 13, ctx),
        institutions=[din.inner(2) for number in (12, 13) if is_date(stf[number]) for din in stf[number]],
    )


def _date(stf: Segment, number: int, ctx: Context) -> str:
    """DIN.1; in older versions a time alone."""
    return field_datetime(stf[number], ctx) if is_date(stf[number]) else ""


def _telephones(stf: Segment) -> list[Field]:
    """STF-10, and what some senders write where a date belongs."""
    return [stf[10], *([stf[12]] if stf[12] and not is_date(stf[12]) else ())]


def _key(cwe: Repetition, ctx: Context) -> Json:
    """The key of the master file (STF-1): a code, whose system some senders name."""
    return compact({"value": cwe[1], "system": canonical(cwe[3])}) if cwe[1] else {}


def _licence(dln: Repetition, ctx: Context) -> Json:
    """DLN: number, who issued it, until when."""
    if not dln[1]:
        return {}
    until = dtm_datetime(dln[3], ctx, f"{dln.path}.3")
    more = {"assigner": {"display": dln[2]} if dln[2] else None, "period": {"end": until} if until else None}
    return typed(compact({"value": dln[1], **more}), "DL")


def _mail(stf: Segment) -> list[Json]:
    return present({"system": "email", "value": address} if (address := token(st.text)) else None for st in stf[15])
