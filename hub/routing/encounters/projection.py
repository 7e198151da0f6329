"""An encounter is the fold of all statements about one visit, in the order in which they happened.

A care event is a *milestone* of the fold, never a message: fourteen updates of a visit are one state and no event.
A milestone is named by its family and an ordinal that rises only after a cancel, so an admission that is restated
stays the first admission, and a discharge after a cancelled one is the second.

Sources: HL7 v2.9 chapter 3 (triggers), tables 0112 (discharge disposition) and 0023 (admit source), and the event
catalogue of the Da Vinci notifications.
"""

from collections.abc import Callable
from dataclasses import replace

from hub.routing.encounters.dispositions import ACUTE_CARE, DIED, OTHER_FACILITY
from hub.routing.encounters.state import (
    ADMIT,
    CANCELLED,
    DEATH,
    DISCHARGE,
    EMERGENCY,
    FINISHED,
    IN_PROGRESS,
    INPATIENT,
    OBSERVATION,
    OUTPATIENT,
    PLANNED,
    PREADMISSION,
    TRANSFER,
    EncounterState,
    Milestone,
)
from hub.routing.statements import Coded, EncounterStatement, Party

_UNSTATED, _NOBODY = Coded(), Party()

ARRIVALS = {EMERGENCY: "ed-arrival", INPATIENT: "inpatient-admit", OBSERVATION: "observation"}


def fold(statements: list[EncounterStatement]) -> EncounterState:
    """The visit that these statements make, whatever order they are given in; at least one."""
    ordered = sorted(statements, key=lambda s: s.source.order_key)
    state = EncounterState(ordered[0].subject)
    for statement in ordered:
        state = step(state, statement)
    return state


