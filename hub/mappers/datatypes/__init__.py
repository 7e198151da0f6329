"""HL7 v2 data types to FHIR elements, one file each, named ``source_target``.

Every function takes a repetition (or the text of a component) and the ``Notes``, or the ``Context`` where it adds a
resource to the bundle; it returns the element without empty members, ``{}`` or ``""`` when the source says nothing.
"""

from collections.abc import Callable
from typing import TypeVar

from hub.formats.hl7v2.segment import Field, Repetition
from hub.mappers.notes import Notes

T = TypeVar("T")
N = TypeVar("N", bound=Notes)


def each(field: Field, mapper: Callable[[Repetition, N], T], ctx: N) -> list[T]:
    """All repetitions of a field that say something, mapped."""
    return [mapped for repetition in field if (mapped := mapper(repetition, ctx))] if field.raw else []
