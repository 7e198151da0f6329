"""What a message says of two patients: that they are one (A18, A24, A40 …), that one has another number (A46, A47), or
that they are two (A37; HL7 v2.9, chapters 3.3.24, 3.3.37, 3.3.40, 3.3.47)."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.fhir.ids import identifier_key
from hub.identity.demographics import Demographics, read
from hub.mappers.messages.adt import UNLINK
from hub.mappers.messages.adt_merge import NUMBERS
from hub.model import Json
from hub.routing.instants import instant


@dataclass(frozen=True, slots=True)
class Tie:
    """``one`` is the patient who stays, ``other`` the identifier keys of the other one; they are ``joined`` or two.
    ``stated_at`` is when that was so (UTC text): the newest statement about two patients counts, not the last one to
    arrive. ``renamed`` says that the other is but a former number of the same patient."""

    one: Demographics
    other: tuple[str, ...]
    joined: bool
    stated_at: str
    renamed: bool = False


def ties(resources: list[Json], subject: Json, event: str, feed: str, received_at: str) -> tuple[Tie, ...]:
    """All that a message says of pairs of patients; ``subject`` is the one that it is about."""
    patients = {f"urn:uuid:{r['id']}": r for r in resources if r["resourceType"] == "Patient"}
    if len(patients) == 1 and event not in NUMBERS:
        return ()
    at = _stated_at(resources, received_at)
    if event in NUMBERS:
        return tuple(Tie(read(subject, feed), keys, True, at, renamed=True) for keys in _numbers(subject, feed))
    if event == UNLINK:
        others = [(subject, _keys(p, feed)) for p in patients.values() if p is not subject]
    else:
        others = list(_joined(patients, feed))
    return tuple(Tie(read(one, feed), keys, event != UNLINK, at) for one, keys in others if keys)


def replaced_by(patient: Json) -> str:
    """The reference of the Patient that this one was given up for; empty while it stands for itself."""
    links = (link for link in patient.get("link", ()) if link["type"] == "replaced-by")
    return next((str(link["other"]["reference"]) for link in links), "")


def _joined(patients: dict[str, Json], feed: str) -> Iterator[tuple[Json, tuple[str, ...]]]:
    """Merged pairs, and linked ones once: each of those names the other."""
    seen: set[str] = set()
    for reference, patient in patients.items():
        survivor = patients.get(replaced_by(patient))
        if survivor is not None:
            yield survivor, _keys(patient, feed)
        for link in patient.get("link", ()):
            other = link["other"].get("reference", "")
            if link["type"] == "seealso" and other in patients and other not in seen:
                yield patient, _keys(patients[other], feed)
        seen.add(reference)


def _numbers(patient: Json, feed: str) -> Iterator[tuple[str, ...]]:
    """The former numbers of the patient that name one, each for itself."""
    present = read(patient, feed).keys
    for identifier in patient.get("identifier", ()):
        if identifier.get("use") == "old" and identifier.get("value"):
            former = read({"identifier": [{**identifier, "use": "usual"}]}, feed).keys
            if former and former[0] not in present:
                yield former


def _keys(patient: Json, feed: str) -> tuple[str, ...]:
    """All identifiers: whoever merges two names them by their own numbers."""
    return tuple(identifier_key(i, feed) for i in patient.get("identifier", ()) if i.get("value"))


def _stated_at(resources: list[Json], received_at: str) -> str:
    header = f"urn:uuid:{resources[0]['id']}"
    for resource in resources:
        if resource["resourceType"] == "Provenance" and header in (t.get("reference") for t in resource["target"]):
            return instant(resource.get("occurredDateTime") or received_at, received_at)
    return received_at
