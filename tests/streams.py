"""Where the streams of a test's hubs are: in their databases, or on a Kafka broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.broker import Topics

_current: list[Topics | None] = []


@contextmanager
def kept_on(topics: Topics) -> Iterator[None]:
    """Until the end of the block hubs have their streams on the broker."""
    _current.append(topics)
    try:
        yield
    finally:
        _current.pop()


@contextmanager
def embedded() -> Iterator[None]:
    """Until the end of the block hubs have their streams in their databases, whatever is around it."""
    _current.append(None)
    try:
        yield
    finally:
        _current.pop()


def url(folder: Path) -> str:
    """``HUB_STREAMS_URL`` of the hub in that folder, the same whenever it is asked for."""
    topics = _current[-1] if _current else None
    return topics.url(str(folder)) if topics else "embedded:"
