"""The tests that feeds carry: messages go through the real mappers with the feed's profile, and their bundles must hold
what the tests expect."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from hub.errors import HubError, NotFound
from hub.fhir.path import values_at
from hub.model import Json
from hub.services.conversion.files import converted, message_of, messages_in
from hub.settings import Feed, FeedTest

RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)
"""When the message of a test counts as received: the same result every day."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A test that came out otherwise: its number within the feed (from 0), the path, and what stands there."""

    number: int
    path: str
    text: str


def run_tests(feed: Feed, folders: Sequence[Path]) -> Iterator[Difference]:
    """The differences of the feed's tests; files of messages are looked for in ``folders``, in that order."""
    for number, test in enumerate(feed.tests):
        try:
            bundles = _bundles(test, feed, folders)
        except (HubError, OSError) as error:
            yield Difference(number, "given", f"cannot be run: {error}")
            continue
        for path, expected in test.expect.items():
            found = [value for bundle in bundles for value in values_at(bundle, path)]
            if found if expected is None else expected not in found:
                yield Difference(number, path, _differs(expected, found))


def _bundles(test: FeedTest, feed: Feed, folders: Sequence[Path]) -> list[Json]:
    if test.given.startswith("MSH"):
        raws = [message_of(feed, test.given.encode(), RECEIVED)]
    else:
        raws = [raw for _, raw in messages_in(_file(test.given, folders), feed, RECEIVED)]
    # Numbers that are kept digit for digit are JSON literals until then.
    return [orjson.loads(orjson.dumps(converted(raw, feed.within(raw.sender)))) for raw in raws]


def _file(name: str, folders: Sequence[Path]) -> Path:
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise NotFound(f"{name}: no such message in {' or '.join(map(str, folders))}")


def _differs(expected: object, found: list[Any]) -> str:
    stands = ", ".join("an object" if isinstance(value, dict) else repr(value) for value in found) or "nothing"
    return f"must be {'nothing' if expected is None else repr(expected)}, but is {stands}"
