"""The one patient of what was posted: a Patient among its entries, or somebody whom they only refer to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hub.fhir.ids import identifier_key
from hub.fhir.posted.addresses import address_identifier, address_of, conditional, type_of
from hub.fhir.posted.entries import Entry
from hub.model import Json, stable_id

_MEMBERS = ("subject", "patient", "for", "beneficiary")
"""Whom a resource is about (FHIR R4, compartment of the patient)."""


@dataclass(slots=True)
class Someone:
    """A patient by all that names him: ``keys`` of his identifiers (``system|value``), addresses among them. ``entry``
    is his Patient, ``path`` where he is first spoken of."""

    path: str
    identifiers: list[Json] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    entry: Entry | None = None

    def resource(self, feed: str) -> Json:
        """A Patient of whom nothing is known but his numbers, for a message that does not hold his own."""
        identity = stable_id("Patient", identifier_key(self.identifiers[0], feed))
        return {"resourceType": "Patient", "id": identity, "identifier": self.identifiers}


def patients(posted: Iterable[Entry], feed: str) -> list[Someone]:
    """Those whom the entries are about, in the order in which they are spoken of; who is retired by a merge is not
    among them."""
    posted = list(posted)
    names = {name: entry for entry in posted for name in entry.names}
    found: list[Someone] = []
    for entry in posted:
        if entry.kind == "Patient" and not _is_retired(entry.resource):
            _meet(_of_entry(entry, feed), found)
    for entry in posted:
        for path, reference in _subjects(entry):
            literal = reference.get("reference", "")
            there = names.get(literal) or names.get(address_of(literal, entry.base))
            someone = _of_entry(there, feed) if there else _elsewhere(path, reference, entry.base, feed)
            if someone and (there is None or there.kind == "Patient"):
                _meet(someone, found)
    return found


def _is_retired(patient: Json) -> bool:
    return any(link.get("type") == "replaced-by" for link in patient.get("link", ()))


def _of_entry(entry: Entry, feed: str) -> Someone:
    numbers = [*entry.resource.get("identifier", ()), *(address_identifier(a, feed) for a in entry.addresses)]
    return Someone(entry.path, [], {identifier_key(n, feed) for n in numbers if n.get("value")} | {entry.id}, entry)


def _subjects(entry: Entry) -> Iterator[tuple[str, Json]]:
    """The References of a resource to whom it is about; one that does not say what it leads to leads to a patient."""
    for name in _MEMBERS:
        if isinstance(value := entry.resource.get(name), dict):
            yield f"{entry.path}.{name}", value
    if entry.kind == "Appointment":
        for number, participant in enumerate(entry.resource.get("participant", ())):
            actor = participant.get("actor", {})
            yield f"{entry.path}.participant[{number}].actor", {"type": "", **actor}


def _elsewhere(path: str, reference: Json, base: str, feed: str) -> Someone | None:
    """The patient of a Reference that leads out of the bundle."""
    kind = type_of(reference.get("reference", "")) or reference.get("type", "Patient")
    numbers = [number for number in identifiers_of(reference, base, feed) if number.get("value")]
    if kind != "Patient" or not numbers:
        return None
    return Someone(path, numbers, {identifier_key(number, feed) for number in numbers})


def identifiers_of(reference: Json, base: str, feed: str) -> list[Json]:
    """The Identifiers by which a Reference names what is not in the bundle: its search's, its own, its address."""
    literal = reference.get("reference", "")
    searched, address = conditional(literal), address_of(literal, base)
    found = [searched[1]] if searched else []
    found += [reference["identifier"]] if "identifier" in reference else []
    return [*found, *([address_identifier(address, feed)] if address else [])]


def _meet(someone: Someone, found: list[Someone]) -> None:
    """Takes someone in: all who share a key with him are he."""
    same = [other for other in found if other.keys & someone.keys]
    if not same:
        found.append(someone)
        return
    first, *others = same
    for other in (*others, someone):
        first.identifiers += [i for i in other.identifiers if i not in first.identifiers]
        first.keys |= other.keys
        first.entry = first.entry or other.entry
    found[:] = [one for one in found if one not in others]
