from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select

from hub.model import Stage, Stream
from hub.routing.encounters.events import STILL
from hub.routing.events import REPLAYED
from hub.services import stages
from hub.services.context import Hub
from hub.services.routing import route as stage
from hub.store import schema
from hub.store.engine import reading, writing
from tests.unit.services.hospital import adt
from tests.unit.services.routed import BUSY, events, notices, on_panel, opened, route, storm, told, trace

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with closing(opened(tmp_path)) as hub:
        yield hub


def kinds(hub: Hub) -> list[str]:
    return [n.kind for n in notices(hub) if n.practice == "busy"]


def test_an_arrival_and_a_conversion_are_two_notices(hub: Hub) -> None:
    """Emergency arrival, fourteen updates and an admission tell the PCP and the specialist twice each (scenario A)."""
    route(hub, told("d1-referral"), told("a1-ed-arrival"), *storm(14), told("a3-ed-to-inpatient"))
    assert kinds(hub) == ["ed-arrival", "ed-to-inpatient"]
    assert [n.kind for n in notices(hub) if n.practice == "love"] == [
        "referral-requested",
        "ed-arrival",
        "ed-to-inpatient",
    ]
    route(hub, told("a1-ed-arrival").replace(b"MERCY-A04-1", b"MERCY-A04-2"))
    assert kinds(hub) == ["ed-arrival", "ed-to-inpatient"]


def test_a_discharge_a_cancellation_and_a_second_discharge(hub: Hub) -> None:
    """Scenario B: discharge, cancelled, discharge v2 after 6 days and 22 hours, then the summary with what changed."""
    stay = ("a1-ed-arrival", "a3-ed-to-inpatient", "b1-discharge", "b2-cancel-discharge", "b3-discharge-again")
    route(hub, *map(told, stay))
    route(hub, told("b4-discharge-summary"))
    assert kinds(hub)[2:] == ["discharge", "cancel-discharge", "discharge", "discharge-summary"]
    second = [n.title for n in notices(hub)][4]
    assert second == "Discharged home from MERCY (v2)"
    (summary,) = [e for e in events(hub) if e["kind"] == "discharge-summary"]
    assert summary["facts"]["length_of_stay"] == "6 d 22 h"
    assert len(summary["facts"]["changes"]) == 3


def test_a_discharge_opens_a_task_and_its_cancellation_closes_it(hub: Hub) -> None:
    """Each discharge has a task of transitional care for the PCP's practice; the cancelled one's is cancelled."""
    route(hub, *map(told, ("a1-ed-arrival", "a3-ed-to-inpatient", "b1-discharge", "b2-cancel-discharge")))
    route(hub, told("b3-discharge-again"))
    with reading(hub.main) as connection:
        rows = connection.execute(select(schema.tasks.c.status, schema.tasks.c.practice_id, schema.tasks.c.due)).all()
    assert sorted(map(tuple, rows)) == [("cancelled", "busy", "2026-03-11"), ("open", "busy", "2026-03-11")]


STAY = ("a1-ed-arrival", "a3-ed-to-inpatient", "b1-discharge", "b2-cancel-discharge", "b3-discharge-again")


@pytest.mark.parametrize("order", [(0, 2, 1, 4, 3), (2, 0, 3, 4, 1), (4, 3, 2, 1, 0), (0, 4, 3, 1, 2)])
def test_the_tasks_of_a_stay_do_not_depend_on_the_order_of_its_messages(hub: Hub, order: tuple[int, ...]) -> None:
    """Transitional care follows from where the visit stands: a late admission or a late cancellation loses no task."""
    for number in order:
        route(hub, told(STAY[number]))
    with reading(hub.main) as connection:
        rows = connection.execute(select(schema.tasks.c.status, schema.tasks.c.practice_id, schema.tasks.c.due)).all()
    assert sorted(map(tuple, rows)) == [("cancelled", "busy", "2026-03-11"), ("open", "busy", "2026-03-11")]


