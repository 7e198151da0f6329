"""Whether a Reference leads where its definition allows it to (FHIR R4, section 2.3.0)."""

import re
from typing import Any

from hub.fhir.check.definitions import is_resource
from hub.fhir.check.primitives import Check, Problem, Problems
from hub.fhir.check.scope import Scope
from hub.model import Json

_ADDRESS = re.compile(r"(?:(?:https?://\S+|\.)/)?([A-Z]\w+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_NOWHERE: tuple[Problem] = (("reference", "leads to no resource of the bundle"),)
_ELSEWHERE = ("http://", "https://", "urn:oid:")


def reference_to(allowed: frozenset[str], element: Check) -> Check:
    """The test of a Reference that may lead to these types (none: to any); ``element`` tests its members."""
    wrong_type: tuple[Problem] = (("reference", f"leads to a type that is not allowed: {', '.join(sorted(allowed))}"),)

    def check(value: Any, scope: Scope) -> Problems:
        return element(value, scope) or followed(value, scope)

    def followed(value: Json, scope: Scope) -> Problems:
        url = value.get("reference")
        if url is None:
            named = value.get("type")
            return wrong_type if named and allowed and named not in allowed and is_resource(named) else None
        kind = scope.targets.get(url)
        if kind is None and (kind := _elsewhere(url, scope)) is None:
            return _NOWHERE
        return wrong_type if allowed and kind and kind not in allowed else None

    return check


def _elsewhere(url: str, scope: Scope) -> str | None:
    """The type of what is not an entry of the bundle: contained, or on a server; empty where it cannot be told, nothing
    where it leads nowhere."""
    if url.startswith("#"):
        scope.local.add(url)
        return scope.contained.get(url)
    if match := _ADDRESS.fullmatch(url):
        return match[1] if is_resource(match[1]) else None
    return "" if url.startswith(_ELSEWHERE) else None
