"""NM → decimal, digit for digit (HL7 v2.9, chapter 2A.3.45; FHIR R4, datatype decimal: precision matters)."""

import re
from functools import lru_cache
from typing import TypeAlias

import orjson

Decimal: TypeAlias = int | float | orjson.Fragment
"""A number as JSON writes it. ``72.50`` and numbers beyond a float's precision are kept as literals
(``orjson.Fragment``), because as floats they would come out as another text; all others are plain numbers."""

_NM = re.compile(r"([+-]?)0*(\d*)(?:\.(\d*))?")
_COMPARED = re.compile(r"\s*(<=|>=|<|>)?\s*=?\s*(\S+)\s*")


@lru_cache(maxsize=4096)
def nm_decimal(text: str) -> Decimal | None:
    """``+065.88`` → ``65.88``, ``.5`` → ``0.5``; ``None`` for what is no number. Equal texts give the same object."""
    match = _NM.fullmatch(text.strip())
    if not match or not any(c.isdigit() for c in text) or not text.isascii():
        return None
    sign, whole, fraction = match.groups(default="")
    literal = f"{'-' if sign == '-' else ''}{whole or '0'}{'.' + fraction if fraction else ''}"
    number: int | float = float(literal) if fraction else int(literal)
    as_written = repr(number) == literal and abs(number) < 2**53
    return number if as_written else orjson.Fragment(literal)


@lru_cache(maxsize=4096)
def compared(text: str) -> tuple[str, Decimal | None]:
    """A number with the comparator before it: ``<5`` → ``("<", 5)``; FHIR has ``<``, ``<=``, ``>=`` and ``>``."""
    match = _COMPARED.fullmatch(text)
    if not match:
        return "", None
    return match[1] or "", nm_decimal(match[2])
