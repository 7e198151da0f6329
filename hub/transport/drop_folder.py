"""A folder that files are dropped into: which are complete, claimed by renaming, and where they end.

    <folder>/report.pdf → processing/report.pdf → archive/report.pdf
                                                └ error/report.pdf and error/report.pdf.reason.txt

A file is complete when its size and time of change are the same at two looks, or when ``report.pdf.done`` stands
beside it; the marker may hold the file's size and its SHA-256, which are then checked. ``.tmp``, ``.part`` and hidden
files are still being written. What stands in ``processing`` after a crash is taken up again at the next look.

Where the folder has manifests, nothing else says that a file is complete: what a manifest lists is taken when all of it
is there, each file as the manifest says.
"""

import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from hub.errors import Unreadable
from hub.transport.manifests import read_manifest

PROCESSING, ARCHIVE, ERROR = "processing", "archive", "error"
MARKER = ".done"
REASON, ROWS = ".reason.txt", ".rows.csv"
LONG_SUFFIX = 32
"""What is longer is no suffix that anybody opens a file by."""
NAME_BYTES = 255
"""Of a file name at most, in the file systems that there are."""
UNFINISHED = (".tmp", ".part", MARKER)
MARKER_LIMIT = 4096
PIECE = 64 * 1024


class DropFolder:
    """One watched folder; names that match the shell ``pattern`` are taken, those that match ``manifests`` (where it
    is given) list them. All methods raise ``OSError``."""

    def __init__(self, root: Path, pattern: str = "*", manifests: str = "") -> None:
        self.root = root
        self._pattern = pattern
        self._manifests = manifests
        self._seen: dict[str, tuple[int, int]] = {}

    def prepare(self) -> None:
        """Makes the folders that do not exist yet."""
        for name in (PROCESSING, ARCHIVE, ERROR):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def look(self) -> list[Path]:
        """Claims what is complete, and returns all that is to be worked on, by name."""
        for entry in self._candidates():
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                continue
            if not stat.S_ISREG(status.st_mode):
                self.reject(Path(entry.path), "it is a link or a device, not a file")
            elif not self._manifests:
                self._consider(Path(entry.path), status)
            elif fnmatch.fnmatch(entry.name, self._manifests):
                self._consider_manifest(Path(entry.path), status)
        return sorted(file for file in (self.root / PROCESSING).iterdir() if self._is_mine(file.name))

    def archive(self, file: Path) -> None:
        """The file has been taken in."""
        self._move(file, ARCHIVE)

    def reject(self, file: Path, reason: str) -> None:
        """The file cannot be taken in; ``reason`` is written beside it."""
        target = self._move(file, ERROR)
        note = _reserve(self.root / ERROR, _fitting(target.name, REASON))
        note.write_text(reason + "\n", encoding="utf-8")

    def set_aside(self, file: Path, rows: Iterable[str]) -> None:
        """Writes the ``rows`` of a file that cannot be used where rejected files are; nothing where there are none."""
        lines = iter(rows)
        if first := next(lines, ""):
            target = _reserve(self.root / ERROR, _fitting(file.name, ROWS))
            with target.open("w", encoding="utf-8", newline="") as written:
                written.write(first)
                written.writelines(lines)

    def _candidates(self) -> list[os.DirEntry[str]]:
        with os.scandir(self.root) as entries:
            found = [entry for entry in entries if self._is_mine(entry.name) or self._is_manifest(entry.name)]
        names = {entry.name for entry in found}
        self._seen = {name: state for name, state in self._seen.items() if name in names}
        return sorted(found, key=lambda entry: entry.name)

    def _is_manifest(self, name: str) -> bool:
        return bool(self._manifests) and fnmatch.fnmatch(name, self._manifests) and not name.endswith(UNFINISHED)

    def _is_mine(self, name: str) -> bool:
        return fnmatch.fnmatch(name, self._pattern) and not name.startswith(".") and not name.endswith(UNFINISHED)

    def _consider(self, file: Path, status: os.stat_result) -> None:
        target = self.root / PROCESSING / file.name
        if target.exists():  # an earlier file of that name is still under way
            return
        marker = file.with_name(file.name + MARKER)
        state = (status.st_size, status.st_mtime_ns)
        if marker.exists():
            problem = _contradiction(file, marker, status.st_size)
            marker.unlink()  # before the file goes: a marker that is left behind would speak for the next one
            if problem:
                self.reject(file, problem)
            else:
                file.rename(target)
        elif self._seen.get(file.name) == state:
            file.rename(target)
        else:
            self._seen[file.name] = state

    def _consider_manifest(self, file: Path, status: os.stat_result) -> None:
        """Claims all that a manifest lists, once it has come to rest and all of that is there."""
        state = (status.st_size, status.st_mtime_ns)
        if self._seen.get(file.name) != state:
            self._seen[file.name] = state
            return
        try:
            listed = read_manifest(file)
        except Unreadable as error:
            self.reject(file, str(error))
            return
        if all(self._is_there(name) for name in listed):
            for name, said in listed.items():
                self._claim_listed(self.root / name, said, file.name)
            self.archive(file)  # last: after a crash what is still here is listed again

    def _is_there(self, name: str) -> bool:
        """Whether a listed file can be claimed, or has been, before a crash."""
        waits = (self.root / PROCESSING / name).exists()
        here = (self.root / name).is_file() and not (self.root / name).is_symlink()
        return here != waits  # with both, an earlier file of that name is still under way

    def _claim_listed(self, file: Path, said: str, manifest: str) -> None:
        if not file.exists():
            return
        if problem := _mismatch(file, said, manifest, file.stat().st_size):
            self.reject(file, problem)
        else:
            file.rename(self.root / PROCESSING / file.name)

    def _move(self, file: Path, room: str) -> Path:
        target = _reserve(self.root / room, file.name)
        file.replace(target)
        return target


