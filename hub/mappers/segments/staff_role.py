"""STF, PRA, ORG and AFF → PractitionerRole: what a member of the staff is, and for whom (HL7 v2.9, chapter 15.4)."""

from dataclasses import dataclass, field

from hub.fhir.build import coding, compact, complete, period, stated, token
from hub.fhir.codes import LANGUAGE, untranslated
from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_organization import cwe_organization
from hub.mappers.datatypes.cwe_words import concept_name, concept_words
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, dtm_period, field_datetime
from hub.mappers.datatypes.pln_identifier import pln_identifier
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.dispatch import segment
from hub.mappers.premises import premises
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

YEAR = 4
"""Digits."""


@dataclass(slots=True)
class Staff:
    """What a segment says of somebody's work: ``kinds``, ``services`` are fields with their HL7 tables, ``units``
    fields that name organizations."""

    practitioner: Json
    kinds: list[tuple[Field, str]] = field(default_factory=list)
    job: str = ""
    services: list[tuple[Field, str]] = field(default_factory=list)
    units: list[Field] = field(default_factory=list)
    since: str = ""
    until: str = ""
    institutions: list[Repetition] = field(default_factory=list)


def staff_roles(staff: Staff, ctx: Context) -> None:
    """Adds a PractitionerRole for each organization, all with what the segment says; one for none."""
    said = compact(
        {
            "period": period(staff.since, staff.until),
            "code": [*_concepts(staff.kinds, ctx), *([{"text": staff.job}] if staff.job else ())],
            "specialty": _concepts(staff.services, ctx),
        }
    )
    named = [*(cwe for unit in staff.units for cwe in unit), *staff.institutions]
    employers = [one for cwe in named if cwe and (one := cwe_organization(cwe, ctx))]
    for employer in {one["id"]: one for one in employers}.values() or ([None] if said else []):
        _role(staff.practitioner, employer, said, ctx)


def _role(practitioner: Json, employer: Json | None, said: Json, ctx: Context) -> Json:
    who = ctx.reference(practitioner, full_name(practitioner.get("name", [{}])[0]))
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": who,
        "organization": ctx.reference(employer, employer.get("name", "")) if employer else None,
        **said,
    }
    return ctx.add(role, "staff", practitioner["id"], employer["id"] if employer else "")


def _concepts(fields: list[tuple[Field, str]], ctx: Context) -> list[Json]:
    tables = [(cwes, untranslated(number) if number else None) for cwes, number in fields]
    return [one for cwes, table in tables for cwe in cwes if (one := cwe_codeableconcept(cwe, ctx, table))]


def is_date(written: Field) -> bool:
    """Whether the field begins with digits of a time; senders of other versions write a telephone or a code there."""
    text = written.first[1].strip()
    return len(text) >= YEAR and text.strip("0123456789.+-") == "" and text[:YEAR].isdigit()


def _of_staff(one: Segment, ctx: Context) -> Json | None:
    """The person of the STF before; the segment as it is where there is none."""
    before = ctx.last
    if before is None or before["resourceType"] != "Practitioner":
        zzz_basic(one, ctx)
        return None
    return before


@segment("PRA")
def pra_role(pra: Segment, ctx: Context) -> Json | None:
    """PRA-1 and -6 numbers, -2 groups, -3 category, -4 how he is billed, -5 specialties and -7 privileges as
    qualifications, -8 and -10 since and until when, -9 institution."""
    practitioner = _of_staff(pra, ctx)
    if practitioner is None:
        return None
    numbers = each(pra[6], pln_identifier, ctx)
    if (key := pra[1].first[1]) and all(known["value"] != key for known in practitioner.get("identifier", ())):
        numbers.append({"value": key})
    granted = [*each(pra[5], _specialty, ctx), *each(pra[7], _privilege, ctx)]
    complete(practitioner, compact({"identifier": numbers, "qualification": granted}))
    staff_roles(
        Staff(
            practitioner,
            kinds=[(pra[3], "0186"), (pra[4], "0187")],
            services=[] if is_date(pra[8]) else [(pra[8], "")],
            units=[pra[2], pra[9]],
            since=field_datetime(pra[8], ctx) if is_date(pra[8]) else "",
            until=field_datetime(pra[10], ctx),
        ),
        ctx,
    )
    return practitioner


@segment("ORG")
def org_role(org: Segment, ctx: Context) -> Json | None:
    """ORG-2 unit of type -3, -5 number there, -6 and -7 what he is, -8 specialty, -9 since and until when, -10 how."""
    practitioner = _of_staff(org, ctx)
    if practitioner is None:
        return None
    unit = cwe_organization(org[2].first, ctx) if org[2] else None
    if unit and (kind := cwe_codeableconcept(org[3], ctx, untranslated("0474"))):
        complete(unit, {"type": [kind]})
    kinds = [(org[6], "0452"), (org[7], "0453"), (org[10], "0066")]
    said = {
        "identifier": each(org[5], cx_identifier, ctx),
        "period": dtm_period(org[9].first[1], org[9].first[2], ctx, org[9].first, 1) if org[9] else None,
        "code": _concepts(kinds, ctx),
        "specialty": _concepts([(org[8], "0454")], ctx),
    }
    _role(practitioner, unit, compact(said), ctx)
    return practitioner