def test_a_critical_result_and_its_correction(hub: Hub) -> None:
    """Scenario C: a critical potassium is urgent, its correction too and to the same practice."""
    route(hub, told("c2-potassium-critical"), told("c3-potassium-corrected"))
    assert [(n.urgency, n.title) for n in notices(hub)] == [
        ("urgent", "Critical result: Potassium 6.1 mmol/L (HH)"),
        ("urgent", "CORRECTED 6.1→5.1: Potassium"),
    ]


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_the_size_of_batches_makes_no_difference(tmp_path: Path, batch: int) -> None:
    """The same messages give the same notices, whatever arrives in one batch."""
    names = ("b3-discharge-again", "a3-ed-to-inpatient", "a1-ed-arrival", "b2-cancel-discharge", "b1-discharge")
    with closing(opened(tmp_path, batch=batch)) as hub:
        route(hub, *map(told, names), *storm(5), told("c3-potassium-corrected"), told("c2-potassium-critical"))
        assert kinds(hub) == ["discharge", "result-final"]


def test_an_admission_that_comes_late_fills_in_silently(hub: Hub) -> None:
    """A discharge before its admission is told and flagged; the admission is recorded and told to nobody."""
    route(hub, adt("1", "A03", patient_class="I", at="202603091420"))
    (late,) = route(hub, adt("2", "A01", patient_class="I", at="202603021240"))
    assert kinds(hub) == ["discharge"]
    assert events(hub)[0]["facts"]["admission_seen"] is False
    (happened,) = trace(hub, late)["events"]
    assert (happened["event"]["silent"], happened["decisions"]) == (STILL, [])


def test_a_trace_says_what_was_stated_decided_and_told(hub: Hub) -> None:
    """The trace of a message has its statements, the change of the visit, every rule with its values, the notice."""
    (arrival,) = route(hub, adt("1"))
    written = trace(hub, arrival)
    assert [s["kind"] for s in written["statements"]] == ["encounter"]
    assert written["projections"][0]["after"]["class"] == "EMER"
    (happened,) = written["events"]
    decided = {d["rule"]: d for d in happened["decisions"]}
    assert decided["ed-arrival"]["values"] == {"kind": "ed-arrival"}
    assert decided["ed-arrival"]["recipients"][0]["practice_id"] == "busy"
    assert decided["inpatient-admit"]["matched"] is False
    assert [n["practice_id"] for n in happened["notices"]] == ["busy"]


def test_a_trace_says_why_nothing_happened(hub: Hub) -> None:
    """A message that tells nothing says why."""
    arrival, update = route(hub, adt("1"), adt("2", "A08", at="202603021300"))
    assert trace(hub, update)["none"] == "the visit is where it was"
    (person,) = route(hub, adt("3", "A31", at="202603021400"))
    assert trace(hub, person)["none"].startswith("it says nothing")
    assert trace(hub, arrival)["none"] == ""


def test_a_pcp_whom_no_practice_has_is_not_told(hub: Hub) -> None:
    """A clinician that no practice lists is named with the reason why nobody was told."""
    (arrival,) = route(hub, adt("1").replace(BUSY.encode(), b"1999999984"))
    assert notices(hub) == []
    decided = {d["rule"]: d for d in trace(hub, arrival)["events"][0]["decisions"]}
    assert "no practice here" in decided["ed-arrival"]["not_told"][0]["reason"]


def test_the_panel_tells_a_practice_that_the_message_does_not_name(hub: Hub) -> None:
    """A person on a panel is that practice's, whoever PD1-4 names; both are told."""
    route(hub, adt("1"))
    with reading(hub.main) as connection:
        person = connection.execute(select(schema.encounters.c.person_id)).scalar_one()
    on_panel(hub, "love", "1111111112", person)
    route(hub, adt("2", "A06", patient_class="I", at="202603021705"))
    assert [n.practice for n in notices(hub)] == ["busy", "love", "busy"]


def test_a_message_of_the_visit_without_pd1_tells_the_known_pcp(hub: Hub) -> None:
    """A discharge that names no PCP goes to whom the visit named before."""
    without = b"\r".join(s for s in adt("2", "A03", at="202603021900").split(b"\r") if not s.startswith(b"PD1"))
    route(hub, adt("1"), without)
    assert kinds(hub) == ["ed-arrival", "discharge"]


