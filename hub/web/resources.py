"""A FHIR bundle as a page shows it: a line per resource, its JSON below."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from markupsafe import Markup

from hub.model import Json

_MEMBER = re.compile(r'^(\s*)("[^"]+")(: )(.*)$')
_REFERENCE = re.compile(r'^"urn:uuid:([0-9a-f-]{36})"$')


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: ``label`` says in a few words which one, ``json`` is its text, ready for a page."""

    type: str
    id: str
    label: str
    json: Markup


def resources(bundle: Json | None) -> list[Resource]:
    """The resources of the bundle, in its order."""
    bodies = [entry["resource"] for entry in bundle["entry"]] if bundle else []
    return [Resource(b["resourceType"], b.get("id", ""), " · ".join(_label(b)), _json(b)) for b in bodies]


def _label(body: Json) -> Iterator[str]:
    """Name or code, then status."""
    for member in ("name", "code", "type", "eventCoding", "class"):
        if words := _words(body.get(member)):
            yield words
            break
    for member in ("status", "docStatus"):
        if isinstance(body.get(member), str):
            yield body[member]


def _words(value: Any) -> str:
    """What a HumanName, a CodeableConcept, a Coding, a list of them (the first) or a plain text says."""
    if isinstance(value, list):
        return _words(value[0]) if value else ""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    named = " ".join([*value.get("given", []), value["family"]]) if "family" in value else ""
    said = value.get("text") or named or _words(value.get("coding"))
    return str(said or value.get("display") or value.get("code") or "")


def _json(body: Json) -> Markup:
    lines = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode().splitlines()
    return Markup("\n").join(map(_line, lines))


def _line(line: str) -> Markup:
    """A line of JSON with its member's name marked, and a reference within the bundle as a link."""
    member = _MEMBER.match(line)
    if member is None:
        return Markup("{}").format(line)
    indent, name, colon, value = member.groups()
    return Markup("{}<b>{}</b>{}{}").format(indent, name, colon, _value(value))


def _value(value: str) -> Markup:
    comma = "," if value.endswith(",") else ""
    if reference := _REFERENCE.match(value.removesuffix(",")):
        return Markup('<a href="#resource-{}">{}</a>{}').format(reference[1], value.removesuffix(","), comma)
    return Markup("{}").format(value)
