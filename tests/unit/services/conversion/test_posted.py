"""Posted FHIR in the convert stage: whose it is, and what waits for a person."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from hub.model import Json, Stream
from hub.services import stages
from hub.services.checks.feed_trial import try_feed
from hub.services.context import Hub
from hub.services.conversion.files import convert_paths
from hub.services.operations import browse
from hub.services.operations.ledger import ledger
from hub.services.operations.replay import replay
from hub.services.records import raw_record
from tests.intake import opened
from tests.unit.fhir.posted.posting import FEED, bundle, order, patient, raws, task, to

FIXTURES = Path(__file__).parents[4] / "fixtures" / "messages"
NUMBER = {"system": "urn:oid:1.2.3", "value": "70045"}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path, FEED)
    yield opened_hub
    opened_hub.close()


def post(hub: Hub, *bodies: Json) -> list[browse.MessageView]:
    """The messages of the bodies, when all of them have had their turn."""
    found = [raw for body in bodies for raw in raws(orjson.dumps(body))]
    hub.streams.append(Stream.RAW, [raw_record(raw) for raw in found])
    stages.drain(hub)
    return [browse.show(hub, raw.id) for raw in found]


def test_a_patient_posted_before_is_found_again(hub: Hub) -> None:
    """By his address, by a number, or by both: it is one person."""
    known = patient(identifier=[NUMBER])
    by_address, by_number = order(), order(id="SR2", subject={"identifier": NUMBER})
    by_search = order(id="SR3", subject=to("Patient?identifier=urn:oid:1.2.3|70045"))
    views = post(hub, known, by_address, by_number, by_search)
    assert {view.row.status for view in views} == {"converted"}
    assert len({view.row.person_id for view in views}) == 1
    assert {view.row.patient for view in views} == {"Andrews"}


def test_a_patient_whom_nobody_has_posted_is_waited_for(hub: Hub) -> None:
    """A message about a patient by an address alone is held; when he has been posted, it is converted again."""
    (view,) = post(hub, order())
    assert (view.row.status, view.row.code) == ("held", "unknown-patient")
    assert "p1" not in view.row.reason
    (patient_view,) = post(hub, patient())
    replay(hub, ["held"])
    stages.drain(hub)
    again = browse.show(hub, view.row.id).row
    assert (again.status, again.person_id) == ("converted", patient_view.row.person_id)
    (row,) = ledger(hub)
    assert row.balanced


def test_a_number_names_a_patient_as_in_hl7v2(hub: Hub) -> None:
    """A patient by number alone is a person of his own, whom a name may be learned of later."""
    (view,) = post(hub, order(subject={"identifier": NUMBER}))
    assert view.row.status == "converted"
    (named,) = post(hub, patient(identifier=[NUMBER]))
    assert named.row.person_id == view.row.person_id


def test_the_same_address_of_two_feeds_is_two_patients(tmp_path: Path) -> None:
    """Patient/p1 of one system is not Patient/p1 of another."""
    other = FEED.model_copy(update={"name": "love"})
    hub = opened(tmp_path, FEED, other)
    (first,) = post(hub, patient())
    text = orjson.dumps(patient(name=[{"family": "Brown"}], birthDate="1960-01-02"))
    (raw,) = raws(text)
    record = raw_record(raw)
    record.headers.update(feed="love", id="another")
    hub.streams.append(Stream.RAW, [record])
    stages.drain(hub)
    assert browse.show(hub, "another").row.status == "converted"
    assert browse.show(hub, "another").row.person_id != first.row.person_id
    hub.close()


def test_a_patient_replaces_another(hub: Hub) -> None:
    """A link ``replaces`` is a merge, as A40 is."""
    post(hub, patient(id="p2", name=[{"family": "Andrew"}]), patient())
    retired = {**patient(id="p2"), "link": [{"other": to("Patient/p1"), "type": "replaced-by"}]}
    survivor = patient(link=[{"other": to("Patient/p2"), "type": "replaces"}])
    post(hub, bundle("transaction", survivor, retired))
    views = post(hub, order(id="a", subject=to("Patient/p1")), order(id="b", subject=to("Patient/p2")))
    assert len({view.row.person_id for view in views}) == 1


def test_what_is_sent_again_is_a_duplicate(hub: Hub) -> None:
    """The same body twice is one message, and the ledger says so."""
    post(hub, patient(), patient())
    (row,) = ledger(hub)
    assert (row.accepted, row.converted, row.duplicate, row.balanced) == (2, 1, 1, True)


def test_what_is_invalid_is_held_with_its_places(hub: Hub) -> None:
    """What came unchecked, by a folder, and is not R4 is held; nothing of it is published."""
    (view,) = post(hub, task(status="aktiv"))
    assert (view.row.status, view.row.code) == ("held", "invalid-fhir")
    assert view.row.reason.startswith("Task.status: not valid FHIR R4")
    assert hub.streams.read(Stream.FHIR, 0, -1, 10) == []


def test_a_feed_is_tried_with_a_file() -> None:
    """hub feed try tells what a batch would become, and what would be held."""
    report = try_feed(FEED, FIXTURES / "fhir_batch" / "patient_after_his_order.json", 5)
    assert (report.messages, report.held, report.becomes["Patient"]) == (3, 0, 3)
    report = try_feed(FEED, FIXTURES / "fhir_service_request" / "not_r4.json", 5)
    assert (report.messages, report.held) == (1, 1)


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    """A file that is cut off has one bundle that says so, and the next file is converted."""
    (tmp_path / "a.json").write_bytes(b'{"resourceType": "Patient"')
    (tmp_path / "b.json").write_bytes(orjson.dumps(patient()))
    (_, broken), (_, good) = convert_paths([str(tmp_path)], FEED)
    assert "not JSON" in broken["entry"][0]["resource"]["issue"][0]["diagnostics"]
    assert good["type"] == "message"
