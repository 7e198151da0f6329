"""A message bundle for reading: resources by reference and by type, and the elements that statements are made of."""

from collections.abc import Iterable
from typing import Any

from hub.fhir.ids import identifier_key
from hub.fhir.posted.addresses import is_address_key
from hub.fhir.systems import NPI
from hub.model import Json
from hub.routing.statements import Coded, Party

PRIMARY_CARE = frozenset({"PP", "FHCP"})
"""HL7 table 0443: primary care provider, family health care professional."""


class Resources:
    """The resources of one bundle. ``feed`` is the authority of identifiers that name none."""

    def __init__(self, bundle: Json, feed: str) -> None:
        self._feed = feed
        self._at: dict[str, Json] = {}
        self._of: dict[str, list[Json]] = {}
        for entry in bundle["entry"]:
            url, resource = entry.get("fullUrl", ""), entry["resource"]
            if "contained" in resource:
                self._at |= {f"{url}#{inner['id']}": inner for inner in resource["contained"] if "id" in inner}
                resource = _outward(resource, url)
            self._at[url] = resource
            self._of.setdefault(resource["resourceType"], []).append(resource)
        self.patient: Json = next((p for p in self.of("Patient") if p.get("active") is not False), {})

    def of(self, kind: str) -> list[Json]:
        return self._of.get(kind, [])

    def at(self, reference: Json | None) -> Json | None:
        """What a Reference of this bundle points at."""
        return self._at.get((reference or {}).get("reference", ""))

    def about_patient(self, kind: str) -> list[Json]:
        """The resources of a type whose subject is the patient of the message, never another one's."""
        patient = self.patient
        return [r for r in self.of(kind) if "subject" not in r or self.at(r["subject"]) is patient]

    def keys(self, resource: Json, *kinds: str) -> tuple[str, ...]:
        """The keys (``system|value``) of a resource's identifiers; with ``kinds`` only those of these types (table
        0203: ``PLAC``, ``FILL``, ``VN``; empty: of no type)."""
        found = resource.get("identifier", ())
        return tuple(self.key(i) for i in found if i.get("value") and (not kinds or _kind(i) in kinds))

    def named(self, references: Iterable[Json]) -> tuple[str, ...]:
        """The keys of what References lead to or name by identifier; addresses last, which nobody reads as numbers."""
        found: list[str] = []
        for reference in references:
            if reference.get("identifier", {}).get("value"):
                found.append(self.key(reference["identifier"]))
            if there := self.at(reference):
                found += self.keys(there)
        return tuple(sorted(dict.fromkeys(found), key=is_address_key))

    def key(self, identifier: Json) -> str:
        return identifier_key(identifier, self._feed)

    def party(self, references: Iterable[Json]) -> Party:
        """Clinician and organization of one or more References, the first of each."""
        npi = name = organization = ""
        for reference in references:
            found = self.at(reference) or {}
            kind = found.get("resourceType", "") or reference.get("type", "")
            npi = npi or _npi({"identifier": [reference["identifier"]]} if "identifier" in reference else {})
            if kind == "PractitionerRole":
                group = {"type": "Organization", **found.get("organization", {})}
                who = self.party([found.get("practitioner", {}), group])
                npi, name, organization = npi or who.npi, name or who.name, organization or who.organization
            elif kind == "Organization":
                organization = organization or found.get("name", "") or reference.get("display", "")
            elif kind == "Practitioner" and found:
                npi, name = npi or _npi(found), name or human_name(found) or reference.get("display", "")
            else:
                name = name or reference.get("display", "")
        return Party(npi, name, organization)

    @property
    def named_pcps(self) -> tuple[tuple[str, str], ...]:
        """The PCPs that the message names: ``ROL`` (a role of primary care) or ``PD1-4`` (the general practitioner)."""
        named = []
        for reference in self.patient.get("generalPractitioner", ()):
            found = self.at(reference) or {}
            if found.get("resourceType") == "Practitioner" and (npi := _npi(found)):
                named.append(("PD1-4", npi))
            elif found.get("resourceType") == "PractitionerRole" and (npi := self.party([reference]).npi):
                named.append(("ROL", npi))
        return tuple(sorted(dict.fromkeys(named), key=lambda pcp: pcp[0] != "ROL"))


def _outward(element: Any, url: str) -> Any:
    """The element with references to what its resource contains (``#name``) as references within the bundle."""
    if isinstance(element, list):
        return [_outward(one, url) for one in element]
    if not isinstance(element, dict):
        return element
    found = {name: _outward(value, url) for name, value in element.items()}
    local = isinstance(found.get("reference"), str) and found["reference"].startswith("#")
    return {**found, "reference": url + found["reference"]} if local else found


def coded(concept: Json | None) -> Coded:
    """The first coding of a CodeableConcept and its words."""
    concept = concept or {}
    first: Json = next(iter(concept.get("coding", ())), {})
    text = concept.get("text") or first.get("display") or ""
    return Coded(first.get("code", ""), first.get("system", ""), text)


def human_name(resource: Json) -> str:
    """The first name as people say it: prefix, given, family."""
    name: Json = next(iter(resource.get("name", ())), {})
    words = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""), *name.get("suffix", ())]
    return name.get("text") or " ".join(w for w in words if w)


def _npi(practitioner: Json) -> str:
    return next((i["value"] for i in practitioner.get("identifier", ()) if i.get("system") == NPI and "value" in i), "")


def _kind(identifier: Json) -> str:
    return coded(identifier.get("type")).code
