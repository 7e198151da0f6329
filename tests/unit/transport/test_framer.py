from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.transport.mllp import Framer, FrameTooLong, NotMllp, frame

BODIES = st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\x0b", b"").replace(b"\x1c", b"")), max_size=8)


def _fed(framer: Framer, data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(c, len(data)) for c in cuts), len(data)]
    return [body for a, b in pairwise(edges) for body in framer.feed(data[a:b])]


@given(BODIES, st.lists(st.integers(0, 300)), st.sampled_from([b"", b"\r", b"\r\n", b"\n\n"]))
def test_any_split(bodies: list[bytes], cuts: list[int], between: bytes) -> None:
    """However the stream is cut into reads, the same frames come out in order."""
    data = between.join(frame(body) for body in bodies) + between
    framer = Framer()
    assert _fed(framer, data, cuts) == bodies
    assert not framer.unfinished


def test_byte_at_a_time() -> None:
    """A frame that comes one byte at a time is whole with its last byte, and not before."""
    framer = Framer()
    data = frame(b"MSH|a\rPID|1\r")
    assert [framer.feed(data[i : i + 1]) for i in range(len(data) - 1)] == [[]] * (len(data) - 1)
    assert framer.unfinished
    assert framer.feed(data[-1:]) == [b"MSH|a\rPID|1\r"]


@given(BODIES.filter(bool), st.binary(min_size=1, max_size=30), st.lists(st.integers(0, 300)))
def test_a_half_frame_is_dropped(bodies: list[bytes], half: bytes, cuts: list[int]) -> None:
    """A ``VT`` within a frame begins a new one; the half before it is never glued to what follows."""
    half = half.replace(b"\x1c", b".")
    data = b"".join(b"\x0b" + half + frame(body) for body in bodies)
    assert _fed(Framer(), data, cuts) == bodies


def test_an_unfinished_frame_is_no_frame() -> None:
    """Without ``FS CR`` nothing comes out, neither of a lone ``FS`` nor of a missing ``VT``."""
    assert Framer().feed(b"\x0bMSH|a\x1c") == []
    assert Framer().feed(b"MSH|a\x1c\r") == []


def test_noise_is_skipped_and_bounded() -> None:
    """Up to 4 KiB of noise before a frame are skipped; more is another protocol."""
    framer = Framer()
    assert framer.feed(b"x" * 4096 + frame(b"A")) == [b"A"]
    assert framer.feed(b"x" * 4000) == []
    with pytest.raises(NotMllp):
        framer.feed(b"x" * 97)


def test_line_ends_are_no_noise() -> None:
    """Any number of CR and LF may stand between frames."""
    framer = Framer()
    assert [framer.feed(b"\r\n" * 3000), framer.feed(frame(b"A"))] == [[], [b"A"]]


@pytest.mark.parametrize("hello", [b"GET / HTTP/1.1\r\n", b"SSH-2.0-x\r\n", b"\x16\x03\x01\x02", b"\x01\x00\x00\x00"])
def test_other_protocols(hello: bytes) -> None:
    """HTTP, SSH, TLS and DICOM are known by how they begin."""
    with pytest.raises(NotMllp):
        Framer().feed(hello)


@given(st.integers(1, 64), st.integers(0, 70), st.lists(st.integers(0, 80)))
def test_the_limit(limit: int, size: int, cuts: list[int]) -> None:
    """A frame up to the limit comes out; one byte more is refused, however it comes in."""
    body = b"m" * size
    if size <= limit:
        assert _fed(Framer(limit), frame(body), cuts) == [body]
    else:
        with pytest.raises(FrameTooLong):
            _fed(Framer(limit), frame(body), cuts)


def test_frames_before_the_error_are_not_lost() -> None:
    """The error carries the frames that were whole before it, and the beginning of the long one."""
    with pytest.raises(FrameTooLong) as caught:
        Framer(100).feed(frame(b"A") + frame(b"B") + b"\x0bMSH|" + b"m" * 200)
    assert caught.value.frames == [b"A", b"B"]
    assert caught.value.head.startswith(b"MSH|m")


def test_memory_is_capped_while_halves_are_dropped() -> None:
    """A sender that begins again and again does not fill the buffer."""
    framer = Framer(1000)
    for _ in range(100):
        assert framer.feed(b"\x0b" + b"m" * 900) == []
    assert framer.feed(b"\x1c\r") == [b"m" * 900]


@given(st.lists(st.binary(max_size=50)))
def test_any_bytes(chunks: list[bytes]) -> None:
    """Whatever comes in, only whole frames come out, without the frame's own characters."""
    framer = Framer(40)
    try:
        for chunk in chunks:
            assert all(b"\x0b" not in body and b"\x1c\r" not in body for body in framer.feed(chunk))
    except (FrameTooLong, NotMllp) as error:
        assert error.frames is not None  # noqa: PT017 - either outcome is right
