"""Batch files (HL7 v2 chapter 2, "Batch protocol"): FHS, BHS, messages, BTS, FTS; or messages one after another."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hub.errors import Unreadable
from hub.formats.hl7v2.charset import BOM

_MARK = re.compile(rb"(?:\A|(?<=[\r\n]))(?:(FHS|BHS|MSH)(?=[!-/:-@\[-`{-~])|(BTS|FTS)(?=[!-/:-@\[-`{-~]|[\r\n]|\Z))")


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of a file, each with its bytes as they stand there. ``enveloped`` is true within FHS or BHS."""

    messages: tuple[bytes, ...]
    enveloped: bool

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.messages)

    def __len__(self) -> int:
        return len(self.messages)


@dataclass(slots=True)
class _Walk:
    """Where in the envelope we are, and what was counted so far."""

    messages: list[bytes] = field(default_factory=list)
    in_file: bool = False
    in_batch: bool = False
    enveloped: bool = False
    in_this_batch: int = 0
    batches: int = 0


def split_batch(data: bytes) -> Batch:
    """The messages of a file.

    Raises ``Unreadable``: no header at the start, an envelope whose trailer is missing (the file was cut off) or
    counts otherwise than there are, or a segment outside of any message.
    """
    data = data.removeprefix(BOM).lstrip()
    marks = list(_MARK.finditer(data))
    if not marks or marks[0].start() != 0:
        raise Unreadable("a file of messages begins with FHS, BHS or MSH", code="100", path="MSH")
    ends = [mark.start() for mark in marks[1:]] + [len(data)]
    walk = _Walk()
    for mark, end in zip(marks, ends, strict=True):
        _step(walk, mark.group(), data[mark.start() : end])
    if walk.in_batch or walk.in_file:
        raise Unreadable("the trailer is missing: the file is cut off", path="BTS" if walk.in_batch else "FTS")
    return Batch(tuple(walk.messages), walk.enveloped)


def salvage_batch(data: bytes) -> tuple[bytes, ...]:
    """The messages of a file whose envelope is broken, or that begins with something else: each from its MSH to the
    next segment of an envelope. Nobody can say whether they are all."""
    data = data.removeprefix(BOM).lstrip()
    marks = list(_MARK.finditer(data))
    ends = [mark.start() for mark in marks[1:]] + [len(data)]
    return tuple(data[mark.start() : end] for mark, end in zip(marks, ends, strict=True) if mark[1] == b"MSH")


def messages_of(body: bytes) -> Iterable[bytes]:
    """What came as one piece: mostly one message, else several with or without a batch envelope.

    Raises ``Unreadable``, also where there is none: without a message there would be no answer for who waits for one.
    """
    if not body.startswith((b"FHS", b"BHS")) and body.find(b"MSH", 3) < 0:
        return (body,)
    batch = split_batch(body)
    if not batch:
        raise Unreadable("the batch holds no message", path="BHS")
    return batch


def _step(walk: _Walk, name: bytes, chunk: bytes) -> None:
    if name == b"MSH":
        walk.messages.append(chunk)
        walk.in_this_batch += 1
        return
    if b"\r" in chunk.strip().replace(b"\n", b"\r"):
        raise Unreadable("a segment stands outside of any message", code="100", path=name.decode())
    walk.enveloped = True
    if name == b"FHS":
        _begin(walk.in_file or walk.in_batch, "FHS")
        walk.in_file, walk.batches = True, 0
    elif name == b"BHS":
        _begin(walk.in_batch, "BHS")
        walk.in_batch, walk.in_this_batch = True, 0
        walk.batches += 1
    elif name == b"BTS":
        _end(walk.in_batch, "BTS", chunk, walk.in_this_batch)
        walk.in_batch = False
    else:
        _end(walk.in_file and not walk.in_batch, "FTS", chunk, walk.batches)
        walk.in_file = False


def _begin(already_open: bool, name: str) -> None:
    if already_open:
        raise Unreadable(f"{name} within an envelope that is not closed", code="100", path=name)


def _end(is_open: bool, name: str, chunk: bytes, counted: int) -> None:
    if not is_open:
        raise Unreadable(f"{name} without its header", code="100", path=name)
    stated = re.split(rb"[^0-9A-Za-z]", chunk[4:].strip(), maxsplit=1)[0]
    if stated and stated.lstrip(b"0") != (str(counted) if counted else "").encode():
        raise Unreadable(f"the trailer does not count what is there ({counted})", path=f"{name}-1")
