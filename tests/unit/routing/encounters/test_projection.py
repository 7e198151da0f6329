from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.routing.codec import decode
from hub.routing.encounters.events import EncounterRecord
from hub.routing.encounters.projection import fold, milestones, step
from hub.routing.encounters.state import EncounterState
from hub.routing.statements import Coded, EncounterStatement
from tests.unit.routing.encounters.visits import stated

ARRIVAL = stated("A04", "2026-03-02T12:40:00-05:00", admitted_at="2026-03-02T12:40:00-05:00", facility="MERCY")
UPDATE = stated("A08", "2026-03-02T14:00:00-05:00", cls="EMER", unit="ED 3")
INPATIENT = stated("A06", "2026-03-02T17:05:00-05:00", diagnoses=(Coded("I50.9"),))
DISCHARGE = stated("A03", "2026-03-09T14:20:00-04:00", disposition="01")
CANCELLED = stated("A13", "2026-03-09T14:50:00-04:00")
AGAIN = stated("A03", "2026-03-09T16:05:00-04:00", disposition="01")
STORY = [ARRIVAL, UPDATE, INPATIENT, DISCHARGE, CANCELLED, AGAIN]


def names(state: EncounterState) -> list[str]:
    return [f"{m.kind} {m.ordinal}" for m in milestones(state)]


def test_a_stay_is_one_visit_with_its_milestones() -> None:
    """A stay from the emergency arrival to its second discharge is one visit whose milestones count their cancels."""
    state = fold(STORY)
    assert names(state) == ["ed-arrival 1", "ed-to-inpatient 1", "discharge 1", "cancel-discharge 1", "discharge 2"]
    assert (state.status, state.cls, state.disposition, state.unit) == ("finished", "IMP", "01", "ED 3")
    assert state.inpatient_at == INPATIENT.source.occurred_at


@given(st.permutations(STORY))
def test_the_order_of_arrival_does_not_matter(arriving: list[EncounterStatement]) -> None:
    """The same statements make the same visit, whatever order they arrive in."""
    assert fold(arriving) == fold(STORY)


def test_one_step_is_the_same_as_folding_again() -> None:
    """Folding the newest statement onto the state gives what folding the whole journal gives."""
    state = EncounterState(ARRIVAL.subject)
    for count, statement in enumerate(STORY, 1):
        state = step(state, statement)
        assert state == fold(STORY[:count])


def test_a_state_survives_the_database() -> None:
    """A record read back from its JSON is the record that was written."""
    record = EncounterRecord(fold(STORY))
    assert decode(EncounterRecord, orjson.loads(orjson.dumps(record))) == record


def test_a_statement_survives_the_journal() -> None:
    """A statement read back from its JSON is the statement that was written, named PCPs included."""
    statement = replace(INPATIENT, pcps=(("PD1-4", "1234567893"),))
    assert decode(EncounterStatement, orjson.loads(orjson.dumps(statement))) == statement


@pytest.mark.parametrize(
    ("cls", "kind"), [("EMER", "ed-arrival"), ("IMP", "inpatient-admit"), ("OBSENC", "observation"), ("AMB", None)]
)
def test_an_admission_is_named_by_its_class(cls: str, kind: str | None) -> None:
    """An admission is an emergency arrival, an inpatient admission or an observation; an outpatient visit is none."""
    state = fold([stated("A01", "2026-03-02T12:40:00-05:00", cls=cls)])
    assert [m.kind for m in state.milestones] == ([kind] if kind else [])
    assert state.admitted


def test_an_admission_from_another_facility_is_a_transfer() -> None:
    """An admission whose source is another hospital is a transfer in."""
    state = fold([stated("A01", "2026-03-02T12:40:00-05:00", cls="IMP", admit_source="4")])
    assert names(state) == ["transfer-in 1"]


def test_an_admission_after_an_arrival_is_a_conversion() -> None:
    """A01 after A04 on the same visit converts it, and repeating it changes nothing."""
    admit = stated("A01", "2026-03-02T17:05:00-05:00", cls="IMP")
    again = stated("A01", "2026-03-02T18:05:00-05:00", cls="IMP")
    assert names(fold([ARRIVAL, admit, again])) == ["ed-arrival 1", "ed-to-inpatient 1"]


