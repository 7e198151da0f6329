"""The golden view of a person: of every field what was said last, computed from what each system says."""

from collections.abc import Iterable, Sequence
from typing import Any

from hub.identity.demographics import Demographics
from hub.model import Json

_FIELDS = ("family", "given", "middle", "suffix", "birth_date", "sex", "phones", "emails")
_ADDRESS = ("street", "locality", "city", "postal")


def golden(said: Sequence[Demographics]) -> Demographics:
    """What is known of a person; ``said`` newest first. A name that was filled in yields to any other one, and an
    address is one statement."""
    named = [s for s in said if not s.placeholder] or list(said)
    best: dict[str, Any] = {f: next(filter(None, (getattr(s, f) for s in named)), getattr(said[0], f)) for f in _FIELDS}
    addressed = next((s for s in named if s.street or s.postal), said[0])
    best |= {field: getattr(addressed, field) for field in _ADDRESS}
    best["name"] = max((s.name for s in named if (s.family, s.given) == (best["family"], best["given"])), key=len)
    return Demographics(**best)


def as_patient(person_id: str, keys: Iterable[str], view: Demographics, replaced: Iterable[str] = ()) -> Json:
    """The person as a FHIR R4 Patient with the identifiers of all systems; ``replaced`` are the persons who were merged
    into this one."""
    given = [part.title() for part in (view.given, view.middle) if part]
    address = {"line": [part for part in (view.street, view.locality) if part], "city": view.city.title()}
    telecom = [{"system": "phone", "value": phone} for phone in view.phones]
    telecom += [{"system": "email", "value": email} for email in view.emails]
    pairs = (key.rpartition("|") for key in keys)
    return {"resourceType": "Patient", "id": person_id, "active": True} | _stated(
        {
            "identifier": [{"system": system, "value": value} for system, _, value in pairs],
            "name": [n] if (n := _stated({"text": view.name, "family": view.family.title(), "given": given})) else [],
            "telecom": telecom,
            "gender": view.sex,
            "birthDate": view.birth_date,
            "address": [a] if (a := _stated({**address, "postalCode": view.postal})) else [],
            "link": [{"other": {"reference": f"Patient/{other}"}, "type": "replaces"} for other in replaced],
        }
    )


def _stated(element: Json) -> Json:
    """Without what is empty, which FHIR has no place for."""
    return {name: value for name, value in element.items() if value}
