import pytest
from hypothesis import given

from hub.errors import Refused
from hub.formats.hl7v2 import parse, patient_key, read_header, salvage_header
from tests import strategies

FULL = (
    b"MSH|^~\\&|EPIC|MERCY^1.2.3^ISO|HUB|HIE^9.9^ISO|20260302124000-0500|sec|ADT^A01^ADT_A01|a\\F\\b|P^T|2.5.1^USA"
    b"||part|AL|NE||UNICODE UTF-8\rEVN|A01\rPID|1||70045^^^MERCY&1.2.3&ISO^MR~9\rPV1|1|I"
)


def test_every_named_field() -> None:
    """The header's fields are there by name: senders and control id verbatim, codes as texts."""
    h = read_header(FULL)
    assert (h.application, h.facility) == (b"EPIC", b"MERCY^1.2.3^ISO")
    assert (h.receiving_application, h.receiving_facility) == (b"HUB", b"HIE^9.9^ISO")
    assert (h.sender, h.datetime, h.security) == ("EPIC|MERCY", "20260302124000-0500", "sec")
    assert (h.type, h.trigger, h.structure, h.control_id) == ("ADT", "A01", "ADT_A01", b"a\\F\\b")
    assert (h.processing_id, h.version, h.continuation) == ("P", "2.5.1", b"part")
    assert (h.accept_ack, h.application_ack, h.charset) == ("AL", "NE", "UNICODE UTF-8")


def test_short_header() -> None:
    """Fields that are not there are empty, and so is the explicit null."""
    h = read_header(b'MSH|^~\\&|A|""|||||ADT^A01|1\nEVN|A01')
    assert (h.facility, h.version, h.accept_ack, h.charset, h.sender) == (b"", "", "", "", "A|")


@pytest.mark.parametrize(
    ("data", "condition", "location"),
    [
        (b"hello", "100", "MSH"),
        (b"MSH|^|", "102", "MSH-2"),
        (b"MSH|^~\\&|A|B|C|D|||  |1", "101", "MSH-9"),
        (b"MSH|^~\\&|A|B|C|D|||ADT^A01||P", "101", "MSH-10"),
        (b"MSH|^~\\&|A|B|C|D|||ADT^A01", "101", "MSH-10"),
    ],
)
def test_unusable_headers_are_refused(data: bytes, condition: str, location: str) -> None:
    """What cannot be taken in is refused with the table 0357 condition and the place, and can still be answered."""
    with pytest.raises(Refused) as caught:
        read_header(data)
    assert (caught.value.condition, caught.value.location) == (condition, location)
    assert salvage_header(data).delimiters


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (FULL, "70045|MERCY&1.2.3&ISO"),
        (FULL.replace(b"\r", b"\n"), "70045|MERCY&1.2.3&ISO"),
        (FULL.replace(b"\r", b"\r\n"), "70045|MERCY&1.2.3&ISO"),
        (b"MSH|^~\\&|A|||||||1\rPID|1|77^^^OLD", "77|OLD"),
        (b'MSH|^~\\&|A|||||||1\rPID|1||""|', ""),
        (b"MSH|^~\\&|A|||||||1\rPID", ""),
        (b"MSH|^~\\&|A|PID|1||70045||||1\rZZZ|PID|1||5", ""),
        (b"MSH!^~\\&!A\rPID!1!!5^^^M", "5|M"),
    ],
)
def test_patient_key(data: bytes, key: str) -> None:
    """The first repetition of PID-3 (or PID-2) with its authority, found in the bytes."""
    assert patient_key(data, salvage_header(data)) == key


@given(strategies.messages(strategies.delimiters))
def test_header_agrees_with_the_whole_message(data: bytes) -> None:
    """The bytes-level header and the parsed message say the same."""
    header, message = read_header(data), parse(data)
    assert (header.type, header.trigger, header.delimiters) == (message.type, message.trigger, message.delimiters)
    assert header.control_id.decode() == message.control_id


def test_encoding_characters_that_cannot_be_used_do_not_hide_the_control_id() -> None:
    """The refusal of such a message can still name it, and go back to whom it came from."""
    header = salvage_header(b"MSH|^^\\&|ADT|MERCY|HUB|C|2026||ADT^A04|M1|P|2.5.1\rPID|1")
    assert (header.control_id, header.sender, header.trigger) == (b"M1", "ADT|MERCY", "A04")
    assert header.delimiters.encoding_characters == "^~\\&"
    for data in (b"", b"MSH", b"MSH^^", b"MSHxyz"):
        assert salvage_header(data).control_id == b""
