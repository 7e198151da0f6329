"""Whether an HL7 v2 message is taken in: what its sender must put right is refused, with place and code.

Only the header, the patient's identifier and what a feed asks for are looked at. Everything else is the business of
conversion, which can hold a message for a person; a refusal is for what the sender alone can mend.
"""

from typing import NamedTuple

from hub.errors import Refused, Unreadable
from hub.formats.hl7v2.charset import codec_of
from hub.formats.hl7v2.header import Header, first_segment, patient_key, read_header, text_of
from hub.formats.hl7v2.message import strip_start
from hub.services.intake.message_types import check_type, needs_patient
from hub.settings import Feed

PROCESSING_IDS = ("", "P", "T", "D")
"""HL7 table 0103; an empty MSH-11 is taken for production."""

_VERSIONS = "2.0 2.0D 2.1 2.2 2.3 2.3.1 2.3.2 2.4 2.5 2.5.1 2.5.2 2.6 2.7 2.7.1 2.8 2.8.1 2.8.2 2.9 2.9.1"
VERSIONS = frozenset(_VERSIONS.split())
"""HL7 table 0104."""

LONGEST_CONTROL_ID = 2000
"""Bytes of MSH-10; the standard has 199, and no index of a database takes much more."""


_NOWHERE: tuple[list[bytes], ...] = ([], [b""], [b'""'])
"""What DSC-1 says where nothing follows."""


class Accepted(NamedTuple):
    """What is known of a message that can be taken: MSH-9.1 and 9.2, MSH-10 as text, and the patient it is about
    (``id|authority``, empty for none)."""

    kind: tuple[str, str]
    control_id: str
    patient: str


def readable_header(body: bytes) -> Header:
    """The header of a message. Raises ``Refused``."""
    try:
        header = read_header(body)
    except Refused as error:
        if error.location != "MSH-9":
            raise
        raise Refused(str(error), condition="200", location="MSH-9", reject=True) from None
    if len(header.control_id) > LONGEST_CONTROL_ID:
        raise Refused("control id too long", condition="104", location="MSH-10")
    return header


def accepted(body: bytes, header: Header, feed: Feed) -> Accepted:
    """The message as this feed takes it. Raises ``Refused`` (HL7 v2 chapter 2, table 0357)."""
    kind, trigger = header.type, header.trigger
    if kind in ("ACK", "MCF"):
        raise Refused("an acknowledgement of nothing that was sent", condition="200", location="MSH-9", reject=True)
    check_type(kind, trigger)
    _check_header(header)
    _check_whole(body, header)
    control_id = _control_id(header, _checked_codec(body, header, feed))
    patient = _patient_of(body, header, (kind, trigger))
    for place in feed.required.get(kind, ()):
        _check_required(body, header, place)
    return Accepted((kind, trigger), control_id, patient)


def _check_header(header: Header) -> None:
    if header.processing_id not in PROCESSING_IDS:
        raise Refused("processing id not supported", condition="202", location="MSH-11", reject=True)
    if header.version and header.version.strip() not in VERSIONS:
        raise Refused("version not supported", condition="203", location="MSH-12", reject=True)


def _check_whole(body: bytes, header: Header) -> None:
    """A fragment is never filed as a whole: MSH-14 or DSC-1 point to the rest, ADD goes on with another message's
    segment (HL7 v2 chapter 2, "Continuation messages and segments")."""
    separator = header.separator
    place = "MSH-14" if header.continuation else ""
    if b"DSC" in body and first_segment(body, b"DSC" + separator).split(separator)[1:2] not in _NOWHERE:
        place = "DSC-1"
    elif b"ADD" in body and first_segment(body, b"ADD" + separator):
        place = "ADD"
    if place:
        raise Refused("fragments of a message are not put together", condition="199", location=place, reject=True)


def _checked_codec(body: bytes, header: Header, feed: Feed) -> str:
    """What MSH-18 declares, which must be known and true; without a word there conversion reads by the feed's default,
    and nothing is said here."""
    if not header.charset:
        return ""
    try:
        codec = codec_of(header.charset.replace(header.delimiters.repetition, "~"), feed.charset)
        strip_start(body).decode(codec)
    except Unreadable as error:
        raise Refused(str(error), condition="103", location="MSH-18") from None
    except UnicodeDecodeError:
        raise Refused("the bytes are not in the declared character set", condition="102", location="MSH-18") from None
    return codec


def _control_id(header: Header, codec: str) -> str:
    """MSH-10 as a person reads it, by which the message is found again."""
    try:
        return header.control_id.decode(codec or "utf-8")
    except UnicodeDecodeError:
        return text_of(header.control_id)


def _patient_of(body: bytes, header: Header, kind: tuple[str, str]) -> str:
    """The sender's patient identifier. Raises ``Refused`` where one is required and neither PID-3 nor PID-2 has any."""
    key = patient_key(body, header)
    if key or not needs_patient(*kind):
        return key
    separator = header.separator
    found = body.replace(b"\n", b"\r").partition(b"\rPID" + separator)
    if not found[1]:
        raise _missing("PID")
    repetitions = separator.join(found[2].partition(b"\r")[0].split(separator)[1:3])
    for mark in (separator, header.delimiters.repetition.encode()):
        repetitions = repetitions.replace(mark, b"\r")
    values = [text.partition(header.delimiters.component.encode())[0] for text in repetitions.split(b"\r")]
    if not any(value.strip(b'" ') for value in values):
        raise Refused("patient identifier missing", condition="101", location="PID-3")
    return ""


def _check_required(body: bytes, header: Header, place: str) -> None:
    """Raises ``Refused`` without that segment (``EVN``), or without a value in its field (``PID-5``)."""
    separator = header.separator
    name, _, number = place.partition("-")
    fields = first_segment(body, name.encode() + separator).split(separator)
    if fields == [b""]:
        raise _missing(name)
    if number and not b"".join(fields[int(number) : int(number) + 1]).strip(b'" '):
        raise Refused("required field missing", condition="101", location=place)


def _missing(segment: str) -> Refused:
    return Refused(f"segment {segment} missing", condition="100", location=segment)
