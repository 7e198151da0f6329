"""Builders of FHIR R4 elements: plain dicts without empty members (FHIR R4, section 2.6.2: no empty values)."""

import re
from collections.abc import Iterable
from typing import Any

from orjson import dumps

from hub.fhir.moments import later
from hub.fhir.systems import EXTENSION
from hub.model import Json, stable_id

URN = "urn:uuid:"


def compact(members: Json) -> Json:
    """The members that have a value; ``False`` and numbers are values."""
    return {name: value for name, value in members.items() if value or value == 0}


def identified(resource: Json, *identity: str) -> Json:
    """The resource with its id, a ``stable_id`` over type and ``identity``, and without empty members."""
    kind = resource["resourceType"]
    return {"resourceType": kind, "id": stable_id(kind, *identity), **compact(resource)}


def stated(element: Any) -> Any:
    """The element without what is empty in it, at any depth: that says nothing. Null stays, which keeps the place of a
    value in an array."""
    if isinstance(element, dict):
        said = {name: stated(value) for name, value in element.items()}
        return {name: value for name, value in said.items() if value is not None and value not in _EMPTY}
    if isinstance(element, list):
        return [value for value in map(stated, element) if value not in _EMPTY]
    return "" if isinstance(element, str) and element.isspace() else element


_EMPTY: tuple[Any, ...] = ("", {}, [])


def token(text: str) -> str:
    """A text as a FHIR code: no white space around it, single spaces within."""
    return text if text.isalnum() else " ".join(text.split())


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding; an empty system or display is left out."""
    return compact({"system": system, "code": code, "display": display})


def concept(system: str, code: str, display: str = "", text: str = "") -> Json:
    """A CodeableConcept of one coding and its words."""
    return compact({"coding": [coding(system, code, display)] if code else None, "text": text})


def reference(resource: Json, display: str = "") -> Json:
    """A Reference to a resource of the same bundle by its ``urn:uuid:`` full URL."""
    if display:
        return {"reference": URN + resource["id"], "display": display}
    return {"reference": URN + resource["id"]}


def extension(url: str, kind: str, value: object) -> Json:
    """An Extension ``{url, value<kind>}``; empty without a value, so that ``present`` drops it."""
    return {"url": url, f"value{kind}": value} if value else {}


def present(elements: Iterable[Json | None]) -> list[Json]:
    """The elements that say something, in their order."""
    return list(filter(None, elements))


def period(start: str = "", end: str = "") -> Json:
    """A Period; empty when neither end is known. An end before the start is impossible (per-1): what was said of it is
    kept beside the mark that it is an error."""
    if start and end:
        return {"start": start, "_end": _impossible(end)} if later(start, end) else {"start": start, "end": end}
    return compact({"start": start, "end": end}) if start or end else {}


def _impossible(text: str) -> Json:
    return {
        "extension": [
            extension(EXTENSION + "data-absent-reason", "Code", "error"),
            extension(EXTENSION + "originalText", "String", text),
        ]
    }


_CHOICES = re.compile("value|effective|occurrence|deceased|multipleBirth|onset|abatement|performed|product|medication")


def _chosen(known: Json, name: str) -> bool:
    """Whether ``name`` is one of a choice of types that has been made otherwise."""
    choice = _CHOICES.match(name)
    return choice is not None and any(other.startswith(choice[0]) for other in known)


def complete(known: Json, more: Json) -> None:
    """Adds to ``known`` what ``more`` says beyond it: absent members, and the elements that its lists lack. Of a choice
    of types (``value[x]``) the first that was said stays the only one; an empty list says nothing."""
    for name, value in more.items():
        if name not in known:
            if value != [] and not _chosen(known, name):
                known[name] = value
        elif isinstance(value, list) and isinstance(known[name], list):
            known[name] = _united(known[name], value)


MANY = 50
"""From so many elements on a list remembers what it holds: comparing each with each would take minutes."""


class _Distinct(list[Any]):
    """A long list without repeats."""

    def __init__(self, items: list[Any]) -> None:
        super().__init__(items)
        self._held = set(map(dumps, items))

    def take(self, items: list[Any]) -> None:
        for item in items:
            if (said := dumps(item)) not in self._held:
                self._held.add(said)
                self.append(item)


def _united(known: list[Any], more: list[Any]) -> list[Any]:
    if len(known) < MANY:
        return [*known, *(item for item in more if item not in known)]
    distinct = known if isinstance(known, _Distinct) else _Distinct(known)
    distinct.take(more)
    return distinct
