"""The values of a message: the texts of its subcomponents, components and fields, each with its path.

Decoded, neither empty nor the explicit null. MSH-1 and MSH-2 are no values, nor are the numbers by which segments of a
kind are counted (datatype SI: ``PID-1``, ``OBX-1``), which say where a segment stands and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import NULL, Repetition, Segment
from hub.mappers.coverage.tables import SET_ID, table_of


@dataclass(frozen=True, slots=True)
class Value:
    """One value: where it stands (``OBX[2]-3.1``), where its like stand (``OBX-3.1``), and its text.

    Components are numbered even where there is one alone, subcomponents where there are several (``PID-5.1.2``).
    """

    path: str
    field: str
    text: str
    repetition: Repetition
    landed: bool = False

    @property
    def table(self) -> str:
        """The number of the HL7 table of its field, where codes of that table are translated."""
        return table_of(self.field)


def values(message: Message) -> Iterator[Value]:
    """The values of a message in their order."""
    for segment in message.segments:
        for field in segment:
            if (segment.name == "MSH" and field.number < 3) or table_of(f"{segment.name}-{field.number}.1") == SET_ID:
                continue
            for repetition in field:
                yield from _of_repetition(segment, field.number, repetition)


def _of_repetition(segment: Segment, number: int, repetition: Repetition) -> Iterator[Value]:
    syntax = repetition.syntax
    for component in range(1, len(repetition) + 1):
        raw = repetition.part(component)
        if not raw or raw == NULL:
            continue
        parts = raw.split(syntax.subcomponent) if syntax.subcomponent else [raw]
        for at, part in enumerate(parts, 1):
            if text := syntax.decoded(part).strip():
                place = f".{component}" + (f".{at}" if len(parts) > 1 else "")
                yield Value(repetition.path + place, f"{segment.name}-{number}{place}", text, repetition)