def step(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """The visit after one more statement, which must be the newest."""
    described = _described(state, s)
    moved = _TRIGGERS.get(s.trigger, _update)(described, s)
    return _died(moved, s) if s.deceased and not state.deceased else moved


def milestones(state: EncounterState) -> tuple[Milestone, ...]:
    """What happened in the visit, in order, cancelled things included."""
    return state.milestones


# --- what each trigger does ------------------------------------------------------------------------------------


def _described(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """What the newest statement says of the visit besides moving it; what it leaves empty stays."""
    return replace(
        state,
        last=s.source.order_key,
        visit_number=s.visit_number or state.visit_number,
        facility=state.facility or s.facility,
        site=state.site or s.site,
        unit=s.unit or state.unit,
        admit_source=s.admit_source or state.admit_source,
        reason=s.reason if s.reason != _UNSTATED else state.reason,
        diagnoses=s.diagnoses or state.diagnoses,
        attending=s.attending if s.attending != _NOBODY else state.attending,
        admitted_at=s.admitted_at or state.admitted_at,
        pcps=s.pcps or state.pcps,
        withheld=s.withheld or state.withheld,
        masked=tuple(sorted({*s.masked, *state.masked})),
        labels=tuple(sorted({*s.labels, *state.labels})),
        cls=state.cls or s.cls,
        status=state.status or IN_PROGRESS,
    )


def _plan(state: EncounterState, s: EncounterStatement) -> EncounterState:
    return state if state.admitted or state.status == FINISHED else replace(state, status=PLANNED)


def _admit(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A01, A04: an admission, unless the visit has one: then at most a conversion to another class."""
    if state.status == FINISHED:
        return replace(state, admitted=True)
    if state.admitted:
        # Registering someone again who is an inpatient already takes nothing back: that is A07's to say.
        return state if state.cls == INPATIENT else _reclass(state, s, s.cls)
    return _admission(state, s, s.cls or state.cls)


def _admission(state: EncounterState, s: EncounterStatement, cls: str) -> EncounterState:
    start = s.admitted_at or s.source.occurred_at
    inpatient_at = start if cls == INPATIENT else ""
    began = replace(
        state, status=IN_PROGRESS, cls=cls, admitted=True, admitted_at=start, inpatient_at=inpatient_at, disposition=""
    )
    kind = ARRIVALS.get(cls, "")
    if kind == "inpatient-admit" and state.admit_source in OTHER_FACILITY:
        kind = "transfer-in"
    return _with(began, s, ADMIT, kind, cls=cls) if kind else began


def _to_inpatient(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A06: by its meaning the visit is an inpatient stay from now on."""
    if state.status == FINISHED:
        return replace(state, admitted=True)
    if state.admitted:
        return _reclass(state, s, INPATIENT)
    admitted = _admission(state, s, INPATIENT)
    return replace(admitted, inpatient_at=s.source.occurred_at)


def _to_outpatient(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A07: by its meaning the visit is no inpatient stay any more."""
    cls = s.cls if s.cls not in ("", INPATIENT) else OUTPATIENT
    return _reclass(replace(state, admitted=True), s, cls)


def _move(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A02: bed moves are silent; a change of facility is a transfer."""
    moved = _update(state, s)
    if s.site in ("", state.site):
        return moved
    known = _with(moved, s, TRANSFER, "transfer-in", cls=moved.cls, was=state.site)
    return replace(known, site=s.site)


def _update(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A08 and whatever else describes a visit."""
    if state.status == FINISHED:
        return _amended(state, s)
    return _reclass(state, s, s.cls) if state.admitted else replace(state, cls=s.cls or state.cls)


def _reclass(state: EncounterState, s: EncounterStatement, cls: str) -> EncounterState:
    if not cls or cls in (state.cls, PREADMISSION) or state.status == FINISHED:
        return state
    inpatient_at = s.source.occurred_at if cls == INPATIENT else ""
    changed = replace(state, cls=cls, inpatient_at=inpatient_at)
    kind = _class_change(state.cls, cls)
    return _with(changed, s, kind, kind, cls=cls, was=state.cls) if kind else changed


def _class_change(was: str, cls: str) -> str:
    if cls == INPATIENT:
        return "inpatient-admit" if was in ("", PREADMISSION) else "ed-to-inpatient"
    if was == INPATIENT:
        return "inpatient-to-outpatient"
    return ARRIVALS.get(cls, "")


def _discharge(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A03: exactly one kind per discharge; restated, it may be amended."""
    if state.active(DISCHARGE):
        return _amended(state, s)
    at = s.discharged_at or s.source.occurred_at
    ended = replace(state, status=FINISHED, discharged_at=at, disposition=s.disposition)
    kind = _ending(s.disposition, s.deceased or state.deceased)
    return _with(ended, s, DISCHARGE, kind, cls=state.cls, disposition=s.disposition, seen=state.admitted)


def _ending(disposition: str, deceased: bool) -> str:
    if deceased or disposition in DIED:
        return "death"
    return "transfer-out" if disposition in ACUTE_CARE else "discharge"


def _amended(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A finished visit whose disposition is stated anew: the same discharge with other contents."""
    discharge = state.active(DISCHARGE)
    if discharge is None or not s.disposition or s.disposition == discharge.disposition:
        return state
    kind = _ending(s.disposition, discharge.kind == "death" and discharge.disposition not in DIED)
    stated = replace(discharge, disposition=s.disposition, kind=kind)
    return _replaced(replace(state, disposition=s.disposition), discharge, stated)


def _cancel_admit(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A11: the visit never was; a discharge of it is taken back with it."""
    for family in (DISCHARGE, ADMIT):
        state = _cancelled(state, s, family)
    rest = tuple(m if m.family.endswith("-cancelled") else replace(m, cancelled=True) for m in state.milestones)
    return replace(state, status=CANCELLED, admitted=False, inpatient_at="", discharged_at="", milestones=rest)


def _cancel_transfer(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A12."""
    transfer = state.active(TRANSFER)
    if transfer is None:
        return state
    return replace(_cancelled(state, s, TRANSFER), site=transfer.was)


def _cancel_discharge(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """A13: the patient is still there."""
    taken_back = _cancelled(state, s, DISCHARGE)
    return replace(taken_back, status=IN_PROGRESS, discharged_at="", disposition="")


def _died(state: EncounterState, s: EncounterStatement) -> EncounterState:
    """PID-29 or PID-30 first heard of: a milestone of its own, unless a discharge says the same."""
    known = replace(state, deceased=True)
    discharge = known.active(DISCHARGE)
    if discharge and discharge.kind == "death":
        return known
    return _with(known, s, DEATH, "death", cls=known.cls, disposition=known.disposition)


_TRIGGERS: dict[str, Callable[[EncounterState, EncounterStatement], EncounterState]] = {
    "A01": _admit,
    "A02": _move,
    "A03": _discharge,
    "A04": _admit,
    "A05": _plan,
    "A06": _to_inpatient,
    "A07": _to_outpatient,
    "A08": _update,
    "A11": _cancel_admit,
    "A12": _cancel_transfer,
    "A13": _cancel_discharge,
    "A14": _plan,
}
"""Any other trigger only describes: leave of absence (A21, A22) is no discharge."""


# --- milestones ------------------------------------------------------------------------------------------------


def _with(
    state: EncounterState,
    s: EncounterStatement,
    family: str,
    kind: str,
    *,
    cls: str = "",
    was: str = "",
    disposition: str = "",
    seen: bool = True,
) -> EncounterState:
    ordinal = 1 + sum(m.family == family for m in state.milestones)
    message_id, at = s.source.message_id, s.source.occurred_at
    new = Milestone(family, ordinal, kind, at, message_id, cls, was, disposition, seen)
    return replace(state, milestones=(*state.milestones, new))


def _cancelled(state: EncounterState, s: EncounterStatement, family: str) -> EncounterState:
    """The family's active milestone taken back, with a milestone that says so under the same ordinal."""
    taken = state.active(family)
    if taken is None:
        return state
    marked = _replaced(state, taken, replace(taken, cancelled=True))
    said = Milestone(
        family=f"{family}-cancelled",
        ordinal=taken.ordinal,
        kind=f"cancel-{family}",
        at=s.source.occurred_at,
        message_id=s.source.message_id,
        cls=state.cls,
        was=taken.at,
        disposition=taken.disposition,
    )
    return replace(marked, milestones=(*marked.milestones, said))


def _replaced(state: EncounterState, old: Milestone, new: Milestone) -> EncounterState:
    return replace(state, milestones=tuple(new if m is old else m for m in state.milestones))
