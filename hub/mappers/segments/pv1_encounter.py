"""PV1 → Encounter (HL7 v2.9, chapter 3.4.3)."""

from dataclasses import dataclass
from functools import lru_cache

from hub.fhir.build import coding, compact, extension, period, present, token
from hub.fhir.codes import (
    ADMISSION_TYPE,
    ADMIT_SOURCE,
    AMBULATORY_STATUS,
    DIET,
    DISCHARGE_DISPOSITION,
    HOSPITAL_SERVICE,
    PARTICIPATION,
    PARTICIPATION_NAMES,
    PATIENT_CLASS,
    PATIENT_TYPE,
    READMISSION,
    VIP,
    Table,
)
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION, V2, V3
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.pl_location import located, pl_location, place_name
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.dispatch import segment
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import remembered, remembered_fields, remembered_segment
from hub.mappers.segments.pv1_observation import pv1_observation
from hub.model import Json

COURTESY = Table("0045")
_STATUS = {
    **dict.fromkeys(("A11", "A27", "A38"), "cancelled"),
    **dict.fromkeys(("A13", "A01", "A02", "A04", "A06", "A07", "A12", "A22"), "in-progress"),
    **dict.fromkeys(("A05", "A14"), "planned"),
    "A03": "finished",
    **dict.fromkeys(("A21", "A53"), "onleave"),
    "A23": "entered-in-error",
}
"""What the trigger event says of the visit, before anything in PV1 does."""
_BEGINS = {"A01", "A04"}
_REOPENS = {"A13", "A11", "A27", "A38"}
"""After these the visit has no end, whatever PV1-45 repeats."""
_DIGITS = frozenset("123456789")
_PARTICIPANTS = ((7, "ATND"), (8, "REF"), (9, "CON"), (17, "ADM"), (52, "PART"))
_LOCATIONS = ((3, "active"), (6, "completed"), (11, "active"), (42, "reserved"), (43, "completed"))
_FOR_A_WHILE = {11, 43}
_TEMPORARY = {
    "url": EXTENSION + "subject-locationClassification",
    "valueCodeableConcept": {"coding": [{"code": "temporary"}]},
}


@segment("PV1")
def pv1_encounter(pv1: Segment, ctx: Context) -> Json | None:
    """Adds the Encounter and makes it the visit of the message.

    A PV1 that says the event has no visit (class N and nothing else) gives none.
    """
    if pv1[2].text.upper() == "N" and not any(pv1.raws[3:]):
        return None
    own = _own(pv1, ctx, ctx.site)
    stay = _period(own, ctx)
    encounter = ctx.add(
        {
            "resourceType": "Encounter",
            "extension": own.extension,
            "identifier": own.identifiers,
            "status": _status(pv1, stay, ctx),
            **own.kind,
            "subject": ctx.subject,
            "participant": own.participants,
            "period": stay,
            "account": [ctx.reference(ctx.account)] if ctx.account else None,
            "hospitalization": own.hospitalization,
            "location": own.locations,
            "episodeOfCare": _episode(pv1, ctx) if len(pv1) > 52 else None,
            "serviceProvider": ctx.reference(ctx.facility, ctx.facility.get("name", "")) if ctx.facility else None,
        },
        *_identity(pv1, own.identifiers, stay, ctx),
    )
    if pv1[40]:
        _operational(pv1, ctx)
    ctx.begin_visit(pv1, encounter)
    ctx.focus.append(encounter)
    if len(pv1) > 11:
        pv1_observation(pv1, encounter, ctx)
    return encounter


@dataclass(frozen=True, slots=True)
class _Own:
    """What PV1 says of the visit whatever the event does to it; ``kind`` are members."""

    extension: list[Json]
    identifiers: list[Json]
    start: str
    end: str
    kind: Json
    participants: list[Json]
    hospitalization: Json
    locations: list[Json]


