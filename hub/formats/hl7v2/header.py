"""The header alone, as bytes: what a receiver needs before it acknowledges, in a few microseconds.

Nothing is decoded here: MSH-10 and the senders' names go back in the acknowledgement exactly as they came.
"""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from hub.errors import Refused, Unreadable
from hub.formats.hl7v2.delimiters import STANDARD, Delimiters, read_delimiters
from hub.formats.hl7v2.message import first_line, strip_start

_SEPARATORS = frozenset("!\"#$%'()*+,-./:;<=>?@[]_`{|}")
"""What may separate fields where the other delimiters are the usual ones."""

_ENVELOPES = (b"FHS", b"BHS")

NULL = b'""'
_ABSENT = [b""] * 25
"""The fields of MSH (from 2.8 on)."""

_LONGEST = 65536
"""Bytes of a segment that are looked at here; what matters stands at its start."""


_LONGEST_REMEMBERED = 512
"""Bytes of a header's lasting fields that are remembered: no sender fills the memory with long ones."""


class _Lasting(NamedTuple):
    """What stands in every header of a sender and type: read once, not for every message."""

    type: str
    trigger: str
    structure: str
    sender: str
    processing_id: str
    version: str


class Header:
    """MSH with its fields as raw bytes: ``header.raw(10)`` is MSH-10; the named ones are below.

    ``separator`` is MSH-1; ``type``, ``trigger`` and ``structure`` are MSH-9.1 (``ADT``), MSH-9.2 (``A01``) and
    MSH-9.3 (``ADT_A01``); ``sender`` is ``application|facility``, the first component of MSH-3 and MSH-4, or the second
    where the first is empty; ``processing_id`` is MSH-11.1 (``P``, ``T`` or ``D``) and ``version`` MSH-12.1
    (``2.5.1``).
    """

    __slots__ = ("_component", "_fields", "delimiters", "separator", *_Lasting._fields)
    type: str
    trigger: str
    structure: str
    sender: str
    processing_id: str
    version: str

    def __init__(self, fields: list[bytes], delimiters: Delimiters) -> None:
        self._fields = [*fields, *_ABSENT[len(fields) :]]
        if NULL in fields:
            self._fields = [b"" if field == NULL else field for field in self._fields]
        self._component = delimiters.component.encode()
        self.delimiters = delimiters
        self.separator = delimiters.field.encode()
        said = (self._fields[2], self._fields[3], self._fields[8], self._fields[10], self._fields[11])
        read = _lasting if sum(map(len, said)) <= _LONGEST_REMEMBERED else _lasting.__wrapped__
        lasting = read(said, self._component)
        self.type, self.trigger, self.structure, self.sender, self.processing_id, self.version = lasting

    def raw(self, number: int) -> bytes:
        """MSH field ``number`` (3 to 25) verbatim; empty when absent or the explicit null."""
        return self._fields[number - 1]

    def component(self, field: int, number: int) -> str:
        """A component of an MSH field as text, escapes untouched."""
        return _component_of(self._fields[field - 1], self._component, number)

    @property
    def application(self) -> bytes:
        """MSH-3, the whole HD."""
        return self._fields[2]

    @property
    def facility(self) -> bytes:
        """MSH-4, the whole HD."""
        return self._fields[3]

    @property
    def receiving_application(self) -> bytes:
        """MSH-5, the whole HD."""
        return self._fields[4]

    @property
    def receiving_facility(self) -> bytes:
        """MSH-6, the whole HD."""
        return self._fields[5]

    @property
    def datetime(self) -> str:
        """MSH-7 as sent."""
        return self.component(7, 1)

    @property
    def security(self) -> str:
        """MSH-8."""
        return text_of(self.raw(8))

    @property
    def control_id(self) -> bytes:
        """MSH-10 verbatim."""
        return self._fields[9]

    @property
    def continuation(self) -> bytes:
        """MSH-14: set when this is a fragment of a longer message."""
        return self.raw(14)

    @property
    def accept_ack(self) -> str:
        """MSH-15: ``AL``, ``NE``, ``ER``, ``SU`` or empty."""
        return text_of(self._fields[14])

    @property
    def application_ack(self) -> str:
        """MSH-16: ``AL``, ``NE``, ``ER``, ``SU`` or empty."""
        return text_of(self._fields[15])

    @property
    def charset(self) -> str:
        """MSH-18 as sent."""
        return text_of(self._fields[17])


@lru_cache(maxsize=1024)
def _lasting(said: tuple[bytes, ...], mark: bytes) -> _Lasting:
    """What MSH-3, MSH-4, MSH-9, MSH-11 and MSH-12 say, whose components ``mark`` separates."""
    application, facility, kind, processing_id, version = said
    type_, trigger, structure, *_ = (*text_of(kind).split(mark.decode(), 3), "", "")
    sender = "|".join(_component_of(hd, mark, 1) or _component_of(hd, mark, 2) for hd in (application, facility))
    return _Lasting(
        type_, trigger, structure, sender, _component_of(processing_id, mark, 1), _component_of(version, mark, 1)
    )


def _component_of(value: bytes, mark: bytes, number: int) -> str:
    if mark not in value:
        return text_of(value) if number == 1 and value else ""
    parts = value.split(mark)
    return text_of(parts[number - 1]) if number <= len(parts) else ""


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
    separator = header.separator
    fields = first_segment(data, b"PID" + separator).split(separator, 4)
    if len(fields) > 3 and (key := _identifier(fields[3], header)):
        return key
    return _identifier(fields[2], header) if len(fields) > 2 else ""


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
