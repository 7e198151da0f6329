"""The R4 check against validators that were not written here: HL7's own JSON Schema (by ``jsonschema-rs``), ``fhirkit``
(Rust, from the official definitions) and ``fhir.resources``.

No one of them looks at everything: the schema has the codes of most required bindings, but does not see two types of a
choice; fhirkit has structure, cardinalities and patterns; fhir.resources is R4B.
"""

import lzma
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fhirkit
import jsonschema_rs
import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from hub.fhir.check import check
from hub.model import Json
from tests.bundles import expected_bundles

BUNDLES = dict(expected_bundles())


@cache
def schema() -> Json:
    read: Json = orjson.loads(lzma.decompress(Path(__file__).with_name("fhir.schema.json.xz").read_bytes()))
    return read


@cache
def schema_of(kind: str) -> Any:
    """HL7's schema of a type of resource."""
    return jsonschema_rs.validator_for(schema() | {"$ref": f"#/definitions/{kind}"})


def by_schema(resource: Json) -> bool:
    return bool(schema_of(resource["resourceType"]).is_valid(resource))


def by_fhirkit(resource: Json) -> bool:
    return not any(issue.severity == "error" for issue in fhirkit.validate(orjson.dumps(resource)))


def by_models(resource: Json) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError:
        return False
    return True


VALIDATORS = (by_schema, by_fhirkit, by_models)


@pytest.mark.parametrize("name", BUNDLES)
def test_all_agree_that_a_fixture_is_valid(name: str) -> None:
    """Every resource that a fixture becomes is valid for all of them."""
    for entry in BUNDLES[name]["entry"]:
        for valid in VALIDATORS:
            assert valid(entry["resource"]), (valid.__name__, entry["resource"]["resourceType"])


Change = Callable[[Json, str], Iterator[tuple[str, Any]]]
"""Ways to spoil a member of an object: a name of the member, and its other value (``...``: take it away)."""


def _unknown(element: Json, name: str) -> Iterator[tuple[str, Any]]:
    yield "nickname", element[name]


def _single(element: Json, name: str) -> Iterator[tuple[str, Any]]:
    """An array instead of a value, or a value instead of an array."""
    value = element[name]
    if name != "resourceType":
        yield name, value[0] if isinstance(value, list) else [value]


def _empty(element: Json, name: str) -> Iterator[tuple[str, Any]]:
    empty = {list: [], dict: {}, str: ""}.get(type(element[name]))
    yield name, empty


def _pattern(element: Json, name: str) -> Iterator[tuple[str, Any]]:
    """A moment without an offset, a day out of the calendar, an identity or a system with white space."""
    if name.endswith(("DateTime", "issued", "recorded")) and "T" in str(element[name]):
        yield name, element[name][:19]
    if name == "birthDate":
        yield name, "1980-02-30x"
    if name == "system" and str(element[name]).startswith(("http", "urn:")):
        yield name, element[name] + " x"


def _code(element: Json, name: str) -> Iterator[tuple[str, Any]]:
    """A code that is in no value set, where one is required and the schema lists them."""
    coded = name in ("gender", "mode") or (name == "use" and "resourceType" not in element)
    if coded and isinstance(element[name], str):  # the use of a diagnosis is a concept
        yield name, "no-such-code"


def _spoilt(resource: Any, change: Change, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """All ways in which a change spoils the resource, as the path of an object, the member, and what it becomes."""
    if isinstance(resource, dict):
        for name, value in resource.items():
            for member, other in change(resource, name):
                yield *path, member, other
            yield from _spoilt(value, change, (*path, name))
    elif isinstance(resource, list):
        for number, value in enumerate(resource):
            yield from _spoilt(value, change, (*path, number))


def _with(bundle: Json, spoilt: tuple[Any, ...]) -> Json:
    *path, member, other = spoilt
    copy: Json = orjson.loads(orjson.dumps(bundle))
    element: Any = copy
    for step in path:
        element = element[step]
    element[member] = other
    return copy


DIVERSE = [name for number, name in enumerate(BUNDLES) if number % 8 == 0]
"""Some bundles of all kinds."""


@pytest.mark.parametrize("name", DIVERSE)
@pytest.mark.parametrize(
    ("change", "seen_by"),
    [(_unknown, VALIDATORS), (_single, (by_fhirkit,)), (_empty, ()), (_pattern, (by_fhirkit,)), (_code, (by_schema,))],
)
def test_what_is_spoilt_is_refused(name: str, change: Change, seen_by: tuple[Callable[[Json], bool], ...]) -> None:
    """A valid bundle, spoilt in any one place, is refused by the check, and by the others where they look at that."""
    bundle = BUNDLES[name]
    for spoilt in list(_spoilt(bundle, change))[::7]:
        changed = _with(bundle, spoilt)
        assert check(changed), spoilt
        if spoilt[0] == "entry" and "resource" in spoilt:
            resource = changed["entry"][spoilt[1]]["resource"]
            assert not any(valid(resource) for valid in seen_by), spoilt


@pytest.mark.parametrize("name", DIVERSE)
def test_what_is_taken_away_is_missed(name: str) -> None:
    """A member that others cannot do without is missed by the check, too."""
    bundle = BUNDLES[name]
    for number, entry in enumerate(bundle["entry"]):
        resource = entry["resource"]
        for member in resource:
            rest = {key: value for key, value in resource.items() if key != member}
            if member != "resourceType" and not all(valid(rest) for valid in (by_fhirkit, by_models)):
                entries = [*bundle["entry"][:number], entry | {"resource": rest}, *bundle["entry"][number + 1 :]]
                assert check(bundle | {"entry": entries}), (resource["resourceType"], member)


def test_a_dangling_reference_is_refused() -> None:
    """A bundle that lacks any one of the entries that others refer to is refused."""
    for name in DIVERSE:
        bundle = BUNDLES[name]
        told = orjson.dumps(bundle).decode()
        for number, entry in enumerate(bundle["entry"]):
            if number and told.count(f'"reference":"{entry["fullUrl"]}"'):
                assert check(bundle | {"entry": [*bundle["entry"][:number], *bundle["entry"][number + 1 :]]}), name


def test_every_resource_of_r4_is_known_to_all() -> None:
    """The check and fhirkit know the same 146 types of resources, member for member."""
    from hub.fhir.check.definitions import _structures, is_resource

    assert {name for name in _structures() if is_resource(name)} == set(fhirkit.RESOURCE_TYPES)


def test_the_schema_has_the_same_members() -> None:
    """Each type has the members that HL7's JSON Schema gives it, each of them an array where it is one there."""
    from hub.fhir.check.definitions import _structures, elements, is_structure

    definitions = schema()["definitions"]
    for name in _structures():
        if name not in definitions or name.count("."):
            continue  # the schema names nested elements after their last part alone
        ours = {member: element.is_list for element in elements(name) for member, _ in element.members()}
        theirs = definitions[name]["properties"]
        assert set(ours) == {m for m in theirs if not m.startswith("_")} - {"resourceType"}, name
        assert is_structure(name)
        assert {m for m, many in ours.items() if many} == {m for m in ours if theirs[m].get("type") == "array"}, name
