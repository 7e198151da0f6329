"""The same tests once more, as code: for every shape a function of straight lines that says whether an element with
these members is certainly good.

Nearly every element is, and then nobody needs to know where it stands. What is not certainly good is tested thoroughly
(``hub/fhir/check/structure.py``), which also says what is wrong: a function here may say no too often, but never yes to
what the thorough test refuses.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import is_
from typing import Any, TypeAlias

from orjson import dumps

from hub.fhir.build import URN
from hub.fhir.check.definitions import Type, codes, is_resource, is_structure
from hub.fhir.check.primitives import PRIMITIVES, Check
from hub.fhir.check.scope import Scope
from hub.fhir.check.structure import SHAPES, Judge, defined, extension, is_coded, judge, structure, tested
from hub.fhir.check.structure import resource as resource_test
from hub.model import Json

Targets: TypeAlias = Mapping[Any, str]
"""The types of the bundle's resources by their full URL."""
Quick: TypeAlias = Callable[[Any, Targets], bool]
Shapes: TypeAlias = dict[tuple[str, ...], Quick]

REMEMBERED = 16_384
"""So many elements and texts of a kind are remembered as good; when there are more, remembering begins anew."""
RESOURCES = 3072
"""The same of resources, which are larger: those of a thousand patients."""

_SHARED = frozenset({"CodeableConcept", "Coding", "Observation.referenceRange", "SimpleQuantity"})
"""Types whose elements the mappers make once for all bundles (``hub/mappers/remember.py``)."""
_RECURRING = frozenset(
    {
        *("AllergyIntolerance", "Condition", "Location", "Organization", "Patient", "Practitioner", "PractitionerRole"),
        "RelatedPerson",
    }
)
"""Types of resources that stand in many bundles as they are: a patient in all messages of his visit, a ward in those of
all its patients."""
_REFERENCE = re.compile(rb'"reference":"([^"]*)"')
"""A reference in JSON: within a text its quotation marks would be escaped."""


def is_good(bundle: Json) -> bool:
    """Whether a bundle is certainly good."""
    try:
        targets = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
        urls = "".join(targets)
        return " " not in urls and urls.isprintable() and resource(bundle, targets)
    except (AttributeError, TypeError, KeyError, ValueError):
        return False  # something in it is of another type than all that was seen so far


def _entries(entries: Any, targets: Targets) -> bool:
    """Whether the entries of a bundle are certainly good: each a full URL with the id of its resource, and nothing
    else."""
    for entry in entries:
        url, value = entry.values()
        if url != URN + value["id"] or not resource(value, targets):
            return False
    return type(entries) is list and bool(entries)


def resource(value: Any, targets: Targets) -> bool:
    """Whether a resource is certainly good."""
    kind = value["resourceType"]
    if kind not in _RECURRING:
        return _of_kind(kind, value, targets)
    identity = value["id"]
    known, met = _good.get(identity, (_NOTHING, targets))
    if _same(known, value) and met.items() <= targets.items():
        return True
    good = _of_kind(kind, value, targets)
    if good:
        _remember(identity, value, targets)
    return good


def _of_kind(kind: str, value: Json, targets: Targets) -> bool:
    shapes = _resources.get(kind)
    if shapes is None:
        shapes = _resources[kind] = shapes_of(kind) if is_resource(kind) else {}
    return (shapes.get(tuple(value)) or _shape(kind, value))(value, targets)


_resources: dict[str, Shapes] = {}


@cache
def shapes_of(name: str) -> Shapes:
    """The functions of a type, by the names of members."""
    return {}


def _shape(name: str, element: Json) -> Quick:
    """The function for the shape of this element. Code is made when a shape comes for the second time: the first
    message after a start shall not wait for it."""
    names = tuple(element)
    if (name, names) not in _met_once:
        if len(_met_once) < SHAPES:
            _met_once.add((name, names))
        return _thorough(name)
    function = _compiled(name, names)
    shapes = shapes_of(name)
    if len(shapes) < SHAPES:
        shapes[names] = function
    return function


_met_once: set[tuple[str, tuple[str, ...]]] = set()

_NESTED = "Extension.extension"
"""Extensions within extensions, which need no absolute URL: a type of their own."""


