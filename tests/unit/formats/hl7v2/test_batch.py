import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Unreadable
from hub.formats.hl7v2 import split_batch
from hub.formats.hl7v2.batch import salvage_batch
from tests import strategies

ONE = b"MSH|^~\\&|A|||||||ADT^A01|1\rPID|1\r"
TWO = b"MSH|^~\\&|A|||||||ADT^A01|2\rPID|2\r"


def test_enveloped() -> None:
    """The messages between BHS and BTS come out with their bytes as they stand."""
    batch = split_batch(b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + ONE + TWO + b"BTS|2\rFTS|1\r")
    assert (list(batch), batch.enveloped, len(batch)) == ([ONE, TWO], True, 2)


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n"])
def test_one_after_another(ending: bytes) -> None:
    """Messages without an envelope are taken apart at each MSH, whatever ends their lines."""
    data = (ONE + TWO).replace(b"\r", ending)
    batch = split_batch(b"\xef\xbb\xbf\r\n" + data)
    assert [m.replace(ending, b"\r") for m in batch] == [ONE, TWO]
    assert not batch.enveloped


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"", "MSH"),
        (b"PID|1\r" + ONE, "MSH"),
        (b"BHS|^~\\&|A\r" + ONE, "BTS"),
        (b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + ONE + b"BTS|1\r", "FTS"),
        (b"BHS|^~\\&|A\r" + ONE + b"BTS|2\r", "BTS-1"),
        (b"BHS|^~\\&|A\r" + ONE + b"BTS|one\r", "BTS-1"),
        (b"FHS|^~\\&|A\rBHS|^~\\&\r" + ONE + b"BTS|1\rFTS|" + b"9" * 5000, "FTS-1"),
        (ONE + b"BTS|1\r", "BTS"),
        (b"BHS|^~\\&|A\rBHS|^~\\&|A\r", "BHS"),
        (b"BHS|^~\\&|A\rPID|1\r" + ONE + b"BTS|1\r", "BHS"),
    ],
)
def test_broken_envelopes(data: bytes, path: str) -> None:
    """A file that is cut off, miscounted or holds stray segments is not taken for whole."""
    with pytest.raises(Unreadable) as caught:
        split_batch(data)
    assert caught.value.path == path


def test_trailer_without_a_count() -> None:
    """BTS-1 may be empty, and zero may be written as such."""
    assert len(split_batch(b"BHS|^~\\&|A\r" + ONE + b"BTS\r")) == 1
    assert len(split_batch(b"BHS|^~\\&|A\rBTS|0\r")) == 0


@given(st.lists(strategies.messages(strategies.delimiters), min_size=1, max_size=3))
def test_nothing_is_lost(messages: list[bytes]) -> None:
    """However many messages in whatever delimiters, all come out unchanged."""
    inside = b"".join(messages)
    assert list(split_batch(inside)) == messages
    assert list(split_batch(b"BHS|^~\\&|A\r%bBTS|%d\r" % (inside, len(messages)))) == messages


@given(st.binary(max_size=300))
def test_nothing_is_salvaged_of_what_holds_no_message(data: bytes) -> None:
    """Of any bytes only what begins with MSH comes out."""
    assert all(message.startswith(b"MSH") for message in salvage_batch(data))
