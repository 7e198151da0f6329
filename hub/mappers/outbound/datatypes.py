"""FHIR elements → HL7 v2 data types, as ``hub.formats.hl7v2.build`` takes them. Each takes an element that may be
empty, and gives what says nothing for one that does."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import orjson

from hub.fhir.codes import Table
from hub.fhir.systems import CODING, EXTENSION, NPI, SSN, UCUM, US_CORE, V2, V3
from hub.fhir.terminology import rows
from hub.formats.hl7v2.build import Component, Repetition
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_MEANINGS = (V3, "http://hl7.org/fhir/", US_CORE)
"""Code systems into which codes of HL7 v2 are translated."""
_ALTERNATE = EXTENSION + "alternate-codes"


def each(elements: Iterable[Json] | None, mapper: Callable[[Json], Repetition]) -> list[Repetition]:
    """All elements as the repetitions of a field."""
    return [mapper(element) for element in elements or ()]


def dtm(moment: str) -> str:
    """A date, dateTime or instant as DTM: ``2026-03-17T10:00:00-04:00`` → ``20260317100000-0400``."""
    day, _, time = moment.partition("T")
    digits = day.replace("-", "")
    if not time:
        return digits
    clock, offset = (time[:-1], "+0000") if time.endswith("Z") else (time[:-6], time[-6:].replace(":", ""))
    return digits + clock.replace(":", "") + offset


def hd(identifier: Json) -> tuple[str, str, str]:
    """Who gave out an Identifier: name, universal id and its type."""
    system, name = identifier.get("system", ""), identifier.get("assigner", {}).get("display", "")
    if system == NPI:
        return (name, "", "")
    for prefix, kind in (("urn:oid:", "ISO"), ("urn:uuid:", "UUID")):
        if system.startswith(prefix):
            universal = system.removeprefix(prefix)
            return ("" if name == universal else name, universal, kind)
    if not system or system.startswith("urn:carering:"):
        return (name, "", "")
    return (name, system, "URI")


def ei(identifier: Json) -> Repetition:
    """An Identifier as EI."""
    return (identifier.get("value", ""), *hd(identifier)) if identifier else ""


def cx(identifier: Json) -> Repetition:
    """An Identifier as CX, with its type (table 0203) and its period."""
    authority: Component = "" if identifier.get("system") == SSN else hd(identifier)
    times = identifier.get("period", {})
    until = (dtm(times.get("start", "")), dtm(times.get("end", "")))
    return (identifier.get("value", ""), "", "", authority, code_of(identifier.get("type")), "", *until)


def identified(resource: Json, *kinds: str) -> list[Json]:
    """The identifiers of those types (table 0203)."""
    return [one for one in resource.get("identifier", ()) if code_of(one.get("type")) in kinds]


def xpn(name: Json) -> Repetition:
    """A HumanName as XPN."""
    return _name(name)


def _name(name: Json) -> tuple[str, str, str, str, str, str, str]:
    """Family name, first, further, suffix, prefix, degree, type."""
    given, suffix = name.get("given", []), name.get("suffix", [])
    family = name.get("family", "") or ("" if given else name.get("text", ""))
    use = _USES.get(name.get("use", ""), "")
    first, further = _two(given)
    generation, degree = _two(suffix)
    return family, first, further, generation, " ".join(name.get("prefix", [])), degree, use


def xad(address: Json) -> Repetition:
    """An Address as XAD."""
    kind = "M" if address.get("type") == "postal" else _ADDRESSES.get(address.get("use", ""), "")
    places = [address.get(part, "") for part in ("city", "state", "postalCode", "country")]
    lines = address.get("line", [])
    street: tuple[Component, str] = (tuple(lines[:3]), " ".join(lines[3:])) if len(lines) > 2 else _two(lines)
    return (*street, *places, kind, "", address.get("district", ""))


def xtn(point: Json) -> Repetition:
    """A ContactPoint as XTN: an e-mail in .4, the parts of a number in .5 to .8, else as it is dialled in .12."""
    value, system = point.get("value", ""), point.get("system", "")
    use = _TELECOM_USES.get(point.get("use", ""), "")
    if system == "email":
        return ("", use or "NET", "Internet", value)
    kind = "CP" if point.get("use") == "mobile" else _TELECOM_SYSTEMS.get(system, "")
    said = {one["url"].rpartition("-")[2]: str(one.get("valueString", "")) for one in point.get("extension", ())}
    parts = [said.get(name, "") for name in ("country", "area", "local", "extension")]
    return ("", use, kind, "", *parts) if parts[2] else ("", use, kind, *[""] * 8, value)


def cwe(element: Json | None, table: str = "") -> Repetition:
    """A CodeableConcept as CWE: three codings with their versions, and the words.

    ``table`` is the HL7 table of the field: its code goes first, and alone of those that mean the same in FHIR. A
    display that is only the table's own name of the code (there are no words) is not sent.
    """
    element = element or {}
    text, own = element.get("text", ""), V2 + table
    codings = element.get("coding", [])
    if any(coding.get("system") == own for coding in codings):
        sent = [coding for coding in codings if not coding.get("system", "").startswith(_MEANINGS)]
        codings = sorted(sent, key=lambda coding: coding.get("system") != own)
    first, second, third, *_ = [*(_triplet(coding, bool(text)) for coding in codings), *[("", "", "", "")] * 3]
    if not any(first):
        return ("", text) if text else ""
    words = text if text not in (first[1], second[1], third[1]) else ""
    return (*first[:3], *second[:3], first[3], second[3], words, *third)


def cwe_of(element: Json | None, table: Table) -> Repetition:
    """The same for a field whose codes are translated: without the sender's own code, the one of that meaning."""
    codings = (element or {}).get("coding", [])
    if not any(coding.get("system") == table.source for coding in codings):
        for coding in codings:
            if coding.get("system") == table.system and (code := meaning(table, coding.get("code", ""))):
                return code
    return cwe(element, table.number)