def _compiled(name: str, names: tuple[str, ...]) -> Quick:
    """The function of a shape: the test of each member in turn. Rare shapes are tested thoroughly at once."""
    of = judge("Extension" if name == _NESTED else name)
    _, rules, problems = of.shape(names)
    if problems or "contained" in names:
        return _thorough(name)
    code = _Code(name, names)
    for number, member in enumerate(names):
        if member != "resourceType":
            code.member(f"v{number}", of, member)
    for rule in rules:
        code.unless(f"{code.name(rule.holds)}(element)")
    values = ", ".join(f"v{number}" for number in range(len(names)))
    lines = ["def quick(element, targets):", f" {values}, = element.values()", *code.lines, " return True"]
    exec("\n".join(lines), code.names)  # noqa: S102 - made of the definitions alone, never of what is in a message
    function: Quick = code.names["quick"]
    return function


def _thorough(name: str) -> Quick:
    test = structure(name) if is_structure(name) else extension(nested=True)
    if name == "Extension":
        test = extension(nested=False)
    elif is_resource(name):
        test = resource_test
    return lambda value, targets: not test(value, Scope(targets))


class _Code:
    """The lines of the function of a shape, and the objects that they name."""

    def __init__(self, owner: str, members: tuple[str, ...]) -> None:
        self.owner = owner
        self.members = members
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"shape": _shape, "decimal": PRIMITIVES["decimal"]}

    def name(self, thing: object) -> str:
        """A name for an object that the lines speak of."""
        name = f"k{len(self.names)}"
        self.names[name] = thing
        return name

    def unless(self, condition: str, indent: str = " ") -> None:
        """The line that leaves the function where a condition does not hold."""
        self.lines.append(f"{indent}if not ({condition}): return False")

    def member(self, value: str, of: Judge, name: str) -> None:
        """The lines for a member's value; beside an array of extensions, null stands for what has nothing to say."""
        kind = of.type_of(name)
        if kind.name == "Bundle.entry":
            self.unless(f"{self.name(_entries)}({value}, targets)")
            return
        if not of.is_list(name):
            self.unless(self._special(value, name) or self._condition(value, kind))
            return
        nulls = of.is_side_by_side(name, self.members)
        self.lines += [f" if type({value}) is not list or not {value}: return False", f" for one in {value}:"]
        self.unless("one is None or " * nulls + self._condition("one", kind), "  ")

    def _condition(self, v: str, kind: Type) -> str:
        """The expression that says whether a value is of a type."""
        name = kind.name
        if name == "Resource":
            return f"{self.name(resource)}({v}, targets)"
        if name == "Extension" and self.owner in ("Extension", _NESTED):
            name = _NESTED
        if name == "Reference":
            return self._reference(v, kind)
        if name != _NESTED and not is_structure(name):
            return self._primitive(v, kind)
        if kind.value_set or (name in _SHARED and self.owner not in _SHARED):
            memory = _Elements.of(name, kind.value_set)
            known = self.name(memory)  # which stands for what is not known, too: no value can be it
            return f"{known}.get(id({v}), {known}) is {v} or {self.name(memory.new)}({v}, targets)"
        return f"({self.name(shapes_of(name))}.get(tuple({v})) or shape({name!r}, {v}))({v}, targets)"

    def _reference(self, v: str, kind: Type) -> str:
        """A reference to an entry of an allowed type with nothing but perhaps a display, else the thorough test."""
        url = f"{v}.get('reference')"
        leads = f"targets.get({url}) in {self.name(kind.targets)}" if kind.targets else f"{url} in targets"
        display = _STRING.format(v=f"{v}['display']")
        plain = f"(len({v}) == 1 or len({v}) == 2 and 'display' in {v} and {display})"
        return f"{leads} and {plain} or {self.name(_reference_to(kind))}({v}, targets)"

    def _primitive(self, v: str, kind: Type) -> str:
        if kind.value_set:
            return f"{v} in {self.name(codes(kind.value_set))}"
        if expression := _EXPRESSIONS.get(kind.name):
            return expression.format(v=v)
        memory = _Texts.of(kind.name)
        return f"{v} in {self.name(memory)} or {self.name(memory.new)}({v})"

    def _special(self, v: str, name: str) -> str:
        """The expression for the URL of an extension, which must suit its members."""
        if name != "url" or self.owner not in ("Extension", _NESTED):
            return ""
        memory = _Urls(self.members, nested=self.owner == _NESTED)
        return f"{v} in {self.name(memory)} or {self.name(memory.new)}({v})"