@segment("AFF")
def aff_role(aff: Segment, ctx: Context) -> Json | None:
    """AFF-2 the professional organization at -3, -4 since and until when, -5 what else."""
    practitioner = _of_staff(aff, ctx)
    if practitioner is None:
        return None
    club = xon_organization(aff[2], ctx)
    if club and (addresses := premises(aff[3], ctx)):
        complete(club, {"address": addresses})
    when = dtm_period(aff[4].first[1], aff[4].first[2], ctx, aff[4].first, 1) if aff[4] else None
    _role(practitioner, club, compact({"period": when, "code": [{"text": aff[5].text}] if aff[5] else None}), ctx)
    return practitioner


@segment("LAN")
def lan_communication(lan: Segment, ctx: Context) -> Json | None:
    """LAN-2 a language, with -3 and -4 what he can do in it, and how well, in words."""
    practitioner = _of_staff(lan, ctx)
    language = cwe_codeableconcept(lan[2], ctx, LANGUAGE) if practitioner else {}
    if practitioner and language:
        able = [concept_words(one) for one in _concepts([(lan[3], "0403"), (lan[4], "0404")], ctx)]
        words = f"{concept_name(language)} ({', '.join(able)})" if able else language.get("text", "")
        complete(practitioner, {"communication": [compact({**language, "text": words})]})
    return practitioner


@segment("EDU")
def edu_qualification(edu: Segment, ctx: Context) -> Json | None:
    """EDU-2 degree in -9, from -3 to -5, given by -6 of type -7 at -8."""
    practitioner = _of_staff(edu, ctx)
    if practitioner is None:
        return None
    degree, subjects = cwe_codeableconcept(edu[2], ctx, untranslated("0360")), _concepts([(edu[9], "")], ctx)
    school = xon_organization(edu[6], ctx)
    if school:
        kinds = _concepts([(edu[7], "0402")], ctx)
        complete(school, compact({"type": kinds, "address": premises(edu[8], ctx)}))
    words = ", ".join(filter(None, (concept_name(degree), *map(concept_words, subjects))))
    granted = {
        "code": compact({**degree, "text": words}),
        "period": period(edu[3].first[1] and field_datetime(edu[3], ctx), field_datetime(edu[5], ctx)),
        "issuer": ctx.reference(school, school.get("name", "")) if school else None,
    }
    complete(practitioner, {"qualification": [compact(granted)]} if words else {})
    return practitioner


@segment("CER")
def cer_qualification(cer: Segment, ctx: Context) -> Json | None:
    """CER-2 the number of a certificate of type -10 for -11, given by -4."""
    practitioner = _of_staff(cer, ctx)
    if practitioner is None:
        return None
    kinds = _concepts([(cer[10], ""), (cer[11], "")], ctx)
    code = {"coding": [one for kind in kinds for one in kind.get("coding", ())]}
    number, giver = cer[2].text, xon_organization(cer[4], ctx)
    granted = {
        "identifier": [{"value": number}] if number else None,
        "code": {**code, "text": ", ".join(map(concept_name, kinds)) or "Certificate"},
        "issuer": ctx.reference(giver, giver.get("name", "")) if giver else None,
    }
    complete(practitioner, {"qualification": [stated(granted)]} if number or kinds else {})
    return practitioner


def _specialty(spd: Repetition, ctx: Context) -> Json:
    """SPD: specialty, the board that governs it, whether he is eligible or certified (table 0337), since when."""
    name, board, kind, since = spd.texts(4)
    if not (name or board):
        return {}
    when = dtm_datetime(since, ctx, f"{spd.path}.4") if since else ""
    coded = [coding(V2 + "0337", token(kind))] if kind else None
    return compact(
        {
            "code": compact({"coding": coded, "text": name or board}),
            "period": {"start": when} if when else None,
            "issuer": {"display": board} if board else None,
        }
    )


def _privilege(pip: Repetition, ctx: Context) -> Json:
    """PIP: a privilege and its class, until and since when."""
    granted, sort = (cwe_codeableconcept(pip.inner(number), ctx) for number in (1, 2))
    codings = [*granted.get("coding", ()), *sort.get("coding", ())]
    code = compact({"coding": codings, "text": granted.get("text", "")})
    when = period(dtm_datetime(pip[4], ctx, f"{pip.path}.4"), dtm_datetime(pip[3], ctx, f"{pip.path}.3"))
    return compact({"code": code, "period": when}) if code else {}
