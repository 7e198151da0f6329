"""The thorough test of a type's elements, which says what is wrong and where.

The names of an element's members are its *shape*: whether one is unknown, a required one is missing or a choice is made
twice follows from the shape alone, and so do most invariants. The others look at values.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeAlias

from hub.fhir.check.definitions import (
    Element,
    Type,
    codes,
    codings,
    elements,
    extension_values,
    is_resource,
    is_structure,
    lineage,
)
from hub.fhir.check.invariants import OF_NAMES, OF_VALUES, OfValues
from hub.fhir.check.primitives import PRIMITIVES, Check, Problem, Problems, one_of
from hub.fhir.check.references import reference_to
from hub.fhir.check.scope import Scope
from hub.model import Json

SHAPES = 4096
"""So many shapes of a type are remembered; messages have a few dozen."""
_ELEMENT = Type("Element")
_NOT_OBJECT: tuple[Problem] = (("", "is no object"),)
_NOT_LIST: tuple[Problem] = (("", "is no array of at least one element"),)
_EMPTY: tuple[Problem] = (("", "is empty"),)
_UNKNOWN_RESOURCE: tuple[Problem] = (("resourceType", "is no resource of FHIR R4"),)
_NESTED: tuple[Problem] = (("contained", "stands within a contained resource (dom-2)"),)
_UNUSED: tuple[Problem] = (("contained", "is not all referred to (dom-3)"),)
_RELATIVE_URL: tuple[Problem] = (("url", "is not absolute"),)


Shape: TypeAlias = tuple[dict[str, Check], tuple[OfValues, ...], tuple[Problem, ...]]
"""What follows from the names of an element's members: their tests, the invariants over values that apply, and what is
wrong already."""


def below(member: str, problems: Problems) -> Iterator[Problem]:
    """The same problems, seen from the element that holds the member."""
    for path, what in problems or ():
        yield f"{member}{'' if not path or path[0] == '[' else '.'}{path}", what


@cache
def structure(name: str) -> Check:
    """The test of the elements of a type that are JSON objects."""
    of = judge(name)

    def check(element: Any, scope: Scope) -> Problems:
        if type(element) is not dict:
            return _NOT_OBJECT
        tests, rules, problems = of.shape(tuple(element))
        for member, value in element.items():
            if wrong := tests[member](value, scope):
                problems = (*problems, *below(member, wrong))
        if rules and not problems:
            return [("", f"{rule.says} ({rule.key})") for rule in rules if not rule.holds(element)]
        return problems

    return check


class Judge:
    """Judges the shapes of one type: what follows from the names of an element's members."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._elements = elements(name)
        self._owners = {member: element for element in self._elements for member, _ in element.members()}
        self._types = {member: kind for element in self._elements for member, kind in element.members()}
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._tests: dict[str, Check] = {"resourceType": _passed} if is_resource(name) else {}

    def shape(self, names: tuple[str, ...]) -> Shape:
        """What follows from these names."""
        shape = self._shapes.get(names)
        if shape is None:
            shape = self._judged(names)
            if not shape[2] and len(self._shapes) < SHAPES:
                self._shapes[names] = shape
        return shape

    def _judged(self, names: tuple[str, ...]) -> Shape:
        unknown = [name for name in names if not self._is_known(name)]
        tests = self._tests if not unknown else self._tests | dict.fromkeys(unknown, _passed)
        rules = self._rules(names)
        for name in names:
            if name.startswith("_") and self.is_side_by_side(name, names):
                tests = tests | self._side_by_side(name[1:])
                rules = (*rules, _paired(name[1:]))
        return tests, rules, tuple(self._problems(names, unknown))

    def type_of(self, name: str) -> Type:
        """The type of a member; beside a primitive ``x`` stands its ``_x``."""
        return _ELEMENT if name.startswith("_") else self._types[name]

    def is_list(self, name: str) -> bool:
        """Whether a member is an array."""
        return self._owners[name.removeprefix("_")].is_list

    def is_side_by_side(self, name: str, names: tuple[str, ...]) -> bool:
        """Whether a member is an array of primitives beside that of their extensions, or the latter."""
        other = name[1:] if name.startswith("_") else f"_{name}"
        return other in names and self._is_known(name) and self.is_list(name)

    def _is_known(self, name: str) -> bool:
        """Whether there is such a member; its test is at hand from then on."""
        if name not in self._tests:
            own = name.removeprefix("_")
            owner = self._owners.get(own)
            if owner is None or owner.maximum == "0" or (own != name and is_structure(self._types[own].name)):
                return False
            test = structure("Element") if own != name else self._test(own)
            self._tests[name] = many(test) if owner.is_list else test
        return True

    def _test(self, member: str) -> Check:
        kind = self._types[member]
        if kind.name == "Extension":
            return extension(nested=self.name == "Extension")
        if kind.name == "Resource":
            return resource
        return tested(kind)

    def _side_by_side(self, name: str) -> dict[str, Check]:
        """The tests of an array of primitives and of its extensions: where one has nothing to say stands null."""
        values, extensions = self._test(name), structure("Element")
        return {name: many(_or_null(values)), f"_{name}": many(_or_null(extensions))}

    def _problems(self, names: tuple[str, ...], unknown: list[str]) -> Iterator[Problem]:
        if not set(names) - {"id"} and not is_resource(self.name):
            yield from _EMPTY
            return
        for name in unknown:
            yield name, f"is no element of {self.name}"
        said = {name.removeprefix("_") for name in names}
        for element in self._elements:
            yield from _miscounted(element, said)
        stems = {self._owners[name].stem for name in said if name in self._owners}
        for ancestor in lineage(self.name):
            for rule in OF_NAMES.get(ancestor, ()):
                if not rule.holds(stems):
                    yield "", f"{rule.says} ({rule.key})"

    def _rules(self, names: tuple[str, ...]) -> tuple[OfValues, ...]:
        stems = {self._owners[name].stem for name in names if name in self._owners}
        every = (rule for ancestor in lineage(self.name) for rule in OF_VALUES.get(ancestor, ()))
        return tuple(rule for rule in every if rule.needs <= stems)


