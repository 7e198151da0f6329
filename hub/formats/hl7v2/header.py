"""The header alone, as bytes: what a receiver needs before it acknowledges, in a few microseconds.

Nothing is decoded here: MSH-10 and the senders' names go back in the acknowledgement exactly as they came.
"""

from dataclasses import replace

from hub.errors import Refused, Unreadable
from hub.formats.hl7v2.delimiters import STANDARD, Delimiters, read_delimiters
from hub.formats.hl7v2.message import first_line, strip_start

_SEPARATORS = frozenset("!\"#$%'()*+,-./:;<=>?@[]_`{|}")
"""What may separate fields where the other delimiters are the usual ones."""

_ENVELOPES = (b"FHS", b"BHS")

_LONGEST = 65536
"""Bytes of a segment that are looked at here; what matters stands at its start."""


class Header:
    """MSH with its fields as raw bytes: ``header.raw(10)`` is MSH-10; the named ones are below."""

    __slots__ = ("_component", "_fields", "delimiters")

    def __init__(self, fields: list[bytes], delimiters: Delimiters) -> None:
        self._fields = fields
        self._component = delimiters.component.encode()
        self.delimiters = delimiters

    def raw(self, number: int) -> bytes:
        """MSH field ``number`` (from 3) verbatim; empty when absent or the explicit null."""
        value = self._fields[number - 1] if number <= len(self._fields) else b""
        return b"" if value == b'""' else value

    def component(self, field: int, number: int) -> str:
        """A component of an MSH field as text, escapes untouched."""
        value = self.raw(field)
        if self._component not in value:
            return text_of(value) if number == 1 and value else ""
        parts = value.split(self._component)
        return text_of(parts[number - 1]) if number <= len(parts) else ""

    @property
    def application(self) -> bytes:
        """MSH-3, the whole HD."""
        return self.raw(3)

    @property
    def facility(self) -> bytes:
        """MSH-4, the whole HD."""
        return self.raw(4)

    @property
    def receiving_application(self) -> bytes:
        """MSH-5, the whole HD."""
        return self.raw(5)

    @property
    def receiving_facility(self) -> bytes:
        """MSH-6, the whole HD."""
        return self.raw(6)

    @property
    def sender(self) -> str:
        """``application|facility``: the first component of MSH-3 and MSH-4, or the second where the first is empty."""
        return "|".join(self.component(n, 1) or self.component(n, 2) for n in (3, 4))

    @property
    def datetime(self) -> str:
        """MSH-7 as sent."""
        return self.component(7, 1)

    @property
    def security(self) -> str:
        """MSH-8."""
        return text_of(self.raw(8))

    @property
    def type(self) -> str:
        """MSH-9.1 (``ADT``)."""
        return self.component(9, 1)

    @property
    def trigger(self) -> str:
        """MSH-9.2 (``A01``)."""
        return self.component(9, 2)

    @property
    def structure(self) -> str:
        """MSH-9.3 (``ADT_A01``)."""
        return self.component(9, 3)

    @property
    def control_id(self) -> bytes:
        """MSH-10 verbatim."""
        return self.raw(10)

    @property
    def processing_id(self) -> str:
        """MSH-11.1 (``P``, ``T`` or ``D``)."""
        return self.component(11, 1)

    @property
    def version(self) -> str:
        """MSH-12.1 (``2.5.1``)."""
        return self.component(12, 1)

    @property
    def continuation(self) -> bytes:
        """MSH-14: set when this is a fragment of a longer message."""
        return self.raw(14)

    @property
    def accept_ack(self) -> str:
        """MSH-15: ``AL``, ``NE``, ``ER``, ``SU`` or empty."""
        return text_of(self.raw(15))

    @property
    def application_ack(self) -> str:
        """MSH-16: ``AL``, ``NE``, ``ER``, ``SU`` or empty."""
        return text_of(self.raw(16))

    @property
    def charset(self) -> str:
        """MSH-18 as sent."""
        return text_of(self.raw(18))


def read_header(data: bytes) -> Header:
    """The header of a message that can be taken in.

    Raises ``Refused`` when the first segment is no MSH (condition 100), its delimiters are unusable (102 on MSH-1
    or MSH-2), or MSH-9 or MSH-10 is missing (101).
    """
    header = _header(strip_start(data))
    for number, name in ((9, "message type"), (10, "control id")):
        if not header.raw(number).strip():
            raise Refused(f"{name} missing", condition="101", location=f"MSH-{number}")
    return header


def salvage_header(data: bytes) -> Header:
    """As much of the header as there is, to address the refusal of a message or batch; never fails.

    Of encoding characters that cannot be used the usual ones are taken: the field separator alone finds MSH-10, by
    which the sender knows what was refused. A batch is known by its control id (FHS-11, BHS-11).
    """
    data = strip_start(data)
    delimiters = _salvaged_delimiters(data)
    if delimiters is None:
        return Header([b"MSH", b"|"], STANDARD)
    fields = first_line(data).split(data[3:4])
    return Header(_as_message(fields, data) if data.startswith(_ENVELOPES) else fields, delimiters)


def _salvaged_delimiters(data: bytes) -> Delimiters | None:
    if not data.startswith((b"MSH", *_ENVELOPES)):
        return None
    try:
        return read_delimiters(data)
    except Unreadable:
        separator = data[3:4].decode("latin-1")
        return replace(STANDARD, field=separator) if separator in _SEPARATORS else None


def _as_message(fields: list[bytes], data: bytes) -> list[bytes]:
    """The header of a file or batch as that of a message: sender and receiver stand in the same fields."""
    inner = first_segment(data, b"BHS" + data[3:4]).split(data[3:4])
    control_id = next((ids[0] for ids in (fields[10:11], inner[10:11]) if ids and ids[0]), b"")
    return [b"MSH", *(fields[1:8] + [b""] * 7)[:7], b"", control_id]


def _header(data: bytes) -> Header:
    if not data.startswith(b"MSH"):
        raise Refused("a message begins with an MSH segment", condition="100", location="MSH")
    try:
        delimiters = read_delimiters(data)
    except Unreadable as error:
        raise Refused(str(error), condition="102", location=error.path) from None
    # MSH-1 is the separator itself, so that element n-1 is MSH-n
    return Header(first_line(data).split(delimiters.field.encode()), delimiters)


def patient_key(data: bytes, header: Header) -> str:
    """The sender's patient identifier, ``id|authority`` of the first repetition of PID-3 (PID-2 where that is empty).

    A key of order, not an identity: taken from the bytes as they are. ``""`` when there is no PID.
    """
    separator = header.delimiters.field.encode()
    fields = first_segment(data, b"PID" + separator).split(separator, 4)
    return next((key for raw in (fields[3:4], fields[2:3]) if raw and (key := _identifier(raw[0], header))), "")


def first_segment(data: bytes, start: bytes) -> bytes:
    """The first segment after the header that begins with ``start`` (``b"PID|"``), or nothing."""
    at = data.find(b"\r" + start)
    if at < 0:
        at = data.find(b"\n" + start)
    return first_line(data[at + 1 : at + 1 + _LONGEST]) if at >= 0 else b""


def _identifier(raw: bytes, header: Header) -> str:
    delimiters = header.delimiters
    parts = raw.partition(delimiters.repetition.encode())[0].split(delimiters.component.encode(), 4)
    value = text_of(parts[0]).strip()
    if not value or value == '""':
        return ""
    return f"{value}|{text_of(parts[3]) if len(parts) > 3 else ''}"


def text_of(raw: bytes) -> str:
    """Bytes of a header as text: UTF-8 where they are, else byte for byte."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
