"""What can be wrong in a feed's profile beyond the shape of its file: systems, elements and paths that only the
terminology, the definitions of FHIR and the mappers know."""

from collections.abc import Iterator

from hub.fhir.check.definitions import is_resource
from hub.fhir.coding_systems import canonical
from hub.fhir.path import steps
from hub.mappers.z_segment import READERS, element_of
from hub.model import Format
from hub.settings import Feed, ZField

Complaint = tuple[str, str]
"""The key within the file, and what is allowed there."""


_CHANGING = ("repairs", "defaults", "codes", "z_segments")
"""What a profile changes; the columns of CSV files have repairs of their own."""


def complaints(feed: Feed) -> Iterator[Complaint]:
    """What is wrong in the profile and the tests of one feed."""
    if feed.format is not Format.HL7V2:
        changing = ("repairs", "defaults", "z_segments") if feed.format is Format.CSV else _CHANGING
        yield from ((key, "is for HL7 v2 messages only") for key in changing if getattr(feed, key))
    yield from _codes(feed)
    for path, target in feed.z_segments.items():
        yield from ((f"z_segments.{path}.{key}", text) for key, text in _target(target))
    for number, test in enumerate(feed.tests):
        for path in test.expect:
            try:
                steps(path)
            except ValueError as error:
                yield f"tests.{number}.expect", str(error)


def _codes(feed: Feed) -> Iterator[Complaint]:
    """The system of a meaning is known; a code that comes with the name of its own system means one of another."""
    for key, meanings in feed.codes.items():
        for code, meaning in meanings.items():
            if not meaning.system and key in feed.meanings and feed.format is Format.HL7V2:
                yield f"codes.{key}.{code}", "needs a system, because the code is not one of its field's table"
            elif meaning.system and not (canonical(meaning.system) or meaning.system in feed.coding_systems):
                yield f"codes.{key}.{code}.system", f"{meaning.system!r} is no URI and no name of HL7 table 0396"


def _target(target: ZField) -> Iterator[Complaint]:
    if not is_resource(target.of):
        yield "of", f"{target.of!r} is no resource of FHIR R4"
        return
    if target.extension:
        if ":" not in target.extension:
            yield "extension", f"{target.extension!r} must be a URI, such as https://…"
        if target.type and target.type not in READERS:
            yield "type", f"must be one of: {', '.join(sorted(READERS))}"
        return
    found = element_of(target)
    if found is None:
        yield "element", f"{target.of} has no element {target.element!r}"
    elif found[1].name not in READERS:
        yield "element", f"{target.element} is a {found[1].name}, which no field can be; use an extension"
    elif target.type and target.type != found[1].name:
        yield "type", f"{target.element} is a {found[1].name}"
