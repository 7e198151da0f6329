"""The delimiters that a message declares for itself (HL7 v2 chapter 2, MSH-1 and MSH-2)."""

from dataclasses import dataclass

from hub.errors import Unreadable

_PUNCTUATION = frozenset(b for b in range(0x21, 0x7F) if not chr(b).isalnum())
_MEANT = {b"^~&": b"^~\0&", b"^~ &": b"^~\0&", b"^~\\\\&": b"^~\\&"}
"""Common senders' mistakes in MSH-2, and what was meant: no escape character, and one that was itself escaped."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """One character each; ``escape``, ``subcomponent`` and ``truncation`` are empty when not declared."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @property
    def encoding_characters(self) -> str:
        """MSH-2 as it is written."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation


STANDARD = Delimiters()
"""``|^~\\&``, which nearly everyone uses."""

_STANDARD_START = b"MSH|^~\\&|"


def read_delimiters(message: bytes) -> Delimiters:
    """The delimiters of a message that begins with its header segment (MSH, FHS or BHS).

    MSH-2 has 2 to 5 distinct characters: component, repetition, escape, subcomponent and, from 2.7, truncation.
    ``^~&``, ``^~ &`` and ``^~\\\\&``, common senders' mistakes, are read as what was meant.
    Raises ``Unreadable`` with path ``MSH-1`` or ``MSH-2``.
    """
    if message.startswith(_STANDARD_START):
        return STANDARD
    name = message[:3].decode("latin-1")
    separator = message[3:4]
    if not separator or separator[0] not in _PUNCTUATION:
        raise Unreadable("the field separator must be a punctuation character", path=f"{name}-1")
    return _encoding_characters(separator, _up_to(message[4:12], separator), name)


def _up_to(head: bytes, separator: bytes) -> bytes:
    """MSH-2 alone, which a header of two fields may end without a separator."""
    for end in (separator, b"\r", b"\n"):
        head = head.partition(end)[0]
    return head


def _encoding_characters(separator: bytes, declared: bytes, name: str) -> Delimiters:
    if declared in _MEANT:
        declared = _MEANT[declared]
    elif not 2 <= len(declared) <= 5:
        raise Unreadable("two to five encoding characters are needed", path=f"{name}-2")
    elif len(set(declared)) != len(declared) or not _PUNCTUATION.issuperset(declared):
        raise Unreadable("the encoding characters must be distinct punctuation characters", path=f"{name}-2")
    characters = declared.decode("ascii")
    component, repetition, escape, subcomponent, truncation = tuple(characters.ljust(5, "\0"))
    return Delimiters(
        field=separator.decode("ascii"),
        component=component,
        repetition=repetition,
        escape=escape.strip("\0"),
        subcomponent=subcomponent.strip("\0"),
        truncation=truncation.strip("\0"),
    )
