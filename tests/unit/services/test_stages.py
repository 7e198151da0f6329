from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from hub.errors import StreamUnavailable, Superseded
from hub.model import Format, MessageStatus, Record, Stage, Stream
from hub.ports import Page
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.ledger import ledger
from hub.store import positions
from hub.streams.embedded import EmbeddedStreams
from tests.unit.services.hospital import accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path, batch=10)
    yield opened_hub
    opened_hub.close()


class WatchedStreams(EmbeddedStreams):
    """The embedded log; ``before_read`` is called each time after records were read and before they are handed on."""

    def __init__(self, hub: Hub, before_read: Callable[[int], None]) -> None:
        super().__init__(hub.intake, hub.main)
        self._before_read = before_read
        self._reads = 0

    def read(self, stream: Stream, partition: int, after: int, limit: int) -> list[Record]:
        records = super().read(stream, partition, after, limit)
        self._reads += 1
        self._before_read(self._reads)
        return records


def test_a_batch_moves_its_position_with_its_outputs(hub: Hub) -> None:
    """After one batch the outputs are on the next stream and the stage stands behind the last record it read."""
    accept(hub, *(adt(f"M{n}", visit=f"V{n}") for n in range(12)))
    assert stages.run_batch(hub, Stage.CONVERT) == 10
    assert positions.read(hub.main, Stage.CONVERT, 0) == 10
    assert hub.streams.end(Stream.FHIR, 0) == 10
    assert stages.run_batch(hub, Stage.CONVERT) == 2
    assert stages.run_batch(hub, Stage.CONVERT) == 0


def test_draining_runs_every_stage_to_its_end(hub: Hub) -> None:
    """Drained, nothing waits: every message is converted and routed, and the notice is delivered."""
    accept(hub, adt("M1"), *(adt(f"M2-{n}", "A08", at=f"2026030213{n:02}") for n in range(25)))
    stages.drain(hub)
    assert {m.routed for m in browse.search(hub, limit=100)} == {True}
    (notice,) = browse.notifications(hub)
    assert notice.state == "delivered"
    assert stages.drain(hub) == 0


def test_a_worker_that_was_overtaken_leaves_nothing(hub: Hub) -> None:
    """A worker that read a batch which another one has committed meanwhile is superseded and rolled back."""
    accept(hub, adt("M1"))
    zombie = replace(hub, streams=WatchedStreams(hub, lambda _: stages.run_batch(hub, Stage.CONVERT)))
    with pytest.raises(Superseded):
        stages.run_batch(zombie, Stage.CONVERT)
    assert hub.streams.end(Stream.FHIR, 0) == 1
    (row,) = ledger(hub)
    assert (row.converted, row.duplicate, row.balanced) == (1, 0, True)


def broken_reader(body: bytes, media_type: str) -> tuple[Page, ...]:
    """A reader that fails in a way nobody has thought of."""
    raise RuntimeError(f"cannot read {body!r}")


def test_a_poison_message_is_dead_and_the_others_go_on(hub: Hub) -> None:
    """One record that breaks its stage is booked as dead with the place in the code; the rest of its batch is not."""
    hub = replace(hub, read_pages=broken_reader)
    accept(hub, *(adt(f"A{n}", visit=f"V{n}") for n in range(4)))
    accept(hub, b"Harold Andrews", feed="fax", kind="application/pdf", form=Format.DOCUMENT)
    accept(hub, *(adt(f"B{n}", visit=f"W{n}") for n in range(4)))
    stages.drain(hub)
    (dead,) = browse.search(hub, status="dead")
    assert dead.code == "unexpected"
    assert dead.reason.startswith("convert: RuntimeError at test_stages.py:")
    assert "Andrews" not in dead.reason
    assert len(browse.search(hub, status="converted")) == 8
    assert all(row.balanced for row in ledger(hub))


