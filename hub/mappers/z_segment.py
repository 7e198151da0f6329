"""Z segments → the elements and extensions that the feed's profile names for their fields."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hub.fhir.build import complete, token
from hub.fhir.check.definitions import Element, Type, codes, elements
from hub.fhir.codes import YES_NO
from hub.fhir.ids import uri
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import dtm_date, dtm_datetime
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xpn_humanname import xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json
from hub.settings import Place, ZField

Reader = Callable[[Repetition, Context], Any]

READERS: dict[str, Reader] = {
    "string": lambda value, _: value.text if len(value) == 1 else value[1],
    "markdown": lambda value, _: value.text,
    "code": lambda value, _: token(value[1]),
    "uri": lambda value, _: uri(value[1]),
    "boolean": lambda value, _: YES_NO.get(value[1].strip().upper()),
    "integer": lambda value, _: _integer(value[1]),
    "decimal": lambda value, _: nm_decimal(value[1]),
    "date": lambda value, ctx: dtm_date(value[1], ctx, value.path),
    "dateTime": lambda value, ctx: dtm_datetime(value[1], ctx, value.path),
    "CodeableConcept": cwe_codeableconcept,
    "Identifier": cx_identifier,
    "HumanName": xpn_humanname,
    "Address": xad_address,
    "ContactPoint": xtn_contactpoint,
}
"""How a value of each FHIR data type is read; these are the types that a profile can name."""


def element_of(target: ZField) -> tuple[Element, Type] | None:
    """The element of R4 that the profile names, with its type; ``None`` for one that the resource does not have."""
    members = ((name, element, kind) for element in elements(target.of) for name, kind in element.members())
    return next(((element, kind) for name, element, kind in members if name == target.element), None)


def z_segment(segment: Segment, ctx: Context) -> None:
    """Puts each field where the profile says; a segment that says more than that is kept in a Basic as well."""
    targets = ctx.feed.z_fields[segment.name]
    placed = {(place.field, place.component) for place, target in targets if _put(segment, place, target, ctx)}
    if any((at.field, 0) not in placed and at not in placed for at in _stated(segment)):
        zzz_basic(segment, ctx)


class _At(NamedTuple):
    field: int
    component: int


def _stated(segment: Segment) -> Iterator[_At]:
    """The components in which the sender says something; a set id, which only numbers the segments, is not one."""
    for field in segment:
        if field.number == 1 and field.raw == str(segment.number):
            continue
        for repetition in field:
            yield from (_At(field.number, n) for n in range(1, len(repetition) + 1) if repetition.part(n))


def _put(segment: Segment, place: Place, target: ZField, ctx: Context) -> bool:
    """Whether all that the sender says there stands in its place now."""
    field = segment[place.field]
    sent = [part for one in field if (part := _part(one, place))]
    if not sent:
        return True
    resource = _resource(target.of, segment, ctx)
    if resource is None:
        ctx.warn(segment.path(place.field), "no-target", f"the message has no {target.of} for this field")
        return False
    values = [value for one in sent if (value := _value(one, target, ctx)) not in (None, "", {})]
    if not values:
        ctx.warn(segment.path(place.field), "value", "the value is none of the type that the feed's profile names")
        return False
    return (
        _extended(resource, target, values)
        if target.extension
        else _completed(resource, target, values, field.path, ctx)
    )


def _resource(kind: str, segment: Segment, ctx: Context) -> Json | None:
    """The message's own patient and visit; of other types the resource of the same number as the segment, else the
    last."""
    own = {"Patient": ctx.patient, "Encounter": ctx.encounter}.get(kind)
    if own:
        return own
    found = [resource for resource in ctx.resources.values() if resource["resourceType"] == kind]
    return found[min(segment.number, len(found)) - 1] if found else None


def _part(repetition: Repetition, place: Place) -> Repetition:
    """The component of the path, whose subcomponents count as components then."""
    if not place.component:
        return repetition
    part = repetition.inner(place.component)
    return part.like(part.part(place.subcomponent)) if place.subcomponent else part


def _value(repetition: Repetition, target: ZField, ctx: Context) -> Any:
    if target.extension:
        return READERS[target.type or "string"](repetition, ctx)
    _, kind = element_of(target) or (None, Type("string"))
    value = READERS[kind.name](repetition, ctx)
    return value if not kind.value_set or isinstance(value, dict) or value in codes(kind.value_set) else None


def _extended(resource: Json, target: ZField, values: list[Any]) -> bool:
    kind = target.type or "string"
    member = f"value{kind[0].upper()}{kind[1:]}"
    complete(resource, {"extension": [{"url": target.extension, member: value} for value in values]})
    return True


def _completed(resource: Json, target: ZField, values: list[Any], path: str, ctx: Context) -> bool:
    """An element that holds one value keeps the one that it has."""
    element, _ = element_of(target) or (None, None)
    if element and element.is_list:
        complete(resource, {target.element: values})
        return True
    complete(resource, {target.element: values[0]})
    if len(values) == 1 and resource.get(target.element) == values[0]:
        return True
    ctx.warn(path, "value", f"{target.of}.{target.element} holds one value, and has another one already")
    return False


def _integer(text: str) -> int | None:
    try:
        return int(text) if len(text) <= 10 else None
    except ValueError:
        return None
