"""GT1 → RelatedPerson or Organization, and Account.guarantor (HL7 v2.9, chapter 6.5.5)."""

from hub.fhir.build import compact, complete, concept, period, present
from hub.fhir.codes import CONTACT_ROLE, GENDER, LANGUAGE, RELATIONSHIP, RELATIONSHIP_CONTACT, YES_NO, table_with
from hub.fhir.systems import SSN, V3
from hub.formats.hl7v2.segment import Segment
from hub.mappers import facts as kinds
from hub.mappers.billing import account_of
from hub.mappers.context import Context, Whose
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_birthdate import dtm_birthdate
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xon_organization import organization, xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname, xpn_names
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact, coded, facts
from hub.mappers.notes import Mentions, Notes
from hub.mappers.premises import lines, premises
from hub.mappers.remember import remembered_segment
from hub.mappers.social import more_of, person_of, related_person, social_history
from hub.model import Json

_GUARANTOR = concept(V3 + "RoleClass", "GUAR", "guarantor")
_SPOUSE = {"text": "Spouse of the guarantor"}
_CONTACT = {"text": "Contact person of the guarantor"}
_FACTS = (
    Fact(10, "Guarantor type", coded("0068")),
    Fact(15, "Guarantor priority", kinds.COUNT),
    Fact(20, "Employment status", coded("0066")),
    Fact(23, "Credit rating", coded("0341")),
    Fact(24, "Date and time of death", kinds.moment),
    Fact(25, "Deceased", kinds.YES_NO),
    Fact(26, "Charge adjustment", coded("0218")),
    Fact(27, "Income of the household", kinds.money),
    Fact(28, "Size of the household", kinds.COUNT),
    Fact(30, "Marital status", coded("0002")),
    Fact(31, "Hired on", kinds.moment),
    Fact(32, "Employment ended on", kinds.moment),
    Fact(33, "Living dependency", coded("0223")),
    Fact(34, "Ambulatory status", coded("0009")),
    Fact(35, "Citizenship", coded("0171")),
    Fact(37, "Living arrangement", coded("0220")),
    Fact(38, "Publicity", coded("0215")),
    Fact(39, "Protection", kinds.YES_NO),
    Fact(40, "Student", coded("0231")),
    Fact(41, "Religion", coded("0006")),
    Fact(42, "Mother's maiden name", kinds.name),
    Fact(43, "Nationality", coded("0212")),
    Fact(44, "Ethnic group", coded("0189")),
    Fact(49, "Job title", kinds.text),
    Fact(50, "Job code and class", kinds.text),
    Fact(52, "Handicap", coded("0295")),
    Fact(53, "Job status", coded("0311")),
    Fact(54, "Financial class", coded("0064")),
    Fact(55, "Race", coded("0005")),
    Fact(56, "Birth place", kinds.text),
    Fact(57, "VIP", coded("0099")),
)


@segment("GT1")
def gt1_relatedperson(gt1: Segment, ctx: Context) -> Json | None:
    """Adds who pays: a person (GT1-3), an organization (-21), or both, as guarantors of the Account."""
    told = _person(gt1, ctx, ctx.whose)
    person = ctx.keep(told) if told else None
    company = _company(gt1, ctx, alone=person is None)
    others = [one for xon in list(gt1[21])[1:] if (one := xon_organization(xon, ctx))]
    for party in present([person, company, *others]):
        _guarantees(gt1, party, ctx)
    if len(gt1) > 3 and (who := person or company):
        _around(gt1, who, ctx)
    return person or company


@remembered_segment
def _person(gt1: Segment, ctx: Mentions, whose: Whose) -> Json | None:
    names = [name for xpn in gt1[3] for name in xpn_names(xpn, ctx)]
    if not names:
        return None
    numbers = _numbers(gt1, ctx)
    kind = table_with(gt1[11].text, RELATIONSHIP, RELATIONSHIP_CONTACT)
    language = cwe_codeableconcept(gt1[36], ctx, LANGUAGE)
    return person_of(
        whose,
        {
            "extension": ctx.removals(gt1),
            "identifier": numbers,
            "relationship": present([cwe_codeableconcept(gt1[11], ctx, kind), _GUARANTOR]),
            "name": names,
            "telecom": telecom(((gt1[6], "home"), (gt1[7], "work")), ctx),
            **cwe_code("gender", gt1[9], GENDER, ctx),
            **dtm_birthdate(gt1[8], ctx),
            "address": each(gt1[5], xad_address, ctx),
            "communication": [{"language": language}] if language else None,
        },
        gt1[11].text,
    )


