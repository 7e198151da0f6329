import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import orjson
import pytest
from structlog.testing import capture_logs

from hub.adapters.folder import Folder, Options
from hub.errors import ConfigurationError, HubError, Refused, StoreBusy
from hub.formats.bodies import media_type
from hub.model import FileOutcome, Format, RawMessage
from hub.ports import Arrival, FileProgress, FileSeen, Intake, Receipt
from hub.settings import Settings
from hub.store import files
from hub.store.engine import reading
from tests.intake import adt, folder_feed, opened, outcome, receiving, stored
from tests.waiting import until_true

CSV = folder_feed("rows", Format.CSV, type="referral", columns={"mrn": "MRN", "last": "Last name"})
HL7 = folder_feed("hl7", Format.HL7V2)
FAX = folder_feed("fax", Format.DOCUMENT)


def drop(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    (folder / f"{name}.done").touch()


def settled(folder: Path) -> Callable[[], bool]:
    """Whether every file has found its end."""
    return lambda: not any(p.is_file() for room in (folder, folder / "processing") for p in room.iterdir())


def taken(data: Path, *feeds: object) -> list[RawMessage]:
    """What a hub with these feeds takes in until all their folders are empty."""
    hub = opened(data, *feeds)  # type: ignore[arg-type]

    async def run() -> None:
        async with receiving(hub):
            for feed in hub.site.feeds:
                await until_true(settled(data / feed.name))

    asyncio.run(run())
    messages = stored(hub)
    hub.close()
    return messages


def reason(folder: Path, name: str) -> str:
    return (folder / "error" / f"{name}.reason.txt").read_text()


def test_rows_become_messages(tmp_path: Path) -> None:
    """Each row is a message of its own: its fields by name, its line and file, and the patient's number as key."""
    drop(tmp_path / "rows", "r.csv", b"MRN,Last name,x\r\n007,Andrews,1\r\n008,Okafor,2\r\n")
    first, second = taken(tmp_path, CSV)
    assert (first.feed, first.format, first.type) == ("rows", Format.CSV, "referral")
    assert (first.control_id, first.key) == ("r.csv#2", "007|")
    assert orjson.loads(first.body) == {
        "file": "r.csv",
        "head": ["MRN", "Last name", "x"],
        "rows": [{"line": 2, "cells": ["007", "Andrews", "1"]}],
    }
    assert second.control_id == "r.csv#3"
    assert (tmp_path / "rows" / "archive" / "r.csv").exists()


def test_the_key_names_the_authority(tmp_path: Path) -> None:
    """The authority of a number is in the row or in the feed's constants, and belongs to the key."""
    feed = CSV.model_copy(update={"constants": {"mrn_authority": "BUSY"}})
    drop(tmp_path / "rows", "r.csv", b"MRN,Last name\n007,Andrews\n")
    assert [message.key for message in taken(tmp_path, feed)] == ["007|BUSY"]


def test_a_bad_row_is_a_message_with_its_problem(tmp_path: Path) -> None:
    """A row that cannot be read is kept with line, bytes and reason; the good ones go on and the file is archived."""
    drop(tmp_path / "rows", "r.csv", b"MRN,Last name\n1\n2,\xff\n3,Okafor\n")
    width, encoding, good = (orjson.loads(message.body) for message in taken(tmp_path, CSV))
    assert (width["line"], width["problem"], width["text"]) == (2, "1 cells, the head has 2", "1")
    assert (encoding["line"], encoding["problem"], encoding["base64"]) == (3, "byte 3 is not valid UTF-8", "Miz/Cg==")
    assert good["rows"] == [{"line": 4, "cells": ["3", "Okafor"]}]
    assert (tmp_path / "rows" / "archive" / "r.csv").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"MRN,Surname\n1,Andrews\n", "'Last name' is missing"),
        (b"", "the file is empty"),
        (b"MRN,Last name\n1\n2\n3\n", "more than 2 rows cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_is_set_aside(content: bytes, said: str, tmp_path: Path) -> None:
    """A wrong head, or more bad rows than allowed, puts the file into ``error`` with the reason beside it."""
    feed = folder_feed("rows", Format.CSV, columns=CSV.columns, table={"bad_rows": 2})
    drop(tmp_path / "rows", "r.csv", content)
    taken(tmp_path, feed)
    assert said in reason(tmp_path / "rows", "r.csv")
    assert (tmp_path / "rows" / "error" / "r.csv").read_bytes() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A folder that cannot be made is wrong configuration: one line names the feed, the key and the folder."""
    (tmp_path / "rows").write_text("a file")
    with pytest.raises(ConfigurationError, match=r"^feed rows: adapter\.path: .*rows cannot be made or written \("):
        asyncio.run(Folder(Options(path=Path("rows")), (CSV,), Settings(data=tmp_path)).serve(*never()))


def never() -> tuple[Intake, asyncio.Event, asyncio.Event]:
    """What an adapter is given that does not get so far."""
    return cast(Intake, None), asyncio.Event(), asyncio.Event()


def test_the_same_file_again(tmp_path: Path) -> None:
    """The same bytes, whatever their name, are recorded and taken in once; both files are kept."""
    for name in ("r.csv", "r.csv", "copy.csv"):
        drop(tmp_path / "rows", name, b"MRN,Last name\n1,Andrews\n")
        messages = taken(tmp_path, CSV)
    assert [message.control_id for message in messages] == ["r.csv#2"]
    assert len(list((tmp_path / "rows" / "archive").iterdir())) == 3
    assert [(name, outcome) for name, _, outcome in recorded(tmp_path)] == [
        ("r.csv", "taken"),
        ("r.csv", "repeated"),
        ("copy.csv", "repeated"),
    ]


def test_the_same_name_with_other_bytes(tmp_path: Path) -> None:
    """Other bytes under a name are a new version: a row that is as it was at the same place is told again."""
    for last in (b"Andrews", b"Andrewes", b"Andrews"):
        drop(tmp_path / "rows", "r.csv", b"MRN,Last name\n1,Andrews\n2," + last + b"\n")
        messages = taken(tmp_path, CSV)
    assert [message.control_id for message in messages] == ["r.csv#2", "r.csv#3", "r.csv~2#2", "r.csv~2#3"]
    assert [version for _, version, _ in recorded(tmp_path)] == [1, 2, 1]


def recorded(data: Path) -> list[tuple[str, int, str]]:
    """Name, version and outcome of the files that came, oldest first."""
    hub = opened(data, CSV)
    with reading(hub.main) as connection:
        rows = files.newest(connection)
    hub.close()
    return [(row.name, row.version, row.outcome) for row in reversed(rows)]


def test_hl7_files(tmp_path: Path) -> None:
    """One message, messages one after another, and batches: each message is taken by itself."""
    drop(tmp_path / "hl7", "1.hl7", adt("M1"))
    drop(tmp_path / "hl7", "2.hl7", adt("M2") + adt("M3"))
    drop(tmp_path / "hl7", "3.hl7", b"FHS|^~\\&\rBHS|^~\\&\r" + adt("M4") + adt("M5") + b"BTS|2\rFTS|1\r")
    assert [message.control_id for message in taken(tmp_path, HL7)] == ["M1", "M2", "M3", "M4", "M5"]


def test_a_file_with_messages_that_are_refused(tmp_path: Path) -> None:
    """Good messages are taken; the file goes to ``error`` with the number and the reason of each of the others."""
    drop(tmp_path / "hl7", "1.hl7", adt("M1") + adt("M2", pid="") + adt("M3"))
    assert [message.control_id for message in taken(tmp_path, HL7)] == ["M1", "M3"]
    said = reason(tmp_path / "hl7", "1.hl7")
    assert said == "1 of 3 messages are refused\nmessage 2: PID: segment PID missing (condition 100)\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"BHS|^~\\&\r" + adt() + adt("M2"), "trailer is missing"),
        (b"BHS|^~\\&\r" + adt() + b"BTS|2\r", "does not count"),
        (b"hello", "begins with FHS, BHS or MSH"),
        (b"x" * 2000, "more than 1000 bytes"),
    ],
)
def test_a_batch_that_is_not_whole(content: bytes, said: str, tmp_path: Path) -> None:
    """A file that is cut off, counts otherwise, or is over the limit is set aside whole."""
    drop(tmp_path / "hl7", "1.hl7", content)
    assert taken(tmp_path, folder_feed("hl7", Format.HL7V2, options={"limit": 1000})) == []
    assert said in reason(tmp_path / "hl7", "1.hl7")


def test_documents(tmp_path: Path) -> None:
    """A document is one message: all its bytes, its media type, its name as control id."""
    drop(tmp_path / "fax", "note.pdf", b"%PDF-1.7 synthetic")
    drop(tmp_path / "fax", os.fsdecode(b"n\xf6te.txt"), b"synthetic")
    pdf, text = sorted(taken(tmp_path, FAX), key=lambda message: message.type)
    assert (pdf.type, pdf.control_id, pdf.body) == ("application/pdf", "note.pdf", b"%PDF-1.7 synthetic")
    assert (text.type, text.control_id) == ("text/plain", "n\\xf6te.txt")
    assert pdf.key == pdf.id


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("x.bin", b"%PDF-1.4", "application/pdf"),
        ("x.pdf", b"II*\x00", "image/tiff"),
        ("x", b"MM\x00*", "image/tiff"),
        ("x", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("x", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("x.html", b"<p>", "text/html"),
        ("x", b"?", "application/octet-stream"),
    ],
)
def test_what_a_document_is(name: str, body: bytes, kind: str) -> None:
    """The first bytes say what a document is, and only without a word from them its name."""
    assert media_type(name, body) == kind


def test_a_restart_takes_up_what_was_under_way(tmp_path: Path) -> None:
    """A file that stands in ``processing`` when the hub starts is taken in like any other."""
    (tmp_path / "rows" / "processing").mkdir(parents=True)
    (tmp_path / "rows" / "processing" / "r.csv").write_bytes(b"MRN,Last name\n1,Andrews\n")
    assert [message.control_id for message in taken(tmp_path, CSV)] == ["r.csv#2"]


class NoRecords:
    """A record of files that remembers nothing."""

    def begin(self, file: FileSeen) -> FileProgress:
        return FileProgress(file.name)

    def mark(self, progress: FileProgress) -> None:
        pass

    def end(self, progress: FileProgress, outcome: FileOutcome, reason: str = "") -> None:
        pass


class Moody:
    """An intake that fails in its own ways, once for each, and then takes everything."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.files = NoRecords()
        self.accepted: list[str] = []

    def accept(self, arrival: Arrival) -> "asyncio.Future[Receipt]":
        if self.errors:
            return outcome(self.errors.pop(0))
        self.accepted.append(arrival.control_id)
        return outcome(Receipt("id"))

    async def accept_declared(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        return [await self.accept(arrival) for arrival in arrivals]

    def refuse(self, arrival: Arrival, error: HubError) -> bytes:
        return b""


def served(data: Path, intake: Moody) -> None:
    options = Options(path=Path("rows"), seconds=0.005)
    adapter = Folder(options, (CSV,), Settings(data=data))

    async def run() -> None:
        ready, stop = asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(adapter.serve(intake, ready, stop))
        await ready.wait()
        await until_true(settled(data / "rows"))
        stop.set()
        await serving

    asyncio.run(run())


def test_a_file_waits_while_the_log_is_busy(tmp_path: Path) -> None:
    """When nothing can be stored for now the file stays under way and is tried again."""
    drop(tmp_path / "rows", "r.csv", b"MRN,Last name\n1,Andrews\n")
    intake = Moody(StoreBusy("locked"), StoreBusy("locked"))
    served(tmp_path, intake)
    assert intake.accepted == ["r.csv#2"]
    assert (tmp_path / "rows" / "archive" / "r.csv").exists()


def test_a_file_that_cannot_be_moved_is_not_read_again(tmp_path: Path) -> None:
    """While the archive cannot be written a file that was taken in waits there; its rows came in once."""
    rows, intake = tmp_path / "rows", Moody()
    drop(rows, "r.csv", b"MRN,Last name\n1,Andrews\n")
    adapter = Folder(Options(path=Path("rows"), seconds=0.005), (CSV,), Settings(data=tmp_path))

    async def run() -> None:
        ready, stop = asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(adapter.serve(intake, ready, stop))
        await ready.wait()
        (rows / "archive").rmdir()
        with capture_logs() as logs:
            await until_true(lambda: len(logs) > 2)
        (rows / "archive").mkdir()
        await until_true(settled(rows))
        stop.set()
        await serving

    asyncio.run(run())
    assert intake.accepted == ["r.csv#2"]
    assert (rows / "archive" / "r.csv").exists()


@pytest.mark.parametrize(("error", "said"), [(ZeroDivisionError(), "it cannot be processed"), (Refused("no"), "no")])
def test_no_file_stops_the_others(error: Exception, said: str, tmp_path: Path) -> None:
    """Whatever goes wrong with one file, it is set aside and the next one is taken."""
    drop(tmp_path / "rows", "1.csv", b"MRN,Last name\n1,Andrews\n")
    drop(tmp_path / "rows", "2.csv", b"MRN,Last name\n2,Okafor\n")
    intake = Moody(error)
    served(tmp_path, intake)
    assert said in reason(tmp_path / "rows", "1.csv")
    assert intake.accepted == ["2.csv#2"]
