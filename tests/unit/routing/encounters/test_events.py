from hub.routing.encounters.events import DIED_BEFORE, STILL, TAKEN_BACK
from hub.routing.encounters.projection import fold
from hub.routing.events import REPLAYED
from tests.unit.routing.encounters.test_projection import AGAIN, ARRIVAL, CANCELLED, DISCHARGE, INPATIENT, STORY, UPDATE
from tests.unit.routing.encounters.visits import kinds, stated, told


def test_fourteen_updates_tell_nothing() -> None:
    """Updates that move a bed or an insurance are silent."""
    storm = [stated("A08", f"2026-03-02T13:{minute:02}:00-05:00", unit=f"ED {minute}") for minute in range(14)]
    assert kinds(told(ARRIVAL, *storm)[1], silent=True) == ["ed-arrival"]


def test_a_stay_is_told_by_its_milestones() -> None:
    """Arrival, conversion, discharge, its cancellation and the second discharge are told once each."""
    _, events = told(*STORY)
    assert kinds(events) == ["ed-arrival", "ed-to-inpatient", "discharge", "cancel-discharge", "discharge"]
    first, cancel, second = events[2:]
    assert cancel.corrects == first.event_key
    assert (second.event_key != first.event_key, second.facts["ordinal"]) == (True, 2)


def test_the_length_of_stay_is_by_instants() -> None:
    """From 17:05-05:00 to 16:05-04:00 a week later, over the change of the clocks, are 6 days and 22 hours."""
    discharge = told(*STORY)[1][-1]
    assert discharge.facts["length_of_stay"] == "6 d 22 h"
    assert discharge.facts["length_of_stay_hours"] == 166


def test_what_was_told_is_not_told_again() -> None:
    """The same statements once more give no event."""
    assert kinds(told(*STORY, *STORY)[1]) == kinds(told(*STORY)[1])


def test_a_discharge_before_its_admission_is_told_and_flagged() -> None:
    """A discharge that comes first says that the admission was not seen; the late admission fills in silently."""
    _, events = told(DISCHARGE, ARRIVAL)
    assert [(e.kind, e.silent) for e in events] == [("discharge", ""), ("ed-arrival", STILL)]
    assert events[0].facts["admission_seen"] is False


def test_an_update_before_the_admission_does_not_swallow_it() -> None:
    """An update that comes first tells nothing; the admission that follows is told."""
    assert kinds(told(UPDATE, ARRIVAL)[1]) == ["ed-arrival"]


def test_a_late_arrival_does_not_repeat_the_admission() -> None:
    """A04 that comes after A06 fills in where the patient came from and tells nobody."""
    _, events = told(INPATIENT, ARRIVAL)
    assert kinds(events) == ["inpatient-admit"]
    assert all(e.silent for e in events[1:])


def test_a_cancelled_visit_that_was_not_known_tells_nobody() -> None:
    """An admission that arrives after its cancellation was taken back before it could be reported."""
    cancel = stated("A11", "2026-03-02T13:00:00-05:00")
    _, events = told(cancel, ARRIVAL)
    assert all(e.silent for e in events)
    assert events[0].silent in (STILL, TAKEN_BACK)


def test_cancelling_an_admission_after_the_discharge_cancels_both() -> None:
    """A11 after A03 is told for the discharge and for the admission."""
    cancel = stated("A11", "2026-03-09T15:00:00-04:00")
    _, events = told(ARRIVAL, DISCHARGE, cancel)
    assert [(e.kind, e.corrects) for e in events[2:]] == [
        ("cancel-discharge", events[1].event_key),
        ("cancel-admit", events[0].event_key),
    ]


def test_another_disposition_amends_the_discharge() -> None:
    """An update that changes the disposition restates the same discharge; one that fills it in tells nothing."""
    home = stated("A08", "2026-03-09T18:00:00-04:00", disposition="03")
    _, events = told(ARRIVAL, DISCHARGE, home)
    amended = events[-1]
    assert (amended.version, amended.event_key, amended.corrects) == (2, events[1].event_key, events[1].event_key)
    assert (amended.facts["disposition_before"], amended.facts["disposition_group"]) == ("01", "post-acute")
    unstated = stated("A03", "2026-03-09T14:20:00-04:00")
    filled = stated("A08", "2026-03-09T18:00:00-04:00", disposition="01")
    assert kinds(told(ARRIVAL, unstated, filled)[1], silent=True) == ["ed-arrival", "discharge"]


def test_death_is_told_once_for_a_person() -> None:
    """A discharge that repeats a reported death is silent, in the same visit and in another one."""
    died = stated("A08", "2026-03-09T08:00:00-04:00", deceased=True)
    end = stated("A03", "2026-03-09T09:00:00-04:00", disposition="20", deceased=True)
    state, events = told(ARRIVAL, died, end)
    assert [(e.kind, e.silent) for e in events[1:]] == [("death", ""), ("death", DIED_BEFORE)]
    other = stated("A03", "2026-03-09T10:00:00-04:00", visit="V2", disposition="20")
    assert told(other, history=[state])[1][0].silent == DIED_BEFORE


def test_an_admission_within_thirty_days_is_a_readmission() -> None:
    """An inpatient admission within 30 days of an inpatient discharge from any visit carries the days in between."""
    before = fold(STORY)
    soon = stated("A01", "2026-03-20T10:00:00-04:00", visit="V2", cls="IMP")
    late = stated("A01", "2026-05-20T10:00:00-04:00", visit="V3", cls="IMP")
    emergency = stated("A04", "2026-03-20T10:00:00-04:00", visit="V4")
    (event,) = told(soon, history=[before])[1]
    assert (event.facts["readmission"], event.facts["days_since_discharge"]) == (True, 10)
    assert not told(late, history=[before])[1][0].facts["readmission"]
    assert not told(emergency, history=[before])[1][0].facts["readmission"]


def test_a_replay_is_silent() -> None:
    """What a replay brings to light is recorded and told to nobody."""
    _, events = told(ARRIVAL, silent=REPLAYED)
    assert [e.silent for e in events] == [REPLAYED]


def test_a_cancellation_that_comes_late_changes_nothing_that_was_told() -> None:
    """A13 that arrives after the second A03 leaves a finished visit finished, silently."""
    _, events = told(ARRIVAL, DISCHARGE, AGAIN, CANCELLED)
    assert kinds(events) == ["ed-arrival", "discharge"]
