"""The resources of what was posted, each with where it stands, the id that the hub gives it, and the names by which the
others refer to it.

The id follows from the address: what is posted again, or changed, is the same resource. Where the sender gives no
address (a POST without an id) the hub assigns one, from the first identifier, else from the message itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.fhir.ids import identifier_key
from hub.fhir.posted.addresses import address_identifier, address_of, base_of
from hub.model import Json, stable_id

ANSWERED = frozenset({"batch", "transaction"})
"""Bundle types of which every entry is a request, whose answer says where the resource stands."""
_URN = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource. ``path`` is where it stands in the body (``Bundle.entry[2].resource``; its type, when it is the
    body itself), ``base`` the server that its relative references are on, and ``assigned`` says whether the hub gave it
    its address."""

    path: str
    resource: Json
    url: str
    addresses: tuple[str, ...]
    id: str
    assigned: bool = False

    @property
    def lasts(self) -> bool:
        """Whether its address follows from what the sender says, and not from the message alone."""
        return not self.assigned or _number(self.resource) is not None

    @property
    def kind(self) -> str:
        return str(self.resource["resourceType"])

    @property
    def base(self) -> str:
        return base_of(address_of(self.url))

    @property
    def names(self) -> tuple[str, ...]:
        return (self.url, *self.addresses) if self.url else self.addresses


def entries(body: Json, feed: str, message_id: str) -> list[Entry]:
    """The resources of a valid body, in their order. Entries without one (of a search, a history) are passed over."""
    if body["resourceType"] != "Bundle":
        return [_entry(str(body["resourceType"]), body, {}, feed, _Assigning(message_id, "0", told=True))]
    told = body["type"] in ANSWERED
    return [
        _entry(path, entry["resource"], entry, feed, _Assigning(message_id, path, told))
        for path, entry in _with_paths(body)
    ]


def _with_paths(body: Json) -> Iterator[tuple[str, Json]]:
    for number, entry in enumerate(body.get("entry", ())):
        if "resource" in entry:
            yield f"Bundle.entry[{number}].resource", entry


@dataclass(frozen=True, slots=True)
class _Assigning:
    """What an id is made of where the sender gives none; ``told`` says whether the sender hears of it."""

    message_id: str
    place: str
    told: bool


def _entry(path: str, resource: Json, entry: Json, feed: str, assigning: _Assigning) -> Entry:
    kind, url = resource["resourceType"], entry.get("fullUrl", "")
    addresses = _addresses(kind, resource.get("id", ""), url, entry.get("request", {}))
    assigned = _assigned(resource, feed, assigning)
    given = bool(addresses) or not assigning.told
    addresses = addresses if given else (f"{kind}/{assigned}",)
    return Entry(path, resource, url, addresses, _id(resource, addresses, feed) or assigned, not given)


def _addresses(kind: str, identity: str, url: str, request: Json) -> tuple[str, ...]:
    """The address of a PUT, then that of the full URL, then the resource's own id, unless that is the UUID of the full
    URL, which lasts as long as the bundle."""
    put = address_of(request.get("url", "")) if request.get("method") == "PUT" else ""
    own = f"{kind}/{identity}" if identity and url != _URN + identity and not address_of(url) else ""
    return tuple(dict.fromkeys(filter(None, (put, address_of(url), "" if put else own))))


def _id(resource: Json, addresses: tuple[str, ...], feed: str) -> str:
    """A visit is known by its number where it has one, as in HL7 v2; everything else by its address."""
    kind = resource["resourceType"]
    if kind == "Encounter" and (number := next(filter(_is_visit_number, resource.get("identifier", ())), None)):
        return stable_id(kind, identifier_key(number, feed))
    return stable_id(kind, identifier_key(address_identifier(addresses[0], feed), feed)) if addresses else ""


def _is_visit_number(identifier: Json) -> bool:
    return "value" in identifier and any(c.get("code") == "VN" for c in identifier.get("type", {}).get("coding", ()))


def _assigned(resource: Json, feed: str, assigning: _Assigning) -> str:
    kind, number = resource["resourceType"], _number(resource)
    if number is not None:
        return stable_id(kind, identifier_key(number, feed))
    return stable_id(kind, assigning.message_id, assigning.place)


def _number(resource: Json) -> Json | None:
    """The first identifier with a value; some types have only one."""
    numbers = resource.get("identifier", ())
    listed: list[Json] = numbers if isinstance(numbers, list) else [numbers] if numbers else []
    return next((number for number in listed if "value" in number), None)
