import asyncio
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from hub.errors import StoreBusy
from hub.model import FileOutcome, Format
from hub.ports import Arrival, Intake, Receipt
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.settings import Feed
from hub.store import files
from hub.store.engine import reading
from hub.transport import file_intake
from hub.transport.archives import Source
from hub.transport.file_intake import Taken, Way, take_in, unreadable_rows
from tests.intake import folder_feed, opened, stored

COLUMNS = {"mrn": "MRN", "last": "Last name"}
HEAD = b"MRN,Last name\n"


def rows_feed(**known: Any) -> Feed:
    return folder_feed("rows", Format.CSV, type="referral", columns=COLUMNS, **known)


def source(data: bytes, name: str = "r.csv") -> Source:
    return Source(name, lambda: io.BytesIO(data))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with closing(opened(tmp_path, rows_feed())) as hub:
        yield hub


def taken(hub: Hub, *sources: Source, feed: Feed | None = None, **options: Any) -> list[Taken | None]:
    """What becomes of files that are taken in one after another."""

    async def run() -> list[Taken | None]:
        with closing(Receiver(hub)) as receiver:
            return [await take_in(one, Way(feed or rows_feed(), "test", receiver, **options)) for one in sources]

    return asyncio.run(run())


def ids(hub: Hub) -> list[str]:
    return [message.control_id for message in stored(hub)]


def recorded(hub: Hub) -> list[tuple[str, int, int, int]]:
    with reading(hub.main) as connection:
        rows = files.newest(connection)
    return [(row.outcome, row.messages, row.bad, row.refused) for row in reversed(rows)]


def test_a_file_is_recorded(hub: Hub) -> None:
    """What came is recorded with what it held and how it ended."""
    (end,) = taken(hub, source(HEAD + b"1,A\n2\n3,C\n"))
    assert end == Taken("r.csv", FileOutcome.TAKEN, bad=1)
    assert recorded(hub) == [("taken", 3, 1, 0)]


@pytest.mark.parametrize(
    "rows",
    [b"1,A\n2,B\nTRL,3\n", b"1,A\n2,B\n", b"1,A\nTRL,1\n2,B\n", b"1,A\nTRL\n"],
    ids=["count", "none", "more", "bare"],
)
def test_a_wrong_trailer_holds_everything(hub: Hub, rows: bytes) -> None:
    """Of a file whose trailer is missing or counts otherwise nothing at all is let through."""
    (end,) = taken(hub, source(HEAD + rows), feed=rows_feed(table={"trailer": {"starts": "TRL"}}))
    assert end
    assert (end.outcome, "trailer" in end.reason) == (FileOutcome.REFUSED, True)
    assert ids(hub) == []
    assert recorded(hub) == [("refused", 0, 0, 0)]


def test_a_right_trailer(hub: Hub) -> None:
    """A trailer that counts right is no row."""
    taken(hub, source(HEAD + b"1,A\n2,B\nTRL,2\n"), feed=rows_feed(table={"trailer": {"starts": "TRL"}}))
    assert ids(hub) == ["r.csv#2", "r.csv#3"]


def test_too_many_bad_rows_stop_the_file(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the threshold the file stops where it is; what was let through is recorded with the reason."""
    monkeypatch.setattr(file_intake, "AT_ONCE", 1)
    (end,) = taken(hub, source(HEAD + b"1,A\n2\n3,C\n4\n5,E\n"), feed=rows_feed(table={"bad_rows": 1}))
    assert end
    assert (end.outcome, end.reason) == (FileOutcome.PARTLY, "more than 1 rows cannot be read")
    assert ids(hub) == ["r.csv#2", "r.csv#3", "r.csv#4"]


def test_a_refused_file_may_come_again(hub: Hub) -> None:
    """The bytes of a file that was not taken in are taken in once the feed reads them."""
    data = HEAD.replace(b"MRN", b"Chart") + b"1,A\n"
    taken(hub, source(data))
    taken(hub, source(data), feed=rows_feed().model_copy(update={"columns": {}}))
    assert [outcome for outcome, *_ in recorded(hub)] == ["refused", "taken"]


def test_a_stopped_file_is_resumed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was stopped within is taken up at the row where it was, and no row comes twice."""
    monkeypatch.setattr(file_intake, "AT_ONCE", 2)
    data = HEAD + b"".join(b"%d,A\n" % n for n in range(7))
    looks = iter([False, False, True])
    assert taken(hub, source(data), stopped=lambda: next(looks)) == [None]
    assert len(ids(hub)) == 4
    taken(hub, source(data))
    assert ids(hub) == [f"r.csv#{line}" for line in range(2, 9)]
    assert recorded(hub) == [("taken", 7, 0, 0)]


def test_what_could_not_be_stored_is_made_up_for(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """When rows could not be stored for a while, they are handed over again, and none before them."""
    monkeypatch.setattr(file_intake, "AT_ONCE", 2)
    data = HEAD + b"".join(b"%d,A\n" % n for n in range(5))

    async def run() -> None:
        with closing(Receiver(hub)) as receiver:
            with pytest.raises(StoreBusy):
                await take_in(source(data), Way(rows_feed(), "test", cast(Intake, Failing(receiver))))
            await take_in(source(data), Way(rows_feed(), "test", receiver))

    asyncio.run(run())
    assert ids(hub) == [f"r.csv#{line}" for line in range(2, 7)]
    assert recorded(hub) == [("taken", 5, 0, 0)]


class Failing:
    """A receiver that can store nothing after the first rows."""

    def __init__(self, receiver: Receiver) -> None:
        self.files = receiver.files
        self._receiver = receiver
        self._stored = 0

    async def accept_declared(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        if self._stored:
            raise StoreBusy("locked")
        self._stored += len(arrivals)
        return await self._receiver.accept_declared(arrivals)


def test_ids_for_those_who_ask(hub: Hub) -> None:
    """Who answers a request gets the ids of the messages."""
    (end,) = taken(hub, source(HEAD + b"1,A\n"), want_ids=True)
    assert end
    assert end.ids == tuple(message.id for message in stored(hub))


def test_a_document_may_come_twice(hub: Hub) -> None:
    """The same document again is taken in again: it is a person's decision what to make of it."""
    feed = folder_feed("fax", Format.DOCUMENT)
    taken(hub, source(b"%PDF-1", "a.pdf"), source(b"%PDF-1", "b.pdf"), feed=feed)
    assert ids(hub) == ["a.pdf", "b.pdf"]


NOBODY = cast(Intake, None)
"""Whom nothing is handed to."""


def test_rows_for_the_sender() -> None:
    """The rows that cannot be read come out with line and reason, and nothing in them is a formula."""
    data = HEAD + b'1,A\n"=cmd()\n"\n3,C\n-4\n'
    lines = list(unreadable_rows(source(data), Way(rows_feed(), "test", NOBODY)))
    assert lines == [
        "file,line,reason,MRN,Last name\r\n",
        'r.csv,3,"1 cells, the head has 2","""=cmd()\n"""\r\n',
        'r.csv,6,"1 cells, the head has 2",\'-4\r\n',
    ]
