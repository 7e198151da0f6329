"""Block keys: two records are compared only when they share one. Pure; the store and the index keep them."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from hub.identity.features import Features

LARGEST = 40
"""Persons: a block that more share is closed; what it says would tell nobody apart, and the others find them."""


RULES = 2
"""Changes whenever the keys of a record do: what is kept under those of other rules is then worked out anew."""


def block_keys(said: Features) -> tuple[int, ...]:
    """The blocks of a record, by the first 64 bits of their hashes. Each is a reason why two records may be one
    person's, and each survives another kind of error: in a name, in the birth date, an exchange of the names, a move.
    A name that was filled in is in none. Two keys of one hash put records side by side that have nothing in common."""
    return tuple(dict.fromkeys(map(_number, _keys(said))))


def meeting_places(said: Features, keys: Iterable[str]) -> tuple[str, ...]:
    """Where two workers meet who are about to make the same person, from two systems, at one moment: at an identifier,
    the social security number, a telephone, or the birth date."""
    named = [f"key {key}" for key in keys] + [f"phone {number}" for number in said.phones]
    named += [f"{field} {value}" for field, value in (("ssn", said.ssn), ("born", said.born)) if value]
    return tuple(named)


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def _keys(said: Features) -> Iterator[str]:
    if len(said.ssn) > 4:
        yield f"ssn {said.ssn}"
    if said.ssn and said.born:
        yield f"ssn4 {said.ssn[-4:]} {said.born}"
    yield from (f"phone {number}" for number in said.phones)
    yield from (f"email {address}" for address in said.emails)
    yield from (f"number {number}" for number in said.numbers)
    if said.house:
        yield f"house {said.house} {said.postal or said.city}"
        yield f"road {said.house} {said.road.replace(' ', '')[:6]}"
    yield from _name_keys(said)


def _name_keys(said: Features) -> Iterator[str]:
    """By how the names sound, in either order; the birth date alone for those whose names are both mistyped."""
    if said.nameless:
        return
    sounds = sorted({said.given_sound, said.family_sound} - {""})
    if said.born:
        yield f"born {said.born}"
        yield from (f"born {said.born} {sound}" for sound in sounds)
    if len(sounds) > 1:
        yield f"names {' '.join(sounds)}"
        yield f"names {' '.join(sounds)} {said.born[:4]}"
    if said.postal:
        yield from (f"place {said.postal} {sound}" for sound in sounds)