def open_file(file: Path) -> BinaryIO:
    """A file to be read; a link is not followed."""
    return os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def pieces(file: Path, size: int = PIECE) -> Iterator[bytes]:
    """The bytes of a file; a link is not followed."""
    with open_file(file) as stream:
        while piece := stream.read(size):
            yield piece


def printable(name: str) -> str:
    """A file name as valid text: bytes that are no UTF-8 are written as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _fitting(name: str, suffix: str) -> str:
    """The name with the suffix, cut where it would be longer than a name may be."""
    room = NAME_BYTES - len(os.fsencode(suffix))
    return os.fsdecode(os.fsencode(name)[:room]) + suffix


def _reserve(folder: Path, name: str) -> Path:
    """A name in the folder that nobody else can take, with an empty file in its place."""
    path = Path(name)
    stem, suffix = (path.stem, path.suffix) if len(path.suffix) < LONG_SUFFIX else (name, "")
    number = 1
    while True:
        target = folder / (name if number == 1 else _fitting(stem, f"~{number}{suffix}"))
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return target


def _contradiction(file: Path, marker: Path, size: int) -> str:
    """What the marker says that is not so; an empty marker says nothing."""
    return _mismatch(file, marker.read_bytes()[:MARKER_LIMIT].decode("latin-1"), marker.name, size)


def _mismatch(file: Path, said: str, where: str, size: int) -> str:
    """Which of the size and the SHA-256 in what is said of a file is not its own."""
    words = said.lower().split()
    sizes = [word for word in words if word.isdecimal() and len(word) < 20]
    digests = [word for word in words if len(word) == 64]
    if sizes and str(size) not in sizes:
        return f"its size is {size}, {where} says {sizes[0]}"
    if digests and _sha256(file) not in digests:
        return f"its SHA-256 is not the one in {where}"
    return ""


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    for piece in pieces(file):
        digest.update(piece)
    return digest.hexdigest()
