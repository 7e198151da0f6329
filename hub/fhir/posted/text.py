"""The text of FHIR JSON (FHIR R4, section 2.6.2) as a tree of plain values, numbers digit for digit."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn, TypeAlias

import orjson

from hub.errors import Unreadable
from hub.model import Json

DEEPEST = 100
"""Levels of objects and arrays; contained resources and nested questionnaires have a third of that."""
_BOM = b"\xef\xbb\xbf"
Number: TypeAlias = int | float | orjson.Fragment


def read_json(body: bytes) -> Json:
    """The object that the text is. ``1.50`` stays a literal (``orjson.Fragment``), because precision matters (datatype
    decimal). Raises ``Unreadable`` for what is no JSON object in UTF-8, names a member twice or is nested too deep."""
    text = body.removeprefix(_BOM)
    try:
        orjson.loads(text)  # the strict one: UTF-8, surrogates, control characters
        tree = json.loads(text, object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_no)
    except RecursionError:
        raise _wrong(f"nested deeper than {DEEPEST} levels") from None
    except ValueError as error:
        raise _wrong(f"not JSON: {error}") from None
    if not isinstance(tree, dict):
        raise _wrong("not a JSON object")
    if _is_deep(tree):
        raise _wrong(f"nested deeper than {DEEPEST} levels")
    return tree


def written(tree: Json) -> bytes:
    """The tree as text again."""
    return orjson.dumps(tree)


def _wrong(what: str) -> Unreadable:
    return Unreadable(what, code="structure")


def _object(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _wrong("an object names a member twice")
    return members


def _number(literal: str) -> Number:
    whole = literal.lstrip("-").isdigit()
    if len(literal) > 17:  # more digits than a float has
        return orjson.Fragment(literal)
    number: int | float = int(literal) if whole else float(literal)
    return number if repr(number) == literal and abs(number) < 2**53 else orjson.Fragment(literal)


def _no(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _is_deep(tree: Json) -> bool:
    level: list[Any] = [tree]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return False
    return True


def _within(value: Any) -> Iterator[Any]:
    """The objects and arrays that stand directly in a value."""
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)):
            yield inner
