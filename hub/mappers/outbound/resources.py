"""What the mappers of segments get: the resources of a bundle by reference, and what the message says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.fhir.build import URN
from hub.model import Json


@dataclass(frozen=True, slots=True)
class Envelope:
    """MSH-3 to MSH-12: who sends to whom, when (a FHIR instant), under which control id."""

    application: str
    facility: str
    receiving_application: str
    receiving_facility: str
    control_id: str
    created: str
    processing: str = "P"
    version: str = "2.5.1"


class Resources:
    """The resources of one bundle."""

    def __init__(self, bundle: Json) -> None:
        self._all: list[Json] = [entry["resource"] for entry in bundle["entry"]]
        self._at = {URN + resource["id"]: resource for resource in self._all}

    def of(self, kind: str) -> list[Json]:
        """The resources of a type, in the order of the bundle."""
        return [resource for resource in self._all if resource["resourceType"] == kind]

    def first(self, kind: str) -> Json:
        """The first of them, or an empty one."""
        return next(iter(self.of(kind)), {})

    def at(self, reference: Json | None) -> Json:
        """What a Reference of the bundle points at; an empty resource where that is not in the bundle."""
        return self._at.get((reference or {}).get("reference", ""), {})

    def each(self, references: list[Json] | None, kind: str = "") -> Iterator[Json]:
        """What References point at, of that type alone if one is given."""
        for reference in references or ():
            found = self.at(reference)
            if found and kind in ("", found["resourceType"]):
                yield found

    @property
    def patient(self) -> Json:
        """The patient whom the message is about: the first in focus, else the first of the bundle."""
        focus = self.first("MessageHeader").get("focus", [])
        return next(self.each(focus, "Patient"), self.first("Patient"))