def code_of(element: Json | None) -> str:
    """The first code of a CodeableConcept."""
    return str(next((coding["code"] for coding in (element or {}).get("coding", ()) if "code" in coding), ""))


def sent_code(resource: Json, member: str, table: Table) -> Repetition:
    """A code as the sender wrote it, where it stands beside the member; else the table's code of that meaning."""
    for extension in resource.get(f"_{member}", {}).get("extension", ()):
        if extension.get("url") == _ALTERNATE:
            return cwe(extension["valueCodeableConcept"], table.number)
    return meaning(table, str(resource.get(member, "")))


@lru_cache(maxsize=1024)
def meaning(table: Table, code: str) -> str:
    """The first code of a v2 table that means a FHIR code; empty where none does."""
    return next((sent for sent, meant in table.codes.items() if meant == code), "") if code else ""


def quantity(element: Json) -> tuple[str, Repetition]:
    """A Quantity as number (with comparator) and unit."""
    unit, code = element.get("unit", ""), element.get("code", "")
    number = element.get("comparator", "") + decimal(element.get("value", ""))
    if not code:
        return number, unit
    return number, (code, unit if unit != code else "", system_name(element.get("system", UCUM)))


def decimal(value: object) -> str:
    """A number digit for digit, also where a mapper keeps it as a JSON literal."""
    return orjson.dumps(value).decode() if isinstance(value, orjson.Fragment) else str(value)


def xcn(practitioner: Json) -> Repetition:
    """A Practitioner as XCN: his NPI if he has one, else his first number."""
    numbers = sorted(practitioner.get("identifier", []), key=lambda one: one.get("system") != NPI)
    number: Json = next(iter(numbers), {})
    name: Json = next(iter(practitioner.get("name", [])), {})
    family, given, further, suffix, prefix, degree, use = _name(name)
    kind = code_of(number.get("type"))
    return (number.get("value", ""), family, given, further, suffix, prefix, degree, "", hd(number) if number else "",
            use, "", "", kind)  # fmt: skip


def person(reference: Json | None, resources: Resources) -> Repetition:
    """Whom a Reference names as XCN: a Practitioner, or that of a PractitionerRole; else the words of the Reference."""
    found = resources.at(reference)
    if found.get("resourceType") == "PractitionerRole":
        reference = found.get("practitioner", {})
        found = resources.at(reference)
    if found.get("resourceType") == "Practitioner":
        return xcn(found)
    display = (reference or {}).get("display", "")
    return ("", display) if display and found.get("resourceType") != "Organization" else ""


def people(references: list[Json] | None, resources: Resources) -> list[Repetition]:
    """All persons whom References name."""
    return [who for reference in references or () if (who := person(reference, resources))]


def employer(reference: Json | None, resources: Resources) -> Json:
    """The Organization that a Reference names: itself, or that of a PractitionerRole."""
    found = resources.at(reference)
    if found.get("resourceType") == "PractitionerRole":
        found = resources.at(found.get("organization"))
    return found if found.get("resourceType") == "Organization" else {}


def xon(organization: Json) -> Repetition:
    """An Organization as XON."""
    number: Json = next(iter(organization.get("identifier", [])), {})
    name = organization.get("name", "")
    if not number or number.get("system") == "urn:ietf:rfc:3986":
        return (name,) if name else ""
    return (name, "", "", "", "", hd(number), code_of(number.get("type")), "", "", number.get("value", ""))


def pl(place: Json, resources: Resources) -> Repetition:
    """A Location with those around it (``partOf``) as PL."""
    parts: dict[str, str] = {}
    kind = code_of(next(iter(place.get("type", [])), {}))
    description = place.get("description", "")
    while place and len(parts) < len(_PLACES):
        physical = code_of(place.get("physicalType")) or "wa"
        if physical in parts:
            break
        parts[physical] = place.get("name", "")
        place = resources.at(place.get("partOf"))
    ward, room, bed, site, building, level = (parts.get(name, "") for name in _PLACES)
    return (ward, room, bed, site, "", kind, building, level, description)


_PLACES = ("wa", "ro", "bd", "si", "bu", "lvl")
_USES = {"official": "L", "usual": "D", "maiden": "M", "nickname": "N", "anonymous": "S", "old": "BAD", "temp": "TEMP"}
_ADDRESSES = {"home": "H", "work": "B", "billing": "BI", "old": "BA", "temp": "C"}
_TELECOM_USES = {"home": "PRN", "work": "WPN", "mobile": "PRS"}
_TELECOM_SYSTEMS = {"phone": "PH", "fax": "FX", "pager": "BP"}


def _two(words: list[str]) -> tuple[str, str]:
    first, *others = [*words, ""]
    return first, " ".join(filter(None, others))


def _triplet(coding: Json, worded: bool) -> tuple[str, str, str, str]:
    """Code, display, name and version of its system."""
    system = coding.get("system", "")
    display = coding.get("display", "") if worded or not system.startswith(V2) else ""
    return (coding.get("code", ""), display, system_name(system), coding.get("version", ""))


@lru_cache(maxsize=1024)
def system_name(uri: str) -> str:
    """The name of a coding system (table 0396), of an HL7 table, or the sender's own one; else the URI itself."""
    if uri.startswith(V2):
        return "HL7" + uri.removeprefix(V2)
    if uri.startswith(CODING):
        return uri.rpartition(":")[2]
    return _names().get(uri) or uri.removeprefix("urn:oid:")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """The first name of each coding system."""
    found: dict[str, str] = {}
    for row in rows("coding-systems"):
        found.setdefault(row["uri"], row["name"])
    return found
