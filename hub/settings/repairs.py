"""Repairs of a field's text, by which a feed's profile sets right what its sender writes otherwise.

A repair is one function here that makes the change from its option: the whole list of what a profile can ask for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

Change = Callable[[str], str]
M = TypeVar("M", bound=Callable[..., Change])

REPAIRS: dict[str, Callable[..., Change]] = {}
"""The makers of repairs by their names in a profile."""


def repair(maker: M) -> M:
    """Registers the decorated maker under its own name."""
    REPAIRS[maker.__name__] = maker
    return maker


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair with its option, ready to be applied."""

    name: str
    change: Change


def made(name: str, option: Any = None) -> Repair:
    """The repair of that name. Raises ``ValueError`` for one that is not, or an option that it cannot have."""
    if name not in REPAIRS:
        raise ValueError(f"no repair is called {name!r}; there are: {', '.join(sorted(REPAIRS))}")
    try:
        return Repair(name, REPAIRS[name]() if option is None else REPAIRS[name](option))
    except TypeError:
        raise ValueError(f"{name} needs an option" if option is None else f"{name} has no such option") from None


@repair
def strip() -> Change:
    """Without white space around it."""
    return str.strip


@repair
def upper() -> Change:
    """In upper case."""
    return str.upper


@repair
def lower() -> Change:
    """In lower case."""
    return str.lower


@repair
def digits() -> Change:
    """Its digits alone."""
    return lambda text: "".join(filter(str.isdigit, text))


@repair
def date(form: str) -> Change:
    """From a date or time of this form (``%m/%d/%Y``) to that of HL7; what is of another form stays as it is."""
    written = "%Y%m%d%H%M%S" if re.search("%[HI]", form) else "%Y%m%d"
    if _rewritten(_MOMENT.strftime(form), form, written) != _MOMENT.strftime(written):
        raise ValueError(f"{form!r} is no form of a day such as %m/%d/%Y, or of a time such as %d.%m.%Y %H:%M")
    return lambda text: _rewritten(text, form, written)


_MOMENT = datetime(2026, 1, 31, 15)  # noqa: DTZ001 - a time of which only the form counts


def _rewritten(text: str, form: str, written: str) -> str:
    try:
        return datetime.strptime(text.strip(), form).strftime(written)  # noqa: DTZ007 - the mapper gives it its zone
    except ValueError:
        return text


@repair
def replace(option: dict[str, str]) -> Change:
    """``{pattern: …, by: …}``: what the regular expression finds, by the other text (``\\1`` is its first group)."""
    if set(option) != {"pattern", "by"}:
        raise ValueError("replace needs a pattern and by")
    try:
        pattern = re.compile(str(option["pattern"]))
        by = str(option["by"])
        pattern.sub(by, "")
    except (re.error, IndexError) as error:
        raise ValueError(f"replace: {error}") from None
    return lambda text: pattern.sub(by, text)


@repair
def clear(texts: str | list[str]) -> Change:
    """Nothing, where it is one of these texts (``UNKNOWN``, ``000-00-0000``): the sender's way to say nothing."""
    nothing = {str(text) for text in (texts if isinstance(texts, list) else [texts])}
    return lambda text: "" if text in nothing else text


@repair
def pad(width: int) -> Change:
    """With zeros before it, to that width."""
    if not 0 < int(width) <= 64:
        raise ValueError("pad needs a width from 1 to 64")
    return lambda text: text.zfill(int(width))