_STRING = "type({v}) is str and {v}.isprintable() and {v}[:1] > ' ' and len({v}) < 65536"
_EXPRESSIONS = {
    "string": _STRING,
    "markdown": _STRING,
    "boolean": "{v} is True or {v} is False",
    "id": "type({v}) is str and len({v}) == 36 and {v}.isascii() and {v}.replace('-', '').isalnum()",
    "positiveInt": "type({v}) is int and 0 < {v} < 2147483648",
    "unsignedInt": "type({v}) is int and 0 <= {v} < 2147483648",
    "integer": "type({v}) is int and -2147483648 <= {v} < 2147483648",
    "decimal": "type({v}) is float and -1e300 < {v} < 1e300 or type({v}) is int or not decimal({v}, None)",
}
"""What is certainly good of these types."""


class _Texts(set[Any]):
    """URIs, times and the like that were found good; the same ones stand in many elements."""

    def __init__(self, test: Check) -> None:
        super().__init__()
        self._test = test

    @staticmethod
    @cache
    def of(name: str) -> "_Texts":
        """Those of a primitive type."""
        return _Texts(PRIMITIVES[name])

    def new(self, value: Any) -> bool:
        """Whether one that is not known yet is good."""
        if self._test(value, None):
            return False
        if len(self) >= REMEMBERED:
            self.clear()
        if not value.startswith("urn:uuid:"):  # each is of one message
            self.add(value)
        return True


class _Urls(set[Any]):
    """URLs of extensions that were found good, for extensions of one shape."""

    def __init__(self, members: tuple[str, ...], *, nested: bool) -> None:
        super().__init__()
        self._members = members
        self._nested = nested

    def new(self, url: Any) -> bool:
        """Whether one that is not known yet is good."""
        if PRIMITIVES["uri"](url, None) or defined(url, self._members, nested=self._nested):
            return False
        if len(self) < SHAPES:
            self.add(url)
        return True


class _Elements(dict[int, Json]):
    """Elements of a type that were found good, by identity. It holds them, so that no other object can have their
    ``id``, and no one changes an element in place (``hub/mappers/remember.py``)."""

    def __init__(self, name: str, value_set: str) -> None:
        super().__init__()
        self._name = name
        self._value_set = value_set

    @staticmethod
    @cache
    def of(name: str, value_set: str) -> "_Elements":
        """Those of a type, of a required value set where there is one."""
        return _Elements(name, value_set)

    def new(self, element: Any, targets: Targets) -> bool:
        """Whether one that is not known yet is good. What has extensions is not remembered: a reference may be in them,
        and that depends on the bundle."""
        shapes = shapes_of(self._name)
        if not (shapes.get(tuple(element)) or _shape(self._name, element))(element, targets):
            return False
        if self._value_set and not is_coded(element, self._value_set):
            return False
        if "extension" not in element and not any("extension" in coding for coding in element.get("coding", ())):
            if len(self) >= REMEMBERED:
                self.clear()
            self[id(element)] = element
        return True


_good: dict[str, tuple[Json, Targets]] = {}
"""Resources that were found good, by id, with what they refer to: one is good wherever that is of the same types."""
_NOTHING: Json = {}


def _remember(identity: str, value: Json, targets: Targets) -> None:
    """Remembers a good resource, if all that it refers to is in the bundle."""
    urls = [url.decode() for url in _REFERENCE.findall(dumps(value))]
    if all(url in targets for url in urls):
        if len(_good) >= RESOURCES:
            _good.clear()
        _good[identity] = (dict(value), {url: targets[url] for url in urls})


def _same(one: Json, other: Json) -> bool:
    """Whether both have the same members in the same order, of the very same objects, which no one changes in place
    (``hub/mappers/remember.py``); an array may be another that holds the same ones."""
    if list(one) != list(other):
        return False
    values = one.values(), other.values()
    return all(map(is_, *values)) or all(map(_alike, *values))


def _alike(one: Any, other: Any) -> bool:
    return one is other or (type(one) is list is type(other) and len(one) == len(other) and all(map(is_, one, other)))


@cache
def _reference_to(kind: Type) -> Quick:
    """The test of a Reference that is more than a ``reference``."""
    test, shapes = tested(kind), shapes_of("Reference")

    def check(value: Any, targets: Targets) -> bool:
        if "reference" in value or "type" in value:
            return not test(value, Scope(targets))
        return (shapes.get(tuple(value)) or _shape("Reference", value))(value, targets)

    return check
