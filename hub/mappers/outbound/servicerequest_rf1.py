"""ServiceRequest of a referral (and its Task) → RF1, PRD and DG1 (HL7 v2.9, chapter 11.6)."""

from hub.fhir.order_codes import REFERRAL, REFERRAL_PRIORITY, REFERRAL_STATUS
from hub.fhir.systems import NPI
from hub.formats.hl7v2.build import Field, Repetition
from hub.mappers.outbound.datatypes import (
    code_of,
    cwe,
    decimal,
    dtm,
    each,
    ei,
    employer,
    identified,
    sent_code,
    xad,
    xon,
    xpn,
    xtn,
)
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_BY_TASK = {"accepted": "A", "completed": "A", "in-progress": "A", "rejected": "R", "cancelled": "E"}
"""RF1-1 (table 0283) of an answer."""


def is_referral(request: Json) -> bool:
    """Whether the request refers the patient to somebody."""
    return any(REFERRAL in kind.get("coding", ()) for kind in request.get("category", ()))


def servicerequest_rf1(request: Json, resources: Resources) -> Built:
    """RF1-1 status, -2 priority, -3 type, -4 disposition, -5 category, -6/-11 numbers, -7/-8 from when to when, -9 when
    it was written, -10 why, -12 to -18 what it is good for, -24
    comment."""
    task = next((t for t in resources.of("Task") if resources.at(t.get("focus")) is request), {})
    wanted = request.get("occurrencePeriod", {})
    kinds = [kind for kind in request.get("category", ()) if REFERRAL not in kind.get("coding", ())]
    stated = sent_code(request, "status", REFERRAL_STATUS)
    return "RF1", {
        1: stated if "_status" in request else _BY_TASK.get(task.get("status", ""), "P"),
        2: sent_code(request, "priority", REFERRAL_PRIORITY),
        3: cwe(request.get("code"), "0281"),
        4: each(request.get("orderDetail"), lambda detail: cwe(detail, "0282")),
        5: cwe(kinds[0] if kinds else {}, "0284"),
        6: each(identified(request, "PLAC")[:1], ei),
        7: dtm(wanted.get("start", "")),
        8: dtm(wanted.get("end", "")),
        9: dtm(request.get("authoredOn", "")),
        10: each(request.get("reasonCode"), lambda reason: cwe(reason, "0336")),
        11: each(identified(request, "FILL"), ei),
        **_good_for(task),
        24: next((note["text"] for note in request.get("note", ())), ""),
    }


def _good_for(task: Json) -> dict[int, Field]:
    """RF1-12 to -18: what the Task goes by."""
    fields: dict[int, Field] = {}
    for stated in task.get("input", ()):
        if number := _INPUTS.get(stated["type"].get("text", "")):
            amount = stated.get("valueQuantity", {})
            when, coded = dtm(stated.get("valueDateTime", "")), cwe(stated.get("valueCodeableConcept"), "0865")
            fields[number] = (decimal(amount["value"]), amount.get("unit", "")) if amount else when or coded
    return fields


_INPUTS = {
    "Referral documentation completion status": 12,
    "Planned treatment stop date": 13,
    "Authorized treatments or units": 15,
    "Used treatments or units": 16,
    "Scheduled treatments or units": 17,
    "Remaining benefit amount": 18,
}


def parties_prd(request: Json, resources: Resources) -> list[Built]:
    """A PRD for the requester (RP), each performer (RT), the patient's general practitioners (PP) and his care team
    (CP)."""
    named = [("RP", request.get("requester")), *(("RT", one) for one in request.get("performer", ()))]
    named += [("PP", one) for one in resources.patient.get("generalPractitioner", ())]
    team = resources.first("CareTeam").get("participant", [])
    named += [("CP", one["member"]) for one in team if "member" in one]
    return [("PRD", _party(role, reference, resources)) for role, reference in named if resources.at(reference)]


def _party(role: str, reference: Json | None, resources: Resources) -> dict[int, Field]:
    """PRD-1 role, -2 names, -3 addresses, -5 telephones, -7 numbers, -8/-9 from when to when, -10 organization."""
    found = resources.at(reference)
    who = resources.at(found.get("practitioner")) if found["resourceType"] == "PractitionerRole" else found
    who = who if who.get("resourceType") == "Practitioner" else {}
    organization, times = employer(reference, resources), found.get("period", {})
    return {
        1: (role, _ROLES[role], "HL70286"),
        2: each(who.get("name"), xpn),
        3: each(who.get("address"), xad),
        5: each(who.get("telecom"), xtn),
        7: each(who.get("identifier"), _pln),
        8: dtm(times.get("start", "")),
        9: dtm(times.get("end", "")),
        10: xon(organization) if organization else "",
        11: each(organization.get("address"), xad),
        13: each(organization.get("telecom"), xtn),
    }


_ROLES = {
    "RP": "Referring Provider",
    "RT": "Referred to Provider",
    "PP": "Primary Care Provider",
    "CP": "Consulting Provider",
}


def _pln(identifier: Json) -> Repetition:
    """A provider's number as PLN: number, type, state, until when."""
    kind = "NPI" if identifier.get("system") == NPI else code_of(identifier.get("type"))
    until = dtm(identifier.get("period", {}).get("end", ""))
    return (identifier.get("value", ""), kind, identifier.get("assigner", {}).get("display", ""), until)
