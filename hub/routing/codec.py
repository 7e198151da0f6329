"""Statements and states from the JSON that ``orjson`` writes of them."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Decoder = Callable[[Any], Any]


def decode(shape: type[T], data: Any) -> T:
    """``data`` (objects, lists, texts) as the dataclass ``shape``, nested ones and tuples included.

    What the JSON lacks takes the default; what the dataclass no longer has is left out, so states outlive a release.
    """
    known: Any = shape
    decoded: T = _dataclass(known)(data)
    return decoded


@cache
def _dataclass(shape: Any) -> Decoder:
    hints = get_type_hints(shape)
    plan = [(f.name, _decoder(hints[f.name])) for f in fields(shape)]
    plain = tuple(name for name, decoder in plan if decoder is None)
    nested = tuple((name, decoder) for name, decoder in plan if decoder is not None)

    def read(data: Any) -> Any:
        known = {name: data[name] for name in plain if name in data}
        for name, decoder in nested:
            if name in data:
                known[name] = decoder(data[name])
        return shape(**known)

    return read


def _decoder(hint: Any) -> Decoder | None:
    """How a field of this type is read; None: as it is."""
    shape: Any = hint
    if is_dataclass(hint):
        return _dataclass(shape)
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _tuple(_decoder(args[0]))
    if origin is dict:
        item = _decoder(args[1])
        return None if item is None else lambda data: {key: item(value) for key, value in data.items()}
    return None


def _tuple(item: Decoder | None) -> Decoder:
    return tuple if item is None else lambda data: tuple(item(value) for value in data)