@cache
def judge(name: str) -> Judge:
    """The judge of a type."""
    return Judge(name)


def _miscounted(element: Element, said: set[str]) -> Iterator[Problem]:
    """What is missing or chosen twice."""
    given = [name for name, _ in element.members() if name in said]
    if element.minimum and not given:
        yield element.name, "is required"
    if len(given) > 1:
        yield element.name, f"is given in several types: {', '.join(given)}"


def tested(kind: Type) -> Check:
    """The test of the values of a type, in this place of a definition."""
    name = kind.name
    if name == "Reference":
        return reference_to(kind.targets, structure(name))
    if not is_structure(name):
        return one_of(codes(kind.value_set), kind.value_set) if kind.value_set else PRIMITIVES[name]
    return _coded(structure(name), kind.value_set) if kind.value_set else structure(name)


def _coded(element: Check, value_set: str) -> Check:
    """The test of a CodeableConcept one of whose codings must be of a value set (required binding)."""
    problem = (("", f"has no code of the value set {value_set}, which is required here"),)

    def check(value: Any, scope: Scope) -> Problems:
        return element(value, scope) or (None if is_coded(value, value_set) else problem)

    return check


def is_coded(concept: Json, value_set: str) -> bool:
    """Whether a CodeableConcept has a code of the value set."""
    allowed = codings(value_set)
    return any((coding.get("system"), coding.get("code")) in allowed for coding in concept.get("coding", ()))


def many(test: Check) -> Check:
    """The test of an array of values."""

    def check(values: Any, scope: Scope) -> Problems:
        if not isinstance(values, list) or not values:
            return _NOT_LIST
        for value in values:
            if test(value, scope):
                return [p for i, one in enumerate(values) for p in below(f"[{i}]", test(one, scope))]
        return None

    return check


@cache
def extension(*, nested: bool) -> Check:
    """The test of an Extension; ``nested`` ones are named by the extension around them."""
    test = structure("Extension")

    def check(value: Any, scope: Scope) -> Problems:
        return test(value, scope) or defined(value["url"], value, nested=nested)

    return check


def defined(url: str, members: Iterable[str], *, nested: bool) -> Problems:
    """What is wrong in an Extension by its URL: one that HL7 publishes has a value of a type that it defines."""
    allowed = extension_values().get(url)
    if allowed is None:
        return None if nested or ":" in url else _RELATIVE_URL
    given = next((name[5:] for name in members if name.startswith("value")), "")
    if given in allowed or given[:1].lower() + given[1:] in allowed:
        return None
    return (("", f"has a value of another type than its definition says: {', '.join(sorted(allowed))}"),)


def resource(value: Any, scope: Scope) -> Problems:
    """The test of a resource of whatever type it says it is."""
    if type(value) is not dict:
        return _NOT_OBJECT
    kind = value.get("resourceType")
    if type(kind) is not str:
        return _UNKNOWN_RESOURCE
    if not is_resource(kind):
        return _UNKNOWN_RESOURCE
    test = structure(kind)
    return test(value, scope) if "contained" not in value else _with_contained(value, test, scope)


def _with_contained(value: Json, test: Check, scope: Scope) -> Problems:
    """The test of a resource with others in it, which its references name by ``#id``."""
    if scope.contained:
        return _NESTED
    within = value["contained"] if isinstance(value["contained"], list) else []
    scope.contained = {f"#{r.get('id')}": str(r.get("resourceType") or "") for r in within if isinstance(r, dict)}
    scope.local = set()
    wrong = test(value, scope)
    unused = scope.contained.keys() - scope.local
    scope.contained = {}
    return wrong or (_UNUSED if unused else None)


def _passed(_: Any, __: Scope) -> Problems:
    """The test of what is judged already."""
    return None


def _or_null(test: Check) -> Check:
    return lambda value, scope: None if value is None else test(value, scope)


def _paired(name: str) -> OfValues:
    """Every place of an array of primitives has a value or an extension."""

    def holds(element: Json) -> bool:
        values, extensions = element[name], element[f"_{name}"]
        pairs = zip(values, extensions, strict=False)
        return len(values) == len(extensions) and all(one is not None or other is not None for one, other in pairs)

    return OfValues("ele-1", f"has a value or an extension in each place of {name}", frozenset(), holds)
