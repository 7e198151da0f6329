"""Acknowledgements (HL7 v2 chapter 2, "Message acknowledgment"): MSH, MSA and, with an error, ERR."""

import re
from dataclasses import dataclass

from hub.errors import Refused, Unreadable
from hub.formats.hl7v2.delimiters import Delimiters
from hub.formats.hl7v2.escapes import escape
from hub.formats.hl7v2.header import Header, first_segment, text_of
from hub.formats.hl7v2.message import parse
from hub.formats.hl7v2.segment import Segment

_CONDITIONS = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "104": "Value too long",
    "198": "Non-conformant cardinality",
    "199": "Other HL7 error",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application error",
}
"""HL7 table 0357."""

_PATH = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?)?")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer: MSA-1, MSA-2 verbatim, what it says went wrong, and the whole answer as it came.

    ``code`` is empty when there was no answer; ``text`` then says why.
    """

    code: str
    control_id: bytes
    text: str = ""
    raw: bytes = b""

    @property
    def accepted(self) -> bool:
        return self.code in ("AA", "CA")


def read_acknowledgement(data: bytes) -> Acknowledgement:
    """The acknowledgement that the bytes are. Raises ``Unreadable`` when they hold no MSA."""
    separator = data[3:4] or b"|"
    fields = first_segment(data, b"MSA" + separator).split(separator)
    if len(fields) < 3:
        raise Unreadable("the answer holds no MSA segment", path="MSA")
    code = text_of(fields[1])
    return Acknowledgement(code, fields[2], "" if code in ("AA", "CA") else _complaint(data), data)


def _complaint(data: bytes) -> str:
    """What the other side says is wrong: ERR-8 or ERR-7, the code's text, or MSA-3."""
    message = parse(data, "latin-1")
    said = [_complaint_of(err) for err in message.all("ERR")]
    msa = message.first("MSA")
    return "; ".join(text for text in said if text) or (msa[3].first.text if msa else "")


def _complaint_of(err: Segment) -> str:
    before_2_5 = err[1].first
    code = " ".join(filter(None, (err[3].first[1] or before_2_5.sub(4, 1), err[3].first[2] or before_2_5.sub(4, 2))))
    place = "-".join(filter(None, (err[2].first[1] or before_2_5[1], err[2].first[3] or before_2_5[3])))
    return ", ".join(filter(None, (code, place, err[8].first.text or err[7].first.text)))


def acknowledge(
    header: Header, code: str, *, control_id: str, now: str, error: Refused | None = None, confirm: str = ""
) -> bytes:
    """The acknowledgement of the message with that header, in the sender's own delimiters.

    ``code`` is AA, AE, AR, CA, CE or CR; ``control_id`` is this acknowledgement's own; ``now`` is MSH-7 (DTM). Sender
    and receiver change places as whole HDs, MSA-2 is MSH-10 verbatim. An ``error`` is told in ERR, in the form of
    the sender's version; its text must hold no patient data. ``confirm`` is MSH-15, for an acknowledgement that is to
    be acknowledged itself.
    """
    modern = error is None or _is_modern(header.version)
    charset = b"" if error and error.location == "MSH-18" else header.raw(18)  # not one that nobody can read
    segments = [_msh(header, control_id, now, (confirm, charset)), _msa(header, code, "" if modern else _reason(error))]
    if error:
        segments.append(_err(header.delimiters, error) if modern else _err_before_2_5(header.delimiters, error))
    return b"\r".join((*segments, b""))


def expecting(acknowledgement: bytes, number: int) -> bytes:
    """The acknowledgement with the expected sequence number, MSA-4 (HL7 v2 chapter 2, "Sequence number protocol")."""
    separator = acknowledgement[3:4]
    head, start, rest = acknowledgement.partition(b"\rMSA" + separator)
    if not start:  # no acknowledgement is wanted
        return acknowledgement
    msa, _, tail = rest.partition(b"\r")
    code, control_id, text = [*msa.split(separator), b""][:3]
    return head + start + separator.join((code, control_id, text, b"%d" % number)) + b"\r" + tail


def _msh(header: Header, control_id: str, now: str, asked: tuple[str, bytes]) -> bytes:
    confirm, charset = asked
    delimiters = header.delimiters
    kind = ("ACK", header.trigger, "ACK") if header.trigger else ("ACK",)
    fields = [
        b"MSH",
        delimiters.encoding_characters.encode(),
        header.receiving_application,
        header.receiving_facility,
        header.application,
        header.facility,
        now.encode(),
        b"",
        delimiters.component.join(kind).encode(),
        control_id.encode(),
        header.raw(11) or b"P",
        header.raw(12) or b"2.5.1",
    ]
    if confirm or charset:
        fields += [b"", b"", confirm.encode(), b"NE" if confirm else b"", b"", charset]
    return header.separator.join(fields)


def _msa(header: Header, code: str, text: str) -> bytes:
    fields = [b"MSA", code.encode(), header.control_id]
    if text:
        fields.append(_safe(text, header.delimiters).encode())
    return header.separator.join(fields)


def _err(delimiters: Delimiters, error: Refused) -> bytes:
    """ERR as from 2.5: ERR-2 location (ERL), ERR-3 code, ERR-4 severity, ERR-8 the text for a person."""
    where = delimiters.component.join(_location(error.location, ("", "1", "", "", "", ""))).rstrip(delimiters.component)
    what = delimiters.component.join((error.condition, _CONDITIONS.get(error.condition, ""), "HL70357"))
    fields = ["ERR", "", where, what, "E", "", "", "", _safe(str(error), delimiters)]
    return delimiters.field.join(fields).encode()


def _err_before_2_5(delimiters: Delimiters, error: Refused) -> bytes:
    """ERR before 2.5: ERR-1 is segment, sequence, field and, in subcomponents, the code."""
    text = _CONDITIONS.get(error.condition, "")
    what = (delimiters.subcomponent or " ").join((error.condition, text, "HL70357"))
    where = _location(error.location, ("", "1", ""))[:3]
    return delimiters.field.join(("ERR", delimiters.component.join((*where, what)))).encode()


def _location(path: str, defaults: tuple[str, ...]) -> tuple[str, ...]:
    """``PID-3[2].4`` as segment, sequence, field, repetition, component, subcomponent."""
    found = _PATH.fullmatch(path)
    if not found:
        return ("",) * len(defaults)
    return tuple(given or default for given, default in zip(found.groups(), defaults, strict=False))


def _reason(error: Refused | None) -> str:
    return str(error) if error else ""


def _safe(text: str, delimiters: Delimiters) -> str:
    try:
        return escape(text, delimiters)
    except ValueError:
        return "".join(character for character in text if character.isalnum() or character == " ")


def _is_modern(version: str) -> bool:
    """Whether ERR has the form of 2.5; an empty or unreadable version is taken for a current one."""
    numbers = version.split(".")[:2]
    if len(numbers) < 2 or not all(n.isdecimal() for n in numbers):
        return True
    return (int(numbers[0]), int(numbers[1])) >= (2, 5)
