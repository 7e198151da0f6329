"""What a feed's profile says of its messages' fields: repairs, defaults, local codes and Z segments."""

import re
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, ConfigDict, model_validator

from hub.settings.parts import Strict
from hub.settings.repairs import Repair, made

_PATH = re.compile(r"([A-Z][A-Z0-9]{2})-([1-9]\d{0,2})(?:\.([1-9]\d?))?(?:\.([1-9]\d?))?")
_READ_BEFORE = {("MSH", number) for number in (1, 2, 9, 10, 18)}


class Place(NamedTuple):
    """``PID-3.4.2``: segment, field, component and subcomponent; 0 where the path does not say it."""

    segment: str
    field: int
    component: int = 0
    subcomponent: int = 0


def place(path: str) -> Place:
    """The place of a path. Raises ``ValueError`` for what is no path, or is read before the profile is."""
    if not (match := _PATH.fullmatch(path)):
        raise ValueError(f"{path!r} is no path such as PID-3 or PID-3.4")
    segment, *numbers = match.groups()
    found = Place(segment, *(int(number or 0) for number in numbers))
    if (segment, found.field) in _READ_BEFORE:
        raise ValueError(f"{path} is read before the profile is")
    return found


class Meaning(Strict):
    """What a local code means: a code, and its system and display where it is of another system than the field's."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    code: str
    system: str = ""
    display: str = ""


class ZField(Strict):
    """Where a field of a Z segment goes: to an extension or an element of a resource of the type ``of``.

    ``type`` is the FHIR data type of the value; that of an element need not be said.
    """

    of: str
    extension: str = ""
    element: str = ""
    type: str = ""

    @model_validator(mode="after")
    def _one_target(self) -> "ZField":
        if bool(self.extension) == bool(self.element):
            raise ValueError("needs an extension or an element, and not both")
        return self


class FeedTest(Strict):
    """A message of the feed (a file under ``fixtures/messages``, or the message itself) and what its bundle holds: the
    value at each path, or nothing where the value is null."""

    given: str
    expect: dict[str, str | bool | int | float | None]


def _meaning(value: Any) -> Any:
    return value if isinstance(value, dict | Meaning) else {"code": value}


def _repairs(value: Any) -> tuple[Repair, ...]:
    """``upper``, ``{date: "%m/%d/%Y"}`` or a list of such."""
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(repair for one in listed for repair in _repair(one))


def _repair(value: Any) -> list[Repair]:
    if isinstance(value, Repair):
        return [value]
    if isinstance(value, dict):
        return [made(str(name), option) for name, option in value.items()]
    return [made(str(value))]


def _path(path: str) -> str:
    place(path)
    return path


def _z_path(path: str) -> str:
    if not place(path).segment.startswith("Z"):
        raise ValueError(f"{path} is no field of a Z segment")
    return path


Path = Annotated[str, BeforeValidator(_path)]
ZPath = Annotated[str, BeforeValidator(_z_path)]
Meanings = dict[Annotated[str, BeforeValidator(str)], Annotated[Meaning, BeforeValidator(_meaning)]]
Repairs = Annotated[tuple[Repair, ...], BeforeValidator(_repairs)]


class FieldProfile(NamedTuple):
    """All that the profile says of one place: repairs, the default, and the meanings of its codes."""

    place: Place
    repairs: tuple[Repair, ...] = ()
    default: str = ""
    codes: Meanings | None = None
