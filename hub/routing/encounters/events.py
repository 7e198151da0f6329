"""What is new in a visit: its milestones held against those that were told before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from hub.model import CareEvent, Json
from hub.routing import events
from hub.routing.encounters.dispositions import group
from hub.routing.encounters.state import (
    ADMIT,
    CANCELLED,
    DEATH,
    DISCHARGE,
    FINISHED,
    INPATIENT,
    TRANSFER,
    EncounterState,
    Milestone,
)
from hub.routing.facts import facts
from hub.routing.instants import between, days_and_hours
from hub.routing.statements import Source

READMISSION_DAYS = 30

STILL = "fills in history: the state of the visit did not change"
TAKEN_BACK = "was taken back before it could be reported"
DIED_BEFORE = "the death was reported already"


@dataclass(frozen=True, slots=True)
class Told:
    """What was last published of a milestone."""

    version: int
    kind: str
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class EncounterRecord:
    """A visit as it is stored: the state, and by event key what was published of it."""

    state: EncounterState
    told: dict[str, Told] = field(default_factory=dict)


def tell(
    known: EncounterRecord | None,
    state: EncounterState,
    source: Source,
    history: Callable[[], Sequence[EncounterState]] = tuple,
    silent: str = "",
) -> tuple[EncounterRecord, tuple[CareEvent, ...]]:
    """The record of the new state and the events that it gives rise to.

    ``source`` is the message that led here; ``history`` gives the person's other visits and is asked only when there
    is something to tell. ``silent`` silences all; else an event is silent when the visit is where it was before,
    whatever more is known of its past.
    """
    told = dict(known.told) if known else {}
    unmoved = STILL if known and _situation(known.state) == _situation(state) else ""
    found = []
    for milestone in state.milestones:
        key = milestone.key(state.subject)
        before = told.get(key)
        if before and not _amends(milestone, before):
            continue
        version = before.version + 1 if before else 1
        told[key] = Told(version, milestone.kind, milestone.disposition)
        reason = silent or state.withheld or unmoved or _reason(milestone, state, history())
        news = {**_of_milestone(milestone, state, history()), **_restated(milestone, before, version)}
        found.append(_event(milestone, state, source, news, reason))
    return EncounterRecord(state, told), tuple(found)


def _situation(state: EncounterState) -> tuple[object, ...]:
    """What makes a difference to those who are told (never a bed, a diagnosis or an insurance)."""
    if state.status in (FINISHED, CANCELLED):
        return (state.status, state.disposition, state.deceased)
    return (state.status, state.cls, state.admitted, state.deceased, state.site)


def _amends(milestone: Milestone, before: Told) -> bool:
    if milestone.family != DISCHARGE or milestone.cancelled:
        return False
    restated = before.disposition not in ("", milestone.disposition)
    return restated or milestone.kind != before.kind


def _reason(milestone: Milestone, state: EncounterState, history: Iterable[EncounterState]) -> str:
    if milestone.cancelled:
        return TAKEN_BACK
    if milestone.kind == "death" and _death_known(milestone, state, history):
        return DIED_BEFORE
    return ""


def _death_known(milestone: Milestone, state: EncounterState, history: Iterable[EncounterState]) -> bool:
    earlier = state.milestones[: state.milestones.index(milestone)]
    others = (m for other in history for m in other.milestones)
    return any(m.kind == "death" and not m.cancelled for m in (*earlier, *others))


def _restated(milestone: Milestone, before: Told | None, version: int) -> Json:
    numbers = {"version": version, "ordinal": milestone.ordinal}
    return {**numbers, "amended": True, "disposition_before": before.disposition} if before else numbers


def _event(milestone: Milestone, state: EncounterState, source: Source, news: Json, silent: str) -> CareEvent:
    amended = news.get("amended", False)
    key = milestone.key(state.subject)
    head = {
        "kind": milestone.kind,
        "type": _type(milestone),
        "occurred_at": source.occurred_at if amended else milestone.at,
        "received_at": source.received_at,
    }
    return CareEvent(
        event_key=key,
        type=head["type"],
        kind=milestone.kind,
        person_id=source.person_id,
        subject=state.subject,
        message_id=source.message_id,
        occurred_at=head["occurred_at"],
        facts=facts({**of_visit(state), **news, **head}),
        version=news["version"],
        corrects=key if amended else milestone.cancels(state.subject),
        silent=silent,
    )


_TYPES = {
    ADMIT: events.ADMITTED,
    TRANSFER: events.TRANSFERRED,
    DISCHARGE: events.DISCHARGED,
    DEATH: events.DISCHARGED,
    f"{ADMIT}-cancelled": events.ADMIT_CANCELLED,
    f"{DISCHARGE}-cancelled": events.DISCHARGE_CANCELLED,
    f"{TRANSFER}-cancelled": events.TRANSFER_CANCELLED,
}


def _type(milestone: Milestone) -> str:
    if milestone.kind in ("transfer-in", "transfer-out"):
        return events.TRANSFERRED
    return _TYPES.get(milestone.family, events.CLASS_CHANGED)


def of_visit(state: EncounterState) -> Json:
    """The facts that a visit as a whole has; a document about the visit has them too."""
    diagnosis = state.diagnoses[0] if state.diagnoses and "diagnosis" not in state.masked else None
    return {
        "class": state.cls,
        "status": state.status,
        "facility": state.site or state.facility,
        "unit": state.unit,
        "visit_number": state.visit_number,
        "admit_source": state.admit_source,
        "disposition": state.disposition,
        "disposition_group": group(state.disposition),
        "reason": "" if "reason" in state.masked else state.reason.text or state.reason.code,
        "diagnosis": (diagnosis.text or diagnosis.code) if diagnosis else "",
        "diagnosis_code": diagnosis.code if diagnosis else "",
        "masked": list(state.masked),
        "labels": list(state.labels),
        "attending": state.attending.name,
        "attending_npi": state.attending.npi,
        "admitted_at": state.admitted_at,
        "inpatient_at": state.inpatient_at,
        "discharged_at": state.discharged_at,
        "admission_seen": state.admitted,
        "deceased": state.deceased,
        **_stay(state),
    }


def _stay(state: EncounterState) -> Json:
    """The length of stay by instants, from when the patient became an inpatient, else from the admission."""
    span = between(state.inpatient_at or state.admitted_at, state.discharged_at)
    if span is None or span.total_seconds() < 0:
        return {}
    return {"length_of_stay": days_and_hours(span), "length_of_stay_hours": int(span.total_seconds()) // 3600}


def _of_milestone(milestone: Milestone, state: EncounterState, history: Sequence[EncounterState]) -> Json:
    known: Json = {"class": milestone.cls or state.cls, "class_before": "", "admission_seen": milestone.seen}
    if milestone.family not in _TYPES:
        known["class_before"] = milestone.was
    if milestone.family in (DISCHARGE, f"{DISCHARGE}-cancelled"):
        known |= {"disposition": milestone.disposition, "disposition_group": group(milestone.disposition)}
    if milestone.kind == "death":
        known |= {"deceased": True}
    if milestone.family == f"{DISCHARGE}-cancelled":
        known |= {"discharged_at": milestone.was}
    days = _days_since_discharge(milestone, history)
    return known | ({"readmission": True, "days_since_discharge": days} if days >= 0 else {})


def _days_since_discharge(milestone: Milestone, history: Sequence[EncounterState]) -> int:
    """Whole days since the newest inpatient discharge of another visit, at most 30; -1 when this is no readmission."""
    if milestone.cls != INPATIENT or milestone.family in (DISCHARGE, DEATH) or milestone.family.endswith("-cancelled"):
        return -1
    spans = [between(s.discharged_at, milestone.at) for s in history if _went_home(s)]
    days = [span.days for span in spans if span is not None and 0 <= span.days <= READMISSION_DAYS]
    return min(days, default=-1)


def _went_home(state: EncounterState) -> bool:
    discharge = state.active(DISCHARGE)
    return state.cls == INPATIENT and discharge is not None and discharge.kind == "discharge"
