"""Writing messages: nested Python values become escaped HL7 v2.

A field is a text, a tuple of components, or a list of repetitions; a component is a text or a tuple of subcomponents:

    build([
        ("MSH", {3: "EPIC", 4: "MERCY", 9: ("ADT", "A01", "ADT_A01"), 10: "1", 11: "P", 12: "2.5.1"}),
        ("PID", {3: [("70045", "", "", ("MERCY", "1.2.3", "ISO"), "MR")], 5: ("Andrews", "Harold")}),
    ])
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from hub.formats.hl7v2.charset import codec_of
from hub.formats.hl7v2.delimiters import STANDARD, Delimiters
from hub.formats.hl7v2.escapes import escape
from hub.formats.hl7v2.segment import NULL

Component: TypeAlias = str | tuple[str, ...]
Repetition: TypeAlias = str | tuple[Component, ...]
Field: TypeAlias = Repetition | list[Repetition]
Fields: TypeAlias = Mapping[int, Field]


def build(segments: Iterable[tuple[str, Fields]], delimiters: Delimiters = STANDARD) -> bytes:
    """The bytes of a message; each segment is its name and its fields by their standard number.

    ``parse`` gives the same values back. MSH-1 and MSH-2 come from ``delimiters``, the character set from MSH-18
    (UTF-8 when that is empty). The text ``""`` (two quotes) is the explicit null. Raises ``ValueError`` when a text
    needs an escape character that the delimiters do not have, or has no place in the character set.
    """
    listed = list(segments)
    text = "".join(_segment(name, fields, delimiters) + "\r" for name, fields in listed)
    declared = listed[0][1].get(18, "") if listed else ""
    labels = declared if isinstance(declared, list) else [declared]
    return text.encode(codec_of("~".join(str(label) for label in labels), "utf-8"))


def _segment(name: str, fields: Fields, delimiters: Delimiters) -> str:
    last = max(fields, default=0)
    texts = [_field(fields.get(number, ""), delimiters) for number in range(1, last + 1)]
    if name in ("MSH", "FHS", "BHS"):
        texts = [delimiters.encoding_characters, *texts[2:]]
    return _joined([name, *texts], delimiters.field)


def _field(value: Field, delimiters: Delimiters) -> str:
    if isinstance(value, str):
        return _text(value, delimiters)
    if isinstance(value, tuple):
        return _repetition(value, delimiters)
    return _joined([_repetition(r, delimiters) for r in value], delimiters.repetition)


def _repetition(value: Repetition, delimiters: Delimiters) -> str:
    if isinstance(value, str):
        return _text(value, delimiters)
    return _joined([_component(c, delimiters) for c in value], delimiters.component)


def _component(value: Component, delimiters: Delimiters) -> str:
    if isinstance(value, str):
        return _text(value, delimiters)
    if len(value) > 1 and not delimiters.subcomponent:
        raise ValueError("the delimiters have no subcomponent separator")
    return _joined([_text(s, delimiters) for s in value], delimiters.subcomponent)


def _joined(texts: list[str], separator: str) -> str:
    """Joined, without the empty ones at the end."""
    while texts and not texts[-1]:
        texts.pop()
    return separator.join(texts)


def _text(value: str, delimiters: Delimiters) -> str:
    return value if not value or value == NULL else escape(value, delimiters)
