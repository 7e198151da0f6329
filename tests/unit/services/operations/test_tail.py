from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import NotFound, PermanentError
from hub.model import Record, Stream
from hub.services.context import Hub
from hub.services.operations.tail import described, follow, stream_named
from hub.wiring import open_hub
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened = open_hub(databases.settings(tmp_path))
    yield opened
    opened.close()


def publish(hub: Hub, *numbers: int) -> None:
    records = [Record("k", b'{"n": %d}' % n, {"id": str(n), "time": f"2026-03-0{n}T00:00:00.000000Z"}) for n in numbers]
    hub.streams.append(Stream.EVENTS, records)


def numbers(hub: Hub, start: str) -> list[int]:
    return [record["value"]["n"] for record in follow(hub, Stream.EVENTS, start, lambda: False)]


def test_a_stream_is_read_from_a_place_on(hub: Hub) -> None:
    """A stream is told from its beginning, its end, an offset or a time."""
    publish(hub, 1, 2, 3)
    assert numbers(hub, "beginning") == [1, 2, 3]
    assert numbers(hub, "end") == []
    assert numbers(hub, "3") == [3]
    assert numbers(hub, "2026-03-02T00:00:00Z") == [2, 3]


def test_what_comes_later_is_told_too(hub: Hub) -> None:
    """At the end of the stream it waits, and tells what was written meanwhile."""
    looks = iter([True, False])

    def wait() -> bool:
        publish(hub, 4)
        return next(looks)

    told = follow(hub, Stream.EVENTS, "end", wait)
    assert [record["value"]["n"] for record in told] == [4]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b'{"a": 1}', {"value": {"a": 1}}),
        (b"MSH|^~\\&|A", {"text": "MSH|^~\\&|A"}),
        (b"\xff\xfe", {"base64": "//4="}),
    ],
)
def test_any_value_is_told_as_json(value: bytes, told: dict[str, object]) -> None:
    """JSON stays JSON, text is text, and other bytes are base64."""
    record = described(Stream.RAW, Record("k", value, {"id": "1"}, 0, 7))
    assert record.items() >= {"stream": "hub.raw", "offset": 7, "key": "k", **told}.items()


def test_a_stream_has_a_short_name() -> None:
    """A stream is found with and without its prefix; an unknown name lists those that there are."""
    assert stream_named("raw") is stream_named("hub.raw") is Stream.RAW
    with pytest.raises(NotFound, match=r"hub\.raw, hub\.fhir"):
        stream_named("rwa")


def test_a_wrong_place_is_refused(hub: Hub) -> None:
    """A place that is neither a word, an offset nor a time is an error."""
    with pytest.raises(PermanentError, match="yesterday"):
        numbers(hub, "yesterday")
