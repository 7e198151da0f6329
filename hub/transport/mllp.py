"""MLLP (HL7 Minimal Lower Layer Protocol, release 1): ``VT`` message ``FS CR``, for both sides.

``Framer`` takes a stream of bytes apart, however it was split on its way.
"""

from hub.errors import PermanentError

VT = b"\x0b"
END = b"\x1c\r"
_FS = END[:1]

FRAME_LIMIT = 16 * 1024 * 1024
NOISE_LIMIT = 4096

_VERBS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"OPTIONS ", b"DELETE ", b"PATCH ", b"CONNECT ", b"TRACE ", b"PRI ")
_LONGEST_VERB = max(map(len, _VERBS))
_FOREIGN = (*_VERBS, b"SSH-", b"\x16\x03", b"\x01\x00")
"""How HTTP, SSH, TLS and DICOM begin."""


def frame(body: bytes) -> bytes:
    """A message in its frame."""
    return b"%b%b%b" % (VT, body, END)


class FramingError(PermanentError):
    """The stream cannot be read on. ``frames`` are those that were whole before."""

    code = "framing"

    def __init__(self, reason: str, frames: list[bytes]) -> None:
        super().__init__(reason)
        self.frames = frames


class FrameTooLong(FramingError):
    """A frame is over the limit. ``head`` is its beginning, enough to answer it."""

    code = "frame-too-long"

    def __init__(self, reason: str, frames: list[bytes], head: bytes) -> None:
        super().__init__(reason, frames)
        self.head = head


class NotMllp(FramingError):
    """Something else than MLLP is spoken here."""

    code = "not-mllp"


class Framer:
    """Takes whole frames out of a stream.

    CR and LF between frames are ignored, other noise is skipped up to 4 KiB. A ``VT`` within a frame begins a new one,
    and the half before it is dropped: two halves are never put together. After a ``FramingError`` the stream is lost.
    """

    def __init__(self, limit: int = FRAME_LIMIT) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0
        self._noise = 0
        self._noise_start = b""

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._buffer[:1] == VT

    @property
    def held(self) -> int:
        """Bytes of the frame that has not ended."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies of the frames that end in ``data``, in order. Raises ``FrameTooLong`` and ``NotMllp``."""
        buffer = self._buffer
        end = len(data) - len(END)
        if not buffer and data.rfind(VT) == 0 and 0 < data.find(_FS) == end <= self._limit and data.endswith(END):
            self._noise, self._noise_start = 0, b""  # one whole frame in one piece, as nearly every sender sends it
            return [data[1:end]]
        buffer += data
        frames: list[bytes] = []
        at = self._start(0, frames)
        while at >= 0 and (end := buffer.find(END, max(at + 1, self._searched))) >= 0:
            frames.append(self._body(at, end, frames))
            at = self._start(end + len(END), frames)
        if at >= 0:
            self._keep(at, frames)
        return frames

    def _start(self, at: int, frames: list[bytes]) -> int:
        """Where the next frame begins, or -1 when there is only noise, which is dropped."""
        buffer = self._buffer
        if buffer[at : at + 1] == VT:
            self._noise, self._noise_start = 0, b""
            return at
        start = buffer.find(VT, at)
        self._skip(bytes(buffer[at : start if start >= 0 else len(buffer)]), frames)
        if start < 0:
            buffer.clear()
            self._searched = 0
        else:
            self._noise, self._noise_start = 0, b""
        return start

    def _skip(self, noise: bytes, frames: list[bytes]) -> None:
        """Counts what is no frame, which may come in several reads; the verb of HTTP as well."""
        noise = noise.strip(b"\r\n") if not self._noise else noise
        self._noise += len(noise)
        self._noise_start = (self._noise_start + noise[:_LONGEST_VERB])[:_LONGEST_VERB]
        if self._noise > NOISE_LIMIT or self._noise_start.startswith(_FOREIGN):
            raise NotMllp("no frame begins here", frames)

    def _body(self, at: int, end: int, frames: list[bytes]) -> bytes:
        body = bytes(self._buffer[at + 1 : end])
        if VT in body:
            body = body.rpartition(VT)[2]
        if len(body) > self._limit:
            raise FrameTooLong(f"a frame is over {self._limit} bytes", frames, body[:NOISE_LIMIT])
        return body

    def _keep(self, at: int, frames: list[bytes]) -> None:
        """Keeps the unfinished frame at the buffer's start."""
        buffer = self._buffer
        restart = buffer.rfind(VT, max(at + 1, self._searched))
        del buffer[: max(at, restart)]
        if len(buffer) - 1 > self._limit + 1:
            raise FrameTooLong(f"a frame is over {self._limit} bytes", frames, bytes(buffer[1:NOISE_LIMIT]))
        # the last byte may be an FS whose CR is still to come
        self._searched = max(1, len(buffer) - 1)
