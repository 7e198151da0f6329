"""Packed files (ZIP, gzip): each member is a file of the feed, read while it is unpacked, and never on trust.

How much an archive may hold is checked while it is read, because what it says of itself may be a lie. Nothing is
written under a name that it gives: names are text.
"""

import contextlib
import gzip
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO, cast

from hub.errors import Unreadable
from hub.settings import MIB

PIECE = 256 * 1024

_ZIP, _EMPTY_ZIP, _GZIP = b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BREAKS = (
    *(zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, struct.error),
)
"""What the libraries raise for an archive that is broken, or that they do not know."""
_JUNK = "__MACOSX/"
"""Of a ZIP that was made on a Mac: what belongs to no file."""
_SLACK = MIB
"""So much may come out of an archive before the ratio counts: short texts are packed well."""
_DIRECTORY_BYTES = 16 * MIB
"""Of a ZIP's directory, which is read into memory."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What an archive may hold: ``members``, ``unpacked`` bytes of all of them, and how many times (``ratio``) their
    packed size."""

    members: int = 1000
    unpacked: int = 20 * 1024 * MIB
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read more than once: ``open`` opens it anew. ``name`` is printable text."""

    name: str
    open: Callable[[], BinaryIO]

    def pieces(self) -> Iterator[bytes]:
        """Its bytes."""
        with contextlib.closing(self.open()) as stream:
            while piece := stream.read(PIECE):
                yield piece

    def starts(self) -> bytes:
        """Its first bytes."""
        with contextlib.closing(self.open()) as stream:
            return stream.read(len(_ZIP))


def is_archive(source: Source, *, by_name: bool) -> bool:
    """Whether a file is packed: by its first bytes, and ``by_name`` also by its name, where a document may be a ZIP by
    itself."""
    suffix = PurePosixPath(source.name).suffix.lower()
    starts = source.starts()
    packed = starts in (_ZIP, _EMPTY_ZIP) or starts.startswith(_GZIP)
    return packed and (not by_name or suffix in (".zip", ".gz"))


def members(source: Source, caps: Caps) -> list[Source]:
    """The files in an archive, in their order. Raises ``Unreadable`` for one that is broken, encrypted, or holds what
    it may not; what shows only while a member is read raises it then."""
    budget = _Budget(caps)
    with contextlib.closing(source.open()) as stream:
        if stream.read(len(_GZIP)) == _GZIP:
            return [_gzipped(source, stream, budget)]
        return _zipped(source, stream, budget)


class _Budget:
    """What all members of an archive may give together; reading one again counts once."""

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self._given: dict[str, int] = {}

    def spend(self, member: str, given: int) -> None:
        """So many bytes came out of a member. Raises ``Unreadable``."""
        self._given[member] = max(self._given.get(member, 0), given)
        if sum(self._given.values()) > self.caps.unpacked:
            raise Unreadable(f"the archive holds more than {self.caps.unpacked} bytes", code="archive")


class _Member(io.BufferedIOBase):
    """A member while it is unpacked."""

    def __init__(self, name: str, stream: io.BufferedIOBase, packed: int, budget: _Budget) -> None:
        super().__init__()
        self._name = name
        self._stream = stream
        self._most = packed * budget.caps.ratio + _SLACK
        self._budget = budget
        self._given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        with _broken(self._name):
            piece = self._stream.read(size)
        if self._given == 0 and (piece.startswith((_ZIP, _GZIP))):
            raise Unreadable(f"{self._name}: an archive within an archive", code="archive")
        self._given += len(piece)
        if self._given > self._most:
            raise Unreadable(
                f"{self._name}: unpacks to more than {self._budget.caps.ratio} times its size", code="archive"
            )
        self._budget.spend(self._name, self._given)
        return piece

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextlib.contextmanager
def _broken(name: str) -> Iterator[None]:
    """What the libraries say of a broken archive, in one word."""
    try:
        yield
    except _BREAKS:
        raise Unreadable(f"{name}: the archive is broken", code="archive") from None


def _gzipped(source: Source, stream: BinaryIO, budget: _Budget) -> Source:
    packed = stream.seek(0, io.SEEK_END)
    name = f"{source.name}/{PurePosixPath(source.name).stem}"

    def unpack() -> BinaryIO:
        return cast(BinaryIO, _Member(name, _Gzip(source.open()), packed, budget))

    return Source(name, unpack)


class _Gzip(gzip.GzipFile):
    """A gzip stream that closes the file which it reads."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


def _zipped(source: Source, stream: BinaryIO, budget: _Budget) -> list[Source]:
    _check_directory(stream, budget.caps)
    with _broken(source.name), zipfile.ZipFile(stream) as archive:
        found = [info for info in archive.infolist() if not _is_no_file(info.filename)]
    if not found:
        raise Unreadable("the archive holds no file", code="archive")
    if len({info.filename for info in found}) != len(found):
        raise Unreadable("the archive holds two files of one name", code="archive")
    for info in found:
        _check_member(info)
    return [_zipped_member(source, info, budget) for info in found]


def _is_no_file(name: str) -> bool:
    return name.endswith("/") or name.startswith(_JUNK)


def _check_directory(stream: BinaryIO, caps: Caps) -> None:
    """The directory's own size is checked before it is read (APPNOTE.TXT 4.3.16, end of central directory)."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - 65_557))
    tail = stream.read()
    at = tail.rfind(_EMPTY_ZIP)
    if at < 0 or len(tail) < at + 22:
        raise Unreadable("the archive is broken: it has no directory", code="archive")
    entries, size = struct.unpack_from("<HL", tail, at + 10)
    if entries > caps.members or size > _DIRECTORY_BYTES:
        raise Unreadable(f"the archive holds more than {caps.members} files", code="archive")
    stream.seek(0)


def _check_member(info: zipfile.ZipInfo) -> None:
    if not info.filename:
        raise Unreadable("the archive holds a file without a name", code="archive")
    name = _name(info)
    paths = (PurePosixPath(info.filename), PureWindowsPath(info.filename))
    mode = info.external_attr >> 16
    if any(path.is_absolute() or path.drive or ".." in path.parts for path in paths):
        raise Unreadable(f"{name}: a name that leads out of the archive", code="archive")
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Unreadable(f"{name}: a link or a device", code="archive")
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable(f"{name}: encrypted", code="archive")
    if info.compress_type not in _METHODS:
        raise Unreadable(f"{name}: packed by a method that is not known here", code="archive")


def _zipped_member(source: Source, info: zipfile.ZipInfo, budget: _Budget) -> Source:
    name = f"{source.name}/{_name(info)}"

    def unpack() -> BinaryIO:
        with _broken(name), contextlib.ExitStack() as opened:
            stream = source.open()
            opened.callback(stream.close)
            member = _InZip(stream, info)
            opened.pop_all()
            return cast(BinaryIO, _Member(name, member, info.compress_size, budget))

    return Source(name, unpack)


class _InZip(io.BufferedIOBase):
    """A member of a ZIP that closes the file which it is read from."""

    def __init__(self, stream: BinaryIO, info: zipfile.ZipInfo) -> None:
        super().__init__()
        self._packed = stream
        self._archive = zipfile.ZipFile(stream)
        self._member = self._archive.open(info)

    def read(self, size: int | None = -1, /) -> bytes:
        return self._member.read(-1 if size is None else size)

    def close(self) -> None:
        self._member.close()
        self._archive.close()
        self._packed.close()
        super().close()


def _name(info: zipfile.ZipInfo) -> str:
    """A name as printable text."""
    return "".join(c if c.isprintable() else "?" for c in info.filename)
