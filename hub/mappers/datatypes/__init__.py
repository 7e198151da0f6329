"""HL7 v2 data types to FHIR elements, one file each, named ``source_target``.

Every function takes a repetition (or the text of a component) and the ``Context``; it returns the element without
empty members, ``{}`` or ``""`` when the source says nothing.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from hub.formats.hl7v2.message import Repetition
from hub.mappers.context import Context

T = TypeVar("T")


def values(repetition: Repetition, count: int) -> list[str]:
    """The texts of components 1 to ``count``, ``""`` where there is none, to be unpacked into names.

    Blanks around a value are the padding of systems with columns of a fixed width.
    """
    stated = min(len(repetition), count)
    return [repetition[component].strip() for component in range(1, stated + 1)] + [""] * (count - stated)


def each(field: Iterable[Repetition], mapper: Callable[[Repetition, Context], T], ctx: Context) -> list[T]:
    """All repetitions of a field that say something, mapped."""
    return [mapped for repetition in field if (mapped := mapper(repetition, ctx))]