def test_a_merge_is_an_event_that_no_shipped_rule_tells(hub: Hub) -> None:
    """A40 is recorded once; nobody is told unless a site has a rule for it."""
    merge = adt("3", "A40", more="MRG|81230^^^MERCY^MR\r")
    route(hub, adt("1"), adt("2", mrn="81230", visit="V2"), merge, merge.replace(b"|3|", b"|4|"))
    assert [e["type"] for e in events(hub)][2:] == ["patient.merged"]
    assert len(notices(hub)) == 2


def test_test_data_never_leaves_the_hub(hub: Hub) -> None:
    """A message in processing mode T moves its visit and tells nobody."""
    (message,) = route(hub, adt("1").replace(b"|P|2.5.1", b"|T|2.5.1"))
    assert notices(hub) == []
    assert "test data" in trace(hub, message)["events"][0]["event"]["silent"]


def replayed(hub: Hub, **marks: str) -> int:
    """Routes all bundles once more as a replay; how many records that publishes."""
    records = hub.streams.read(Stream.FHIR, 0, -1, 100)
    marked = [replace(r, headers={**r.headers, "replay": "1", **marks}) for r in records]
    with writing(hub.main) as transaction:
        outputs = stage.route_batch(transaction, hub, marked)
        for stream, record in outputs.records:
            hub.streams.publish(transaction, stream, [record])
    return len(outputs.records)


def test_a_replay_changes_nothing(hub: Hub) -> None:
    """Everything once more gives no event and no notice, and leaves the states as they were."""
    names = ("d1-referral", "a1-ed-arrival", "a3-ed-to-inpatient", "b1-discharge", "b2-cancel-discharge")
    more = ("b3-discharge-again", "b4-discharge-summary", "c2-potassium-critical", "c3-potassium-corrected")
    route(hub, *map(told, names + more))
    before = (notices(hub), events(hub), states(hub))
    assert replayed(hub) == 0
    assert (notices(hub), events(hub), states(hub)) == before


def test_what_only_a_replay_finds_is_silent(hub: Hub) -> None:
    """An event that a replay brings to light is recorded; only practices that are named are told."""
    route(hub, adt("1"))
    with writing(hub.main) as transaction:
        for table in (schema.encounters, schema.statements, schema.events, schema.notifications):
            transaction.execute(table.delete())
    assert replayed(hub) == 1
    assert [e["silent"] for e in events(hub)] == [REPLAYED]
    assert notices(hub) == []
    with writing(hub.main) as transaction:
        for table in (schema.encounters, schema.statements, schema.events):
            transaction.execute(table.delete())
    assert replayed(hub, redeliver="love,busy") == 2
    assert [n.practice for n in notices(hub)] == ["busy"]


def states(hub: Hub) -> list[bytes]:
    with reading(hub.main) as connection:
        return [
            state
            for table in (schema.encounters, schema.results, schema.referrals)
            for state in connection.execute(select(table.c.state).order_by(table.c.id)).scalars()
        ]


def test_messages_are_booked_as_routed(hub: Hub) -> None:
    """Every message that went through the stage is booked as routed, whatever came of it."""
    route(hub, adt("1"), adt("2", "A31"), told("c2-potassium-critical"))
    with reading(hub.main) as connection:
        assert connection.execute(select(func.count()).where(schema.messages.c.routed)).scalar_one() == 3


def test_events_and_notices_are_published(hub: Hub) -> None:
    """Events and notices are records keyed by the person, with CloudEvents headers."""
    (message,) = route(hub, adt("1"))
    (event,) = hub.streams.read(Stream.EVENTS, 0, -1, 10)
    (notice,) = hub.streams.read(Stream.NOTIFICATIONS, 0, -1, 10)
    assert event.key == notice.key == event.headers["subject"]
    assert (event.headers["type"], event.headers["source"]) == ("encounter.admitted", "feed/mercy")
    assert orjson.loads(event.value)["message_id"] == message
    assert stages.run_batch(hub, Stage.DELIVER) > 0