def test_registering_an_inpatient_takes_nothing_back() -> None:
    """A04 of class E on an inpatient visit does not make it an emergency visit again."""
    late = stated("A04", "2026-03-02T18:00:00-05:00")
    assert fold([ARRIVAL, INPATIENT, late]).cls == "IMP"


def test_inpatient_becomes_outpatient() -> None:
    """A07 ends the inpatient stay without ending the visit."""
    state = fold([ARRIVAL, INPATIENT, stated("A07", "2026-03-03T08:00:00-05:00")])
    assert names(state)[-1] == "inpatient-to-outpatient 1"
    assert (state.cls, state.inpatient_at, state.status) == ("AMB", "", "in-progress")


def test_bed_moves_are_no_milestones() -> None:
    """A02 within a facility moves the bed; to another facility it is a transfer that A12 takes back."""
    home = replace(INPATIENT, site="MERCY")
    bed = stated("A02", "2026-03-03T08:00:00-05:00", site="MERCY", unit="ICU 1")
    away = stated("A02", "2026-03-03T09:00:00-05:00", site="MERCY WEST")
    back = stated("A12", "2026-03-03T10:00:00-05:00")
    assert names(fold([ARRIVAL, home, bed])) == ["ed-arrival 1", "ed-to-inpatient 1"]
    state = fold([ARRIVAL, home, bed, away, back])
    assert names(state)[2:] == ["transfer-in 1", "cancel-transfer 1"]
    assert (state.site, state.unit) == ("MERCY", "ICU 1")


def test_cancelling_the_admission_cancels_the_discharge_too() -> None:
    """A11 after A03 takes both back, and a later admission is the second."""
    cancel = stated("A11", "2026-03-09T15:00:00-04:00")
    anew = stated("A01", "2026-03-10T08:00:00-04:00", cls="IMP")
    state = fold([ARRIVAL, INPATIENT, DISCHARGE, cancel])
    assert names(state)[3:] == ["cancel-discharge 1", "cancel-admit 1"]
    assert (state.status, state.discharged_at) == ("cancelled", "")
    assert names(fold([ARRIVAL, INPATIENT, DISCHARGE, cancel, anew]))[-1] == "inpatient-admit 2"


@pytest.mark.parametrize(
    ("disposition", "kind"),
    [("01", "discharge"), ("02", "transfer-out"), ("20", "death"), ("03", "discharge"), ("", "discharge")],
)
def test_a_discharge_is_named_by_its_disposition(disposition: str, kind: str) -> None:
    """A03 is exactly one of discharge, transfer out and death."""
    assert names(fold([stated("A03", "2026-03-09T14:20:00-04:00", disposition=disposition)])) == [f"{kind} 1"]


def test_death_is_heard_of_once() -> None:
    """A death that an update reports is a milestone; the discharge that says the same is one of its own kind."""
    died = stated("A08", "2026-03-03T08:00:00-05:00", deceased=True)
    still = stated("A08", "2026-03-03T09:00:00-05:00", deceased=True)
    assert names(fold([ARRIVAL, died, still])) == ["ed-arrival 1", "death 1"]


def test_leave_of_absence_is_no_discharge() -> None:
    """A21 and A22 leave the visit in progress."""
    left = stated("A21", "2026-03-03T08:00:00-05:00")
    back = stated("A22", "2026-03-03T18:00:00-05:00")
    assert fold([ARRIVAL, INPATIENT, left, back]).status == "in-progress"


def test_a_planned_visit_becomes_an_admission() -> None:
    """A pre-admission is no milestone; the admission that follows is."""
    plan = stated("A05", "2026-03-01T08:00:00-05:00", cls="PRENC")
    state = fold([plan])
    assert (state.status, names(state)) == ("planned", [])
    assert names(fold([plan, stated("A01", "2026-03-02T08:00:00-05:00", cls="IMP")])) == ["inpatient-admit 1"]