@remembered_segment
def _own(pv1: Segment, ctx: Mentions, site: str) -> _Own:
    return _Own(
        extension=ctx.removals(pv1),
        identifiers=_numbers(pv1, ctx),
        start=field_datetime(pv1[44], ctx),
        end=field_datetime(pv1[45], ctx),
        kind=_kind(pv1, ctx),
        participants=_participants(pv1, ctx),
        hospitalization=_hospitalization(pv1, ctx),
        locations=_locations(pv1, ctx, site),
    )


def _identity(pv1: Segment, numbers: list[Json], stay: Json, ctx: Context) -> tuple[str, ...]:
    """The visit number, else the account, else patient, facility and minute of the admission."""
    if pv1[19] and numbers:
        return (identifier_key(numbers[0], ctx.feed.name),)
    if ctx.account:
        return (identifier_key(ctx.account["identifier"][0], ctx.feed.name),)
    admitted = stay.get("start", "") or ctx.event_time or ctx.raw.id
    return (ctx.patient["id"] if ctx.patient else ctx.raw.id, ctx.facility["id"] if ctx.facility else "", admitted[:16])


def _numbers(pv1: Segment, ctx: Notes) -> list[Json]:
    """The visit number (PV1-19) first, then the alternate ones (PV1-50)."""
    visit = typed(cx_identifier(pv1[19].first, ctx), "VN", "visit number")
    return present([visit, *each(pv1[50], cx_identifier, ctx)])


@remembered_fields(2, 4, 10, 18)
def _kind(pv1: Segment, ctx: Notes) -> Json:
    """What sort of visit it is."""
    return {
        "class": _class(pv1, ctx),
        "type": present(
            [cwe_codeableconcept(pv1[4], ctx, ADMISSION_TYPE), cwe_codeableconcept(pv1[18], ctx, PATIENT_TYPE)]
        ),
        "serviceType": cwe_codeableconcept(pv1[10], ctx, HOSPITAL_SERVICE),
    }


def _class(pv1: Segment, ctx: Notes) -> Json:
    """The v3-ActCode of PV1-2, else the sender's coding. R4 demands a class: unknown if need be."""
    if code := PATIENT_CLASS.codes.get(pv1[2].text.strip().upper()):
        return coding(PATIENT_CLASS.system, code, PATIENT_CLASS.displays[code])
    if sent := cwe_coding(pv1[2], ctx, PATIENT_CLASS):
        return sent
    ctx.warn(pv1.path(2), "required", "the class of the visit is not stated")
    return coding(V3 + "NullFlavor", "UNK", "unknown")


def _status(pv1: Segment, stay: Json, ctx: Context) -> str:
    """What the event says; for events that say nothing of the visit, what its times and class say."""
    if status := _STATUS.get(ctx.trigger):
        return status
    if "end" in stay:
        return "finished"
    if pv1[2].text.upper() == "P":
        return "planned"
    return "in-progress" if "start" in stay or pv1[2].text.upper() in PATIENT_CLASS.codes else "unknown"


def _period(own: _Own, ctx: Context) -> Json:
    """PV1-44 to PV1-45; an admission begins and a discharge ends the stay when the event happens, if PV1 is silent."""
    start, end = own.start, own.end
    if not start and ctx.trigger in _BEGINS:
        start = ctx.event_time
    if not end and ctx.trigger == "A03":
        end = ctx.event_time
    return period(start, "" if ctx.trigger in _REOPENS else end)


def _participants(pv1: Segment, ctx: Mentions) -> list[Json]:
    return [
        {"type": [participation(code)], "individual": who}
        for field, code in _PARTICIPANTS
        for xcn in pv1[field]
        if (who := xcn_reference(xcn, ctx))
    ]


@lru_cache(maxsize=16)
def participation(code: str) -> Json:
    """The CodeableConcept of a participation type (v3-ParticipationType)."""
    return {"coding": [{"system": PARTICIPATION, "code": code, "display": PARTICIPATION_NAMES[code]}]}


