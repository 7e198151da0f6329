"""Following a stream: what it holds from a place on, and what comes after."""

import base64
from collections.abc import Callable, Iterator
from datetime import datetime

import orjson

from hub.errors import NotFound, PermanentError
from hub.model import Json, Record, Stream
from hub.services.context import Hub
from hub.store.engine import utc_text

BEGINNING = "beginning"
END = "end"
_PAGE = 200


def stream_named(name: str) -> Stream:
    """The stream of that name, with or without ``hub.`` before it. Raises ``NotFound``."""
    for stream in Stream:
        if name in (stream.value, stream.value.removeprefix("hub.")):
            return stream
    raise NotFound(f"no stream is called {name!r}; there are: {', '.join(Stream)}")


def follow(hub: Hub, stream: Stream, start: str, wait: Callable[[], bool]) -> Iterator[Json]:
    """The records of the stream from ``start`` on, as ``described``.

    ``start`` is ``beginning``, ``end``, an offset, or a time (ISO 8601). ``wait`` is called when nothing more is
    there; it returns whether to look again.
    """
    since = _instant(start)
    places = {partition: _place(hub, stream, partition, start) for partition in hub.streams.partitions(stream)}
    while True:
        found = False
        for partition, after in places.items():
            for record in hub.streams.read(stream, partition, after, _PAGE):
                found, places[partition] = True, record.offset
                if record.headers.get("time", "") >= since:
                    yield described(stream, record)
        if not found and not wait():
            return


def described(stream: Stream, record: Record) -> Json:
    """A record as JSON: its place, key, headers (CloudEvents attributes) and value.

    A value that is JSON is itself; other text is ``text``; other bytes are ``base64``.
    """
    place = {"stream": stream.value, "partition": record.partition, "offset": record.offset, "key": record.key}
    return {**place, "headers": record.headers, **_value(record.value)}


def _value(value: bytes) -> Json:
    try:
        return {"value": orjson.loads(value)}
    except orjson.JSONDecodeError:
        return _as_received(value)


def _as_received(value: bytes) -> Json:
    try:
        return {"text": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _place(hub: Hub, stream: Stream, partition: int, start: str) -> int:
    if start == END:
        return hub.streams.end(stream, partition)
    return int(start) - 1 if start.isdecimal() else -1


def _instant(start: str) -> str:
    if start in (BEGINNING, END) or start.isdecimal():
        return ""
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        places = "beginning, end, an offset or an ISO 8601 time"
        raise PermanentError(f"{start!r} is no place in a stream: {places}") from None
    return utc_text(moment)