def test_a_dead_record_is_kept_with_where_it_came_from(hub: Hub) -> None:
    """The copy on hub.dead has the bytes, and the stream, partition and offset that it had."""
    hub = replace(hub, read_pages=broken_reader)
    accept(hub, b"%PDF", feed="fax", kind="application/pdf", form=Format.DOCUMENT)
    stages.run_batch(hub, Stage.CONVERT)
    (copy,) = hub.streams.read(Stream.DEAD, 0, -1, 10)
    assert copy.value == b"%PDF"
    origin = [copy.headers[name] for name in ("deadstream", "deadpartition", "deadoffset", "deadcode")]
    assert origin == ["hub.raw", "0", "1", "unexpected"]


def test_a_bundle_that_cannot_be_routed_makes_its_message_dead(hub: Hub) -> None:
    """What breaks the route stage takes its message's one accounted end with it."""
    (message_id,) = accept(hub, adt("M1"))
    stages.run_batch(hub, Stage.CONVERT)
    (record,) = hub.streams.read(Stream.FHIR, 0, -1, 10)
    hub.streams.append(Stream.FHIR, [replace(record, value=b"{")])
    stages.drain(hub)
    row = browse.show(hub, message_id).row
    assert (row.status, row.reason.split()[1]) == (MessageStatus.DEAD, "JSONDecodeError")
    assert all(row.balanced for row in ledger(hub))


def test_a_notice_that_cannot_be_queued_stops_nobody(hub: Hub) -> None:
    """What breaks the deliver stage is kept on hub.dead and the notices behind it are delivered."""
    broken = {"id": "n1", "time": "2026-03-02T18:00:00.000000Z"}
    hub.streams.append(Stream.NOTIFICATIONS, [Record("p1", b"{}", broken)])
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert [n.state for n in browse.notifications(hub)] == ["delivered"]
    assert hub.streams.end(Stream.DEAD, 0) == 1


def test_a_stage_that_cannot_read_tries_again(hub: Hub) -> None:
    """A log that is out of reach for a moment delays a stage and loses nothing."""
    accept(hub, adt("M1"))
    stop = Event()

    def trouble(reads: int) -> None:
        if reads == 1:
            raise StreamUnavailable
        if reads == 3:
            stop.set()

    stages.run_forever(replace(hub, streams=WatchedStreams(hub, trouble)), Stage.CONVERT, stop)
    assert [m.status for m in browse.search(hub)] == [MessageStatus.CONVERTED]


def test_a_stage_that_was_overtaken_goes_on(hub: Hub) -> None:
    """Being superseded is no reason to end: the stage reads its position again."""
    accept(hub, adt("M1"))
    stop = Event()

    def overtake(reads: int) -> None:
        stages.run_batch(hub, Stage.CONVERT)
        if reads == 1:
            accept(hub, adt("M2"))
        if reads == 3:
            stop.set()

    stages.run_forever(replace(hub, streams=WatchedStreams(hub, overtake)), Stage.CONVERT, stop)
    assert {m.control_id for m in browse.search(hub)} == {"M1", "M2"}


def test_what_waits_under_a_retired_person_follows_the_merge(hub: Hub) -> None:
    """A visit that is routed after its person was retired belongs to the survivor all the same."""
    merge = adt("M3", "A40", mrn="70045", more="MRG|70099^^^MERCY^MR\r")
    accept(hub, adt("M1"), adt("M2", mrn="70099", name="Andrews^Harry", phone="", visit="V9"))
    stages.run_batch(hub, Stage.CONVERT)
    accept(hub, merge)
    stages.run_batch(hub, Stage.CONVERT)
    stages.drain(hub)
    person = browse.person(hub, "70099")
    assert len(person.encounters) == 2
    assert person.id == browse.person(hub, "70045").id


def consumed(records: Sequence[Record]) -> list[str]:
    return [record.headers["id"] for record in records]


def test_an_output_keeps_the_order_of_its_inputs(hub: Hub) -> None:
    """Bundles are published in the order in which the messages came, across batches."""
    ids = accept(hub, *(adt(f"M{n}", visit=f"V{n}") for n in range(23)))
    stages.drain(hub)
    assert consumed(hub.streams.read(Stream.FHIR, 0, -1, 100)) == ids
