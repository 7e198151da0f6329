import hl7
import pytest
from hypothesis import given

from hub.errors import Refused, Unreadable
from hub.formats.hl7v2 import acknowledge, parse, read_acknowledgement, read_header, salvage_header
from tests import strategies

MESSAGE = b"MSH|^~\\&|EPIC^1^ISO|MERCY|HUB|HIE|20260302||ADT^A04^ADT_A01|ctl\\E\\7 |P|%s\rPID|1"


def _answer(version: bytes = b"2.5.1", error: Refused | None = None, code: str = "AA") -> bytes:
    return acknowledge(read_header(MESSAGE % version), code, control_id="H1", now="20260302124001+0000", error=error)


def test_accepting() -> None:
    """Sender and receiver change places, MSA-2 is MSH-10 verbatim, and every segment ends in CR."""
    assert _answer() == (
        b"MSH|^~\\&|HUB|HIE|EPIC^1^ISO|MERCY|20260302124001+0000||ACK^A04^ACK|H1|P|2.5.1\rMSA|AA|ctl\\E\\7 \r"
    )


def test_refusing_from_2_5() -> None:
    """From 2.5 ERR names location, condition and severity in fields of their own."""
    error = Refused("no identifier|here", condition="101", location="PID-3[2].4")
    assert _answer(error=error, code="AE").split(b"\r")[2] == (
        b"ERR||PID^1^3^2^4|101^Required field missing^HL70357|E||||no identifier\\F\\here"
    )


def test_refusing_before_2_5() -> None:
    """Before 2.5 ERR-1 holds segment, sequence, field and code, and MSA-3 the text."""
    error = Refused("no identifier", condition="101", location="OBX[2]-3")
    lines = _answer(b"2.3", error, "AE").split(b"\r")
    assert lines[1] == b"MSA|AE|ctl\\E\\7 |no identifier"
    assert lines[2] == b"ERR|OBX^2^3^101&Required field missing&HL70357"


def test_reading_an_answer() -> None:
    """Code and control id are read verbatim, and the complaint is in words."""
    accepted = read_acknowledgement(_answer())
    assert (accepted.code, accepted.control_id, accepted.text, accepted.accepted) == ("AA", b"ctl\\E\\7 ", "", True)
    for version in (b"2.5.1", b"2.3"):
        error = Refused("no identifier", condition="101", location="PID-3")
        refused = read_acknowledgement(_answer(version, error, "AR"))
        assert not refused.accepted
        assert "101 Required field missing" in refused.text
        assert "PID-3" in refused.text


@pytest.mark.parametrize("data", [b"", b"hello", b"MSH|^~\\&|A\rMSA|AA", b"MSH|^~\\&|A"])
def test_what_is_no_answer(data: bytes) -> None:
    """Bytes without MSA-1 and MSA-2 are no acknowledgement."""
    with pytest.raises(Unreadable):
        read_acknowledgement(data)


def test_bytes_that_are_no_message_can_be_answered() -> None:
    """A refusal of bytes without a header is still a whole message."""
    answer = acknowledge(salvage_header(b"junk"), "AR", control_id="H1", now="2026", error=Refused("no MSH"))
    assert [s.name for s in parse(answer).segments] == ["MSH", "MSA", "ERR"]


@given(strategies.messages(strategies.delimiters), strategies.texts())
def test_any_message_can_be_answered(data: bytes, reason: str) -> None:
    """In whatever delimiters a message came, its answer is readable in the same ones, and refers to it."""
    header = read_header(data)
    answer = acknowledge(header, "AE", control_id="H1", now="2026", error=Refused(reason, location="PID-5"))
    message = parse(answer)
    msa, err = message.first("MSA"), message.first("ERR")
    assert msa is not None
    assert err is not None
    assert (msa[1].text, msa[2].raw) == ("AE", header.control_id.decode())
    assert err[8].text == reason
    assert message.delimiters == header.delimiters


def test_python_hl7_reads_it() -> None:
    """The acknowledgement is one that python-hl7 understands."""
    read = hl7.parse(_answer(error=Refused("x", location="PID-3"), code="AR").decode())
    assert str(read.segment("MSA")[1]) == "AR"