def _numbers(gt1: Segment, ctx: Notes) -> list[Json]:
    """The guarantor's number (GT1-2), social security number (-12) and employee number (-19)."""
    social = typed({"system": SSN, "value": gt1[12].text}, "SS") if gt1[12].text else {}
    return present(
        [*each(gt1[2], cx_identifier, ctx), social, *(typed(cx_identifier(cx, ctx), "EI") for cx in gt1[19])]
    )


def _company(gt1: Segment, ctx: Context, *, alone: bool) -> Json | None:
    """The organization that pays (GT1-21); where it pays alone, numbers, address and telephones are its own."""
    company = xon_organization(gt1[21], ctx)
    if company is None and alone:
        numbers = each(gt1[2], cx_identifier, ctx)
        company = organization("", numbers[0], ctx) if numbers else None
    if company is not None and alone:
        own = {
            "identifier": each(gt1[2], cx_identifier, ctx),
            "telecom": [*lines(gt1[6], ctx), *lines(gt1[7], ctx, "work")],
            "address": premises(gt1[5], ctx),
        }
        complete(company, compact(own))
    return company


def _guarantees(gt1: Segment, party: Json, ctx: Context) -> None:
    """Names the guarantor in the Account; a message without an account number has one account, of its visit."""
    account = account_of(ctx)
    hold = YES_NO.get(gt1[22].text.strip().upper())
    times = period(field_datetime(gt1[13], ctx), field_datetime(gt1[14], ctx))
    name = party.get("name")
    words = name if isinstance(name, str) else full_name(name[0]) if name else ""
    line = compact({"party": ctx.reference(party, words), "onHold": hold, "period": times})
    complete(account, {"guarantor": [line]})


def _around(gt1: Segment, who: Json, ctx: Context) -> None:
    """The guarantor's spouse (GT1-4), employer (-16 to -18, -29, -51), contact person (-45 to -48) and social facts."""
    related_person({"relationship": [_SPOUSE], "name": each(gt1[4], xpn_humanname, ctx)}, ctx, who["id"], "spouse")
    if len(gt1) < 10:
        return
    employers = [_employer(gt1, who, ctx), *(xon_organization(xon, ctx) for xon in list(gt1[51])[1:])]
    social_history(who, "Guarantor", facts(gt1, _FACTS, ctx), present(employers), ctx)
    if len(gt1) > 44:
        _contact(gt1, who, ctx)


def _employer(gt1: Segment, who: Json, ctx: Context) -> Json | None:
    """The employer; where the sender does not name one, his address and telephone are the guarantor's at work."""
    numbers = each(gt1[29], cx_identifier, ctx)
    employer = xon_organization(gt1[51], ctx)
    if employer is None:
        words = full_name(xpn_humanname(gt1[16].first, ctx))
        employer = organization(words, numbers[0] if numbers else {}, ctx)
    elif gt1[16]:
        complete(employer, {"alias": [full_name(xpn_humanname(xpn, ctx)) for xpn in gt1[16]]})
    places = {"telecom": lines(gt1[18], ctx, "work"), "address": premises(gt1[17], ctx)}
    if employer is None:
        more_of(who, {**places, "address": [{"use": "work", **address} for address in places["address"]]})
    else:
        complete(employer, compact({"identifier": numbers, **places}))
    return employer


def _contact(gt1: Segment, who: Json, ctx: Context) -> None:
    relation = table_with(gt1[48].text, RELATIONSHIP, RELATIONSHIP_CONTACT)
    relations = [cwe_codeableconcept(gt1[48], ctx, relation), cwe_codeableconcept(gt1[47], ctx, CONTACT_ROLE), _CONTACT]
    related_person(
        {
            "relationship": present(relations),
            "name": each(gt1[45], xpn_humanname, ctx),
            "telecom": telecom(((gt1[46], ""),), ctx),
        },
        ctx,
        who["id"],
        "contact",
    )
