"""The definitions of FHIR R4 4.0.1 in their short form, which ``tools/compile_r4.py`` makes (``hub/fhir/r4``); each
block of text is read when its type is first met.

A block says what an element of a type may hold::

    Patient.contact : BackboneElement
      relationship 0..* CodeableConcept
      gender 0..1 code{administrative-gender}
      organization 0..1 Reference(Organization)

A choice of types is ``value[x]`` with its types, ``*`` for any; ``{…}`` is the value set of a required binding and
``(…)`` what a Reference may lead to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ANY = "*"
_TYPE = re.compile(r"([\w.]+)(?:\(([\w|]+)\))?(?:\{([\w.-]+)\})?")


@dataclass(frozen=True, slots=True)
class Type:
    """A type of an element, with the types that a Reference may lead to (none: any) and the name of the value set that
    its code must be of (empty: none)."""

    name: str
    targets: frozenset[str] = frozenset()
    value_set: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """One row of a definition; ``maximum`` is 0 where there may be any number, and an array where ``is_list``."""

    name: str
    minimum: int
    maximum: str
    types: tuple[Type, ...]

    @property
    def is_list(self) -> bool:
        """Whether its value is a JSON array."""
        return self.maximum not in ("0", "1")

    def members(self) -> Iterator[tuple[str, Type]]:
        """The names of its JSON members and their types: one, or one for each of a choice."""
        if not self.name.endswith("[x]"):
            yield self.name, self.types[0]
            return
        for kind in self.types:
            name = "Quantity" if kind.name in ("SimpleQuantity", "MoneyQuantity") else kind.name
            yield self.stem + name[0].upper() + name[1:], kind

    @property
    def stem(self) -> str:
        """Its name without the mark of a choice: ``value`` of ``value[x]``."""
        return self.name.removesuffix("[x]")


@cache
def lineage(name: str) -> tuple[str, ...]:
    """A type and those it is derived from, nearest first: ``Patient``, ``DomainResource``, ``Resource``."""
    head = _structures()[name].split("\n", 1)[0]
    base = head.partition(" : ")[2]
    return (name, *lineage(base)) if base else (name,)


@cache
def elements(name: str) -> tuple[Element, ...]:
    """All that an element of the type may hold; what a derived type says of an element replaces what its base says."""
    found: dict[str, Element] = {}
    for ancestor in reversed(lineage(name)):
        for row in _structures()[ancestor].split("\n")[1:]:
            element = _element(row)
            found[element.name] = element
    return tuple(found.values())


def is_resource(name: object) -> bool:
    """Whether that is the name of a resource of R4 that can have instances."""
    return name in _structures() and str(name) not in ABSTRACT and "Resource" in lineage(str(name))


ABSTRACT = frozenset({"Resource", "DomainResource", "MetadataResource"})


def is_structure(name: str) -> bool:
    """Whether elements of the type are JSON objects."""
    return name in _structures()


@cache
def codes(value_set: str) -> frozenset[str]:
    """The codes of a value set, of whatever system."""
    return frozenset(code for row in _code_rows(value_set) for code in row[1:])


@cache
def codings(value_set: str) -> frozenset[tuple[str, str]]:
    """System and code of each concept of a value set."""
    return frozenset((row[0], code) for row in _code_rows(value_set) for code in row[1:])


@cache
def extension_values() -> dict[str, frozenset[str]]:
    """The types that the values of HL7's extensions may have, by their URL; those with extensions of their own, and
    those that may have any value, are left out."""
    lines = (line.split(" ") for line in _text("extensions.txt").split("\n")[1:] if line and "{" not in line)
    return {CORE_EXTENSION + name: frozenset(types) for name, *types in lines if types != [ANY]}


CORE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def _element(row: str) -> Element:
    name, cardinality, *written = row.split()
    minimum, maximum = cardinality.split("..")
    return Element(name, int(minimum), maximum, tuple(_types(written)))


def _types(written: list[str]) -> Iterator[Type]:
    if written == [ANY]:
        yield from next(element for element in elements("Extension") if element.name == "value[x]").types
        return
    for text in written:
        match = _TYPE.fullmatch(text)
        assert match, text
        name, targets, value_set = match.groups(default="")
        yield Type(name, frozenset(targets.split("|")) if targets else frozenset(), value_set)


@cache
def _structures() -> dict[str, str]:
    return _blocks("structures.txt")


def _code_rows(value_set: str) -> list[list[str]]:
    return [row.split() for row in _value_sets()[value_set].split("\n")[1:]]


@cache
def _value_sets() -> dict[str, str]:
    return _blocks("codes.txt")


def _blocks(file: str) -> dict[str, str]:
    """The blocks of a file by their first word, unread."""
    _, *blocks = _text(file).strip().split("\n\n")
    return {block.split(None, 1)[0]: block for block in blocks}


def _text(file: str) -> str:
    return files("hub.fhir.r4").joinpath(file).read_text("utf-8")
