"""Whether a bundle is FHIR R4 (4.0.1): a test compiled from HL7's definitions, fast enough to run on every bundle.

check(bundle)  →  [Problem("Bundle.entry[3].resource.name[0].use", "is no code of the value set name-use, …")]
"""

from typing import NamedTuple

from hub.fhir.check.quick import is_good
from hub.fhir.check.scope import Scope
from hub.fhir.check.structure import below, resource
from hub.model import Json


class Problem(NamedTuple):
    """What is wrong in a bundle, and where: a FHIRPath, and a sentence about the element that carries no value."""

    path: str
    text: str


def check(bundle: Json) -> list[Problem]:
    """All that is wrong in a bundle; nothing when it is valid.

    ``docs/decisions/0014-the-check-is-compiled.md`` says what is looked at.
    """
    if is_good(bundle):
        return []
    wrong = resource(bundle, Scope(_targets(bundle)))
    return [Problem(path, text) for path, text in below(str(bundle.get("resourceType")), wrong)] if wrong else []


def _targets(bundle: Json) -> dict[str, str]:
    """The types of the entries by their full URLs; what is malformed in them is found where it stands."""
    entries = bundle.get("entry")
    found: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            url, kind = entry.get("fullUrl"), entry["resource"].get("resourceType")
            if isinstance(url, str) and isinstance(kind, str):
                found[url] = kind
    return found