def _locations(pv1: Segment, ctx: Mentions, site: str) -> list[Json]:
    """Where the patient is, was, is for a while, and will be; planned as long as the visit is."""
    planned = pv1[2].text.upper() == "P"
    return [
        _location(ctx.reference(place, place_name(pl)), field, status, planned=planned)
        for field, status in _LOCATIONS
        for pl in pv1[field]
        if (place := located(pl, ctx, site))
    ]


def _operational(pv1: Segment, ctx: Context) -> None:
    """The status of the bed (PV1-40, table 0116) where the patient is."""
    state = token(pv1[40].text)
    for pl in pv1[3]:
        if state and (place := pl_location(pl, ctx)):
            place["operationalStatus"] = {"system": V2 + "0116", "code": state}


def _location(place: Json, field: int, status: str, *, planned: bool) -> Json:
    return compact(
        {
            "extension": [_TEMPORARY] if field in _FOR_A_WHILE else None,
            "location": place,
            "status": "planned" if planned and status == "active" else status,
        }
    )


def _episode(pv1: Segment, ctx: Context) -> list[Json]:
    """The episode of care that the visit is part of: PV1-54 its number, -53 what it is about."""
    number, words = cx_identifier(pv1[54].first, ctx), pv1[53].first.text.strip()
    if ctx.subject is None or not (number or words):
        return []
    episode = ctx.add(
        {
            "resourceType": "EpisodeOfCare",
            "extension": [extension(EXTENSION + "resource-instance-description", "Markdown", words)] if words else None,
            "identifier": [number] if number else None,
            "status": "active",
            "patient": ctx.subject,
        },
        identifier_key(number, ctx.feed.name) if number else words,
        ctx.subject["reference"],
    )
    return [ctx.reference(episode)]


def _hospitalization(pv1: Segment, ctx: Mentions) -> Json:
    return compact(
        {
            "preAdmissionIdentifier": cx_identifier(pv1[5].first, ctx),
            **_admission(pv1, ctx),
            "destination": _destination(pv1[37].first, ctx),
            "dischargeDisposition": _disposition(pv1[36], ctx),
        }
    )


@remembered_fields(13, 14, 15, 16, 22, 38)
def _admission(pv1: Segment, ctx: Notes) -> Json:
    """From where and how the patient was admitted."""
    return compact(
        {
            "admitSource": cwe_codeableconcept(pv1[14], ctx, ADMIT_SOURCE),
            "reAdmission": cwe_codeableconcept(pv1[13], ctx, READMISSION),
            "dietPreference": present([cwe_codeableconcept(pv1[38], ctx, DIET)]),
            "specialCourtesy": present(
                [cwe_codeableconcept(pv1[16], ctx, VIP), cwe_codeableconcept(pv1[22], ctx, COURTESY)]
            ),
            "specialArrangement": present(cwe_codeableconcept(cwe, ctx, AMBULATORY_STATUS) for cwe in pv1[15]),
        }
    )


@remembered
def _disposition(cwe: Repetition, ctx: Notes) -> Json:
    """PV1-36; senders write ``1`` and ``01`` for the same code of table 0112, which has two digits."""
    concept = cwe_codeableconcept(cwe, ctx, DISCHARGE_DISPOSITION)
    codings = [
        {**sent, "code": "0" + sent["code"]} if sent.get("code") in _DIGITS else sent
        for sent in concept.get("coding", ())
    ]
    return {**concept, "coding": codings} if codings else concept


def _destination(dld: Repetition, ctx: Mentions) -> Json | None:
    """Where the patient was discharged to (DLD: place, date)."""
    sent = cwe_codeableconcept(dld.inner(1), ctx)
    if not sent:
        return None
    found = sent.get("coding", [{}])[0]
    code, system = found.get("code", ""), found.get("system", "")
    name = sent.get("text") or code
    numbers = [compact({"system": system, "value": code})] if system or code != name else None
    place = ctx.add(
        {"resourceType": "Location", "identifier": numbers, "name": name, "mode": "instance"},
        ctx.feed.name,
        "discharge",
        dld[1],
    )
    return ctx.reference(place, name)
