import asyncio
import gzip
import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.errors import Unreadable
from hub.model import FileOutcome, Format
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.settings import MIB
from hub.transport.archives import Caps, Source, is_archive, members
from hub.transport.file_intake import Taken, Way, take_in
from tests.intake import folder_feed, opened, stored

FEED = folder_feed("rows", Format.CSV, type="referral", columns={"mrn": "MRN"})
ROWS = b"MRN\n1\n2\n"
CAPS = Caps()


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def source(data: bytes, name: str = "day.zip") -> Source:
    return Source(name, lambda: io.BytesIO(data))


def read(data: bytes, caps: Caps = CAPS, name: str = "day.zip") -> dict[str, bytes]:
    return {member.name: b"".join(member.pieces()) for member in members(source(data, name), caps)}


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted() -> bytes:
    """An archive whose member says that it is encrypted."""
    data = bytearray(zipped(("a.csv", ROWS)))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    return bytes(data)


def lying(size: int) -> bytes:
    """An archive that says its member has another size than it has."""
    data = bytearray(zipped(("a.csv", b"0" * 4 * MIB)))
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


def test_members_of_a_zip() -> None:
    """Each file of a ZIP is one, under its name within the archive; folders and what a Mac adds are none."""
    data = zipped(("a.csv", ROWS), ("sub/", b""), ("sub/b.csv", b"MRN\n"), ("__MACOSX/._a.csv", b"?"))
    assert read(data) == {"day.zip/a.csv": ROWS, "day.zip/sub/b.csv": b"MRN\n"}


def test_the_file_in_a_gzip() -> None:
    """A gzip holds one file, which is called like it; several streams in a row are one."""
    assert read(gzip.compress(ROWS) + gzip.compress(b"3\n"), name="a.csv.gz") == {"a.csv.gz/a.csv": ROWS + b"3\n"}


@pytest.mark.parametrize(
    ("data", "said"),
    ids=lambda value: value if isinstance(value, str) else "",
    argvalues=[
        (zipped(), "holds no file"),
        (zipped(("../a.csv", ROWS)), "leads out of the archive"),
        (zipped(("/etc/a.csv", ROWS)), "leads out of the archive"),
        (zipped(("C:\\a.csv", ROWS)), "leads out of the archive"),
        (zipped(("x\\..\\a.csv", ROWS)), "leads out of the archive"),
        (zipped((link("a.csv"), b"/etc/passwd")), "a link or a device"),
        (zipped(("a.csv", zipped(("b.csv", ROWS)))), "an archive within an archive"),
        (zipped(("a.csv", gzip.compress(ROWS))), "an archive within an archive"),
        (gzip.compress(gzip.compress(ROWS)), "an archive within an archive"),
        (encrypted(), "encrypted"),
        (zipped(("a.csv", ROWS), method=zipfile.ZIP_LZMA), "a method that is not known here"),
        (zipped(("a.csv", b"0" * 8 * MIB)), "more than 200 times its size"),
        (gzip.compress(b"0" * 8 * MIB), "more than 200 times its size"),
        (lying(10), "the archive is broken"),
        (zipped(("a.csv", ROWS))[:-30], "it has no directory"),
        (zipped(("a.csv", ROWS)).replace(b"a.csv", b"b.csv", 1), "the archive is broken"),
        (gzip.compress(ROWS)[:-6], "the archive is broken"),
    ],
)
def test_what_an_archive_may_not_be(data: bytes, said: str) -> None:
    """Names that lead out, links, nested, encrypted, broken and lying archives, and bombs: refused with a reason."""
    with pytest.raises(Unreadable, match=said):
        read(data)


@pytest.mark.parametrize(
    ("caps", "said"),
    [(Caps(members=1), "more than 1 files"), (Caps(unpacked=len(ROWS) + 1), f"more than {len(ROWS) + 1} bytes")],
)
def test_caps(caps: Caps, said: str) -> None:
    """How many files and bytes an archive may hold is counted over all of it."""
    with pytest.raises(Unreadable, match=said):
        read(zipped(("a.csv", ROWS), ("b.csv", ROWS)), caps)


def test_two_files_of_one_name() -> None:
    """Two members of one name are one too many: which of them is meant?"""
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a.csv", ROWS), ("a.csv", ROWS))
    with pytest.raises(Unreadable, match="two files of one name"):
        read(data)


@given(st.integers(0, 400), st.integers(0, 255))
@example(360, 0)  # a name that is empty
def test_a_damaged_archive_is_read_or_refused(at: int, byte: int) -> None:
    """Whatever byte of an archive is wrong, it is read as it was or refused, and nothing else is raised."""
    data = bytearray(zipped(("a.csv", ROWS * 50), ("b.csv", ROWS)))
    data[at % len(data)] = byte
    with suppress(Unreadable):
        read(bytes(data))


def test_what_is_packed() -> None:
    """The first bytes say it; a document, which may be a ZIP by itself, also needs the name."""
    assert is_archive(source(zipped(("a", b"1")), "x"), by_name=False)
    assert not is_archive(source(zipped(("a", b"1")), "letter.docx"), by_name=True)
    assert not is_archive(source(b"MRN\n", "x.zip"), by_name=False)
    assert not is_archive(source(b""), by_name=False)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with closing(opened(tmp_path, FEED)) as hub:
        yield hub


def taken(hub: Hub, *sources: Source) -> list[Taken | None]:
    async def run() -> list[Taken | None]:
        with closing(Receiver(hub)) as receiver:
            return [await take_in(one, Way(FEED, "test", receiver)) for one in sources]

    return asyncio.run(run())


def test_members_are_files_of_the_feed(hub: Hub) -> None:
    """What an archive holds is taken in file by file; one that cannot be read leaves the others."""
    data = zipped(("a.csv", ROWS), ("b.csv", b"Chart\n1\n"), ("c.csv", b"MRN\n3\n"))
    (end,) = taken(hub, source(data))
    assert end
    assert (end.outcome, end.reason) == (FileOutcome.PARTLY, "day.zip/b.csv: the column 'MRN' is missing")
    assert [message.control_id for message in stored(hub)] == ["day.zip/a.csv#2", "day.zip/a.csv#3", "day.zip/c.csv#2"]


def test_the_same_archive_again(hub: Hub) -> None:
    """The same archive, or a file of it by itself, is a recorded no-op."""
    ends = taken(hub, source(zipped(("a.csv", ROWS))), source(zipped(("a.csv", ROWS))), source(ROWS, "a.csv"))
    assert [end.outcome for end in ends if end] == ["taken", "repeated", "repeated"]
    assert len(stored(hub)) == 2


def test_a_bomb_lets_nothing_through(hub: Hub) -> None:
    """A member that unpacks to more than it may is refused before any row of it is let through."""
    (end,) = taken(hub, source(gzip.compress(b"MRN\n" + b"1\n" * 4 * MIB), "a.csv.gz"))
    assert end
    assert end.outcome is FileOutcome.REFUSED
    assert stored(hub) == []
