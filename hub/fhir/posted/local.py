"""The resources of what was posted as entries of one of the hub's bundles: kept whole, but for ids and references.

A resource gets the hub's id, and keeps its address as an identifier; a reference leads to the entry that it means, or,
where that is not in the bundle, names it by identifier.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.fhir.build import URN
from hub.fhir.check.definitions import elements
from hub.fhir.ids import identifier_key
from hub.fhir.posted.addresses import URI, address_identifier, address_of, type_of
from hub.fhir.posted.entries import Entry
from hub.fhir.posted.subject import Someone, identifiers_of
from hub.model import Json


@dataclass(frozen=True, slots=True)
class Local:
    """``resources`` in the order of the entries; ``patient`` is the one that they are about, which comes first where
    only references name him."""

    resources: tuple[Json, ...]
    patient: Json | None


def localised(posted: list[Entry], someone: Someone | None, feed: str) -> Local:
    """The entries as the hub holds them."""
    named = {name: URN + entry.id for entry in posted for name in entry.names}
    own = [_localised(entry, named, someone, feed) for entry in posted]
    if someone is None:
        return Local(tuple(own), None)
    if someone.entry is None:
        stub = someone.resource(feed)
        return Local((stub, *own), stub)
    return Local(tuple(own), own[posted.index(someone.entry)])


def _localised(entry: Entry, named: dict[str, str], someone: Someone | None, feed: str) -> Json:
    """The resource with the hub's id; where its type has several identifiers, its addresses are among them."""

    def refer(reference: Json) -> Json:
        return _referred(reference, entry.base, named, someone, feed)

    said = _walked(entry.resource, refer, named)
    made = {"resourceType": entry.kind, "id": entry.id, **{n: v for n, v in said.items() if n not in _HEAD}}
    numbers = [address_identifier(address, feed) for address in entry.addresses]
    if numbers and any(element.name == "identifier" and element.is_list for element in elements(entry.kind)):
        made["identifier"] = [*made.get("identifier", ()), *numbers]
    return made


_HEAD = ("resourceType", "id")


def _walked(element: Any, refer: Callable[[Json], Json], named: dict[str, str]) -> Any:
    """The element with its references localised, and with the URLs of attachments that are entries themselves."""
    if isinstance(element, list):
        return [_walked(one, refer, named) for one in element]
    if not isinstance(element, dict):
        return element
    found = {name: _walked(value, refer, named) for name, value in element.items()}
    if found.get("url") in named:
        found["url"] = named[found["url"]]
    return refer(found) if _is_reference(found) else found


_LOGICAL = frozenset({"id", "extension", "type", "identifier", "display"})


def _is_reference(element: Json) -> bool:
    if isinstance(element.get("reference"), str):
        return True
    return isinstance(element.get("identifier"), dict) and element.keys() <= _LOGICAL


def _referred(reference: Json, base: str, named: dict[str, str], someone: Someone | None, feed: str) -> Json:
    literal = reference.get("reference", "")
    if literal.startswith("#"):
        return reference
    url = named.get(literal) or named.get(address_of(literal, base))
    if url:
        return {**reference, "reference": url}
    numbers = identifiers_of(reference, base, feed)
    if someone and _means(reference, numbers, someone, feed):
        identity = someone.entry.id if someone.entry else someone.resource(feed)["id"]
        return {"reference": URN + identity, **{n: v for n, v in reference.items() if n != "reference"}}
    if not literal:
        return reference
    kind = type_of(literal)
    number = numbers[0] if numbers else {"system": URI, "value": literal}
    others = {name: value for name, value in reference.items() if name != "reference"}
    return {**({"type": kind} if kind else {}), "identifier": number, **others}


def _means(reference: Json, numbers: list[Json], someone: Someone, feed: str) -> bool:
    kind = type_of(reference.get("reference", "")) or reference.get("type", "Patient")
    keys = {identifier_key(number, feed) for number in numbers if number.get("value")}
    return kind == "Patient" and bool(keys & someone.keys)
