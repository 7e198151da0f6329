from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import insert

from hub.model import Format, MessageStatus, Stage, Stream
from hub.ports import Page
from hub.services import stages
from hub.services.context import Hub
from hub.services.conversion.converted import SEGMENTS_AT_MOST
from hub.services.operations import browse
from hub.services.operations.explain import explain
from hub.store import schema
from hub.store.engine import writing
from tests.unit.services.hospital import MERCY, accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def convert(hub: Hub) -> None:
    while stages.run_batch(hub, Stage.CONVERT):
        pass


def test_a_bundle_is_published_under_its_person(hub: Hub) -> None:
    """The record of hub.fhir is keyed by the person and carries the message's CloudEvents attributes."""
    (message_id,) = accept(hub, adt("M1"))
    convert(hub)
    (record,) = hub.streams.read(Stream.FHIR, 0, -1, 10)
    person_id = browse.show(hub, message_id).row.person_id
    assert record.key == record.headers["subject"] == person_id
    assert (record.headers["id"], record.headers["type"]) == (message_id, "fhir.A04")
    assert orjson.loads(record.value)["resourceType"] == "Bundle"


def test_a_resend_is_booked_as_a_duplicate(hub: Hub) -> None:
    """The same bytes again change nothing, in the same batch or a later one; they are counted."""
    accept(hub, adt("M1"), adt("M1"))
    convert(hub)
    accept(hub, adt("M1"))
    convert(hub)
    assert hub.streams.end(Stream.FHIR, 0) == 1
    view = browse.show(hub, "M1")
    assert (view.row.status, len(view.duplicates)) == (MessageStatus.CONVERTED, 2)


def test_a_control_id_with_other_contents_is_a_new_message_with_a_warning(hub: Hub) -> None:
    """A sender that uses a control id again is processed, never silently."""
    accept(hub, adt("M1"), adt("M1", "A08", at="202603021300"))
    convert(hub)
    again, first = browse.search(hub)
    assert [(m.status, m.code) for m in (first, again)] == [
        (MessageStatus.CONVERTED, ""),
        (MessageStatus.CONVERTED, "control-id-reused"),
    ]
    view = browse.show(hub, again.id)
    assert view.others == (first.id,)
    assert [w["path"] for w in view.traces[Stage.CONVERT]["warnings"]][-1] == "MSH-10"


def test_the_same_control_id_of_another_sender_is_no_reuse(hub: Hub) -> None:
    """Control ids are the sender's own."""
    accept(hub, adt("M1"), adt("M1").replace(b"|ADT|MERCY|", b"|ADT|LAKESIDE|"))
    convert(hub)
    assert {m.code for m in browse.search(hub)} == {""}


def test_what_cannot_be_read_is_held_with_its_reason(hub: Hub) -> None:
    """A document without a reader is kept, with a code and a reason, for a person to look at."""
    accept(hub, b"GIF89a", feed="fax", kind="image/gif", form=Format.DOCUMENT)
    convert(hub)
    (held,) = browse.search(hub, status="held")
    assert (held.code, held.reason) == ("no-reader", "no reader for documents of type image/gif is installed")
    assert hub.streams.end(Stream.FHIR, 0) == -1


def test_a_monstrous_message_is_held(hub: Hub) -> None:
    """A message of more segments than any report has is kept for a person, and the next one is converted."""
    accept(hub, adt("M1", more="NTE|1||x\r" * SEGMENTS_AT_MOST), adt("M2"))
    convert(hub)
    assert [(m.control_id, m.status) for m in browse.search(hub)] == [("M2", "converted"), ("M1", "held")]
    assert browse.show(hub, "M1").row.reason == "MSH: the message has 10005 segments, more than 10000"


def test_an_identifier_of_somebody_else_is_held(hub: Hub) -> None:
    """A known number with another name and birth date waits for a person, with the path of the number."""
    accept(hub, adt("M1"), adt("M2", name="Brooks^Ellen", born="19600202", phone=""))
    convert(hub)
    (held,) = browse.search(hub, status="held")
    assert (held.control_id, held.code) == ("M2", "identity-conflict")
    assert held.reason.startswith("PID-3: ")
    assert "Brooks" not in held.reason


def test_a_bare_number_belongs_to_the_facility_that_sends_it(hub: Hub) -> None:
    """Two facilities on one feed may give the same number to two people: without an authority it is the sender's."""
    bare = adt("M1", mrn="7^^").replace(b"^^^MERCY^VN", b"").replace(b"^^^MERCY^MR", b"")
    other = bare.replace(b"|ADT|MERCY|", b"|ADT|LAKESIDE|").replace(b"Andrews^Harold", b"Brooks^Ellen")
    accept(hub, bare, other, bare.replace(b"|M1|", b"|M2|"))
    convert(hub)
    again, lakeside, mercy = browse.search(hub)
    assert again.person_id == mercy.person_id != lakeside.person_id
    visits = {read(r.value, "Encounter") for r in hub.streams.read(Stream.FHIR, 0, -1, 10)}
    assert len(visits) == 2


def read(bundle: bytes, kind: str) -> str:
    """The id of the one resource of a kind."""
    (found,) = (e["resource"]["id"] for e in orjson.loads(bundle)["entry"] if e["resource"]["resourceType"] == kind)
    return str(found)


def test_a_person_is_found_within_the_same_batch(hub: Hub) -> None:
    """The second message of a batch finds the person whom the first one made, under another number too."""
    accept(hub, adt("M1"), adt("M2", mrn="99001"))
    convert(hub)
    first, second = (browse.show(hub, control_id) for control_id in ("M1", "M2"))
    assert first.row.person_id == second.row.person_id
    assert second.traces[Stage.CONVERT]["identity"]["rule"] == "demographics"


def test_search_finds_names_numbers_and_control_ids(hub: Hub) -> None:
    """A message is found by part of a name, by an identifier, a visit number, its control id and its type."""
    accept(hub, adt("MERCY-1", visit="V778899"), adt("MERCY-2", mrn="1", name="Okafor^Ruth", visit="V2"))
    convert(hub)
    for text in ("andrews", "HAROLD", "70045", "V778899", "mercy-1"):
        assert [m.control_id for m in browse.search(hub, text=text)] == ["MERCY-1"], text
    assert len(browse.search(hub, text="adt^a04")) == 2


def test_a_merge_moves_the_history_to_the_survivor(hub: Hub) -> None:
    """After A40 the retired number, its messages and its later messages are the survivor's, and the evidence stays."""
    accept(hub, adt("M1"), adt("M2", mrn="70099", name="Andrews^Walter", phone=""))
    convert(hub)
    retired = browse.show(hub, "M2").row.person_id
    accept(hub, adt("M3", "A40", more="MRG|70099^^^MERCY^MR\r"), adt("M4", mrn="70099", phone="", visit="V4"))
    convert(hub)
    survivor = browse.person(hub, "70045")
    assert {m.control_id for m in survivor.messages} == {"M1", "M2", "M3", "M4"}
    assert retired != survivor.id
    moved = next(s for s in survivor.sources if s["identifier"] == f"{MERCY}|70099")
    assert moved["evidence"][-1] == f"merged by message {browse.show(hub, 'M3').row.id}"


def test_a_merge_of_an_unknown_number_is_remembered(hub: Hub) -> None:
    """A retired number that was never seen belongs to the survivor when it is seen."""
    accept(hub, adt("M1", "A40", more="MRG|70099^^^MERCY^MR\r"))
    convert(hub)
    accept(hub, adt("M2", mrn="70099", phone=""))
    convert(hub)
    assert browse.show(hub, "M1").row.person_id == browse.show(hub, "M2").row.person_id


def typed(body: bytes, media_type: str) -> tuple[Page, ...]:
    """A reader for text: what a fax would say."""
    return (Page.of(1, *body.decode().splitlines()),)


NOTE = b"Consultation note\nPatient: Harold Andrews\nDate of birth: 09/14/1955\nReferral: REF-2201\nFurosemide 80 mg\n"


def fax(hub: Hub) -> str:
    hub = replace(hub, read_pages=typed)
    (message_id,) = accept(hub, NOTE, feed="fax", kind="text/plain", form=Format.DOCUMENT)
    convert(hub)
    return message_id


def test_a_document_finds_its_patient_by_a_known_referral_number(hub: Hub) -> None:
    """A fax with name, birth date and the number of a referral of that person is theirs."""
    accept(hub, adt("M1"))
    convert(hub)
    person_id = browse.show(hub, "M1").row.person_id
    referral = {"id": "r1", "person_id": person_id, "status": "requested", "open": True, "number": "REF-2201"}
    with writing(hub.main) as transaction:
        transaction.execute(insert(schema.referrals), {**referral, "state": b"{}", "changed_at": ""})
    view = browse.show(hub, fax(hub))
    assert (view.row.person_id, view.traces[Stage.CONVERT]["identity"]["rule"]) == (person_id, "document")


def test_a_document_of_nobody_for_certain_is_held(hub: Hub) -> None:
    """Name and birth date alone never file a fax."""
    accept(hub, adt("M1"))
    convert(hub)
    row = browse.show(hub, fax(hub)).row
    assert (row.status, row.code) == (MessageStatus.HELD, "no-unique-patient")


def test_a_wrong_structure_is_taken_with_a_warning(hub: Hub) -> None:
    """An event under a structure that it does not have (MSH-9.3) is converted like any other, and explained."""
    accept(hub, adt("M1", "A08").replace(b"ADT_A01", b"ADT_A08"))
    convert(hub)
    assert browse.show(hub, "M1").row.status == MessageStatus.CONVERTED
    (step,) = [step for step in explain(hub, "M1").steps if step.name == "converted"]
    assert step.details == ("warning: MSH-9.3: the event has another message structure in HL7 table 0354",)
