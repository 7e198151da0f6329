import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub.adapters.mllp import Mllp
from hub.services.context import Hub
from hub.settings import Feed, PluginUse
from tests.intake import Sender, adt, opened, receiving, sender, stored
from tests.protocol.kit import said_in

NUMBERED = Feed(name="numbered", adapter=PluginUse(kind="mllp"), senders=("ADT|MERCY",), sequence=True)
OTHER = Feed(name="other", adapter=PluginUse(kind="mllp"))

pytestmark = pytest.mark.usefixtures("each_database")


def with_hub(data: Path, work: Callable[[Hub, Sender], Awaitable[None]]) -> None:
    """Does the work on a connection to a hub with a feed of numbered messages, and one of others at the same port."""

    async def run(hub: Hub) -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Mllp)
            async with sender(adapter.port) as to:
                await work(hub, to)

    with closing(opened(data, NUMBERED, OTHER)) as hub:
        asyncio.run(run(hub))


async def said(to: Sender, control_id: str, number: str, **more: str) -> tuple[str, str]:
    """The answer to a message of that number, and its MSA-4."""
    answer = await to.send(adt(control_id, f13=number, **more))
    msa = answer.raw.split(b"\rMSA|")[1].split(b"\r")[0].split(b"|")
    return said_in(answer.raw), msa[3].decode() if len(msa) > 3 else ""


def ids(hub: Hub) -> list[str]:
    return [message.control_id for message in stored(hub)]


def test_messages_are_taken_in_their_order(tmp_path: Path) -> None:
    """The first number is the sender's choice; then the next one is taken and echoed, one that is left out is refused
    with the number that is expected, and the newest may come again."""

    async def work(hub: Hub, to: Sender) -> None:
        assert await said(to, "M7", "7") == ("AA M7", "7")
        assert await said(to, "M9", "9") == ("AE M9 199 MSH-13", "8")
        assert await said(to, "M8", "8") == ("AA M8", "8")
        assert await said(to, "M8", "8") == ("AA M8", "8")
        assert await said(to, "M7", "7") == ("AE M7 199 MSH-13", "9")
        assert ids(hub) == ["M7", "M8", "M8"]

    with_hub(tmp_path, work)


def test_the_next_number_outlives_a_restart(tmp_path: Path) -> None:
    """A hub that starts anew goes on where it was."""

    async def before(hub: Hub, to: Sender) -> None:
        assert await said(to, "M1", "1") == ("AA M1", "1")

    async def after(hub: Hub, to: Sender) -> None:
        assert await said(to, "M3", "3") == ("AE M3 199 MSH-13", "2")
        assert await said(to, "M2", "2") == ("AA M2", "2")

    with_hub(tmp_path, before)
    with_hub(tmp_path, after)


def test_words_about_the_link(tmp_path: Path) -> None:
    """0 asks which number is next, -1 begins to count anew; neither is a message, so neither is stored."""

    async def work(hub: Hub, to: Sender) -> None:
        assert await said(to, "S1", "0", pid="") == ("AA S1", "-1")
        assert await said(to, "M4", "4") == ("AA M4", "4")
        assert await said(to, "S2", "0", pid="") == ("AA S2", "5")
        assert await said(to, "S3", "-1", pid="") == ("AA S3", "-1")
        assert await said(to, "M1", "1") == ("AA M1", "1")
        assert ids(hub) == ["M4", "M1"]

    with_hub(tmp_path, work)


@pytest.mark.parametrize(("number", "condition"), [("", "101"), ("x", "102"), ("-2", "102")])
def test_a_number_is_needed(tmp_path: Path, number: str, condition: str) -> None:
    """A message without a number that can be one is refused."""

    async def work(hub: Hub, to: Sender) -> None:
        assert await said(to, "M1", number) == (f"AE M1 {condition} MSH-13", "")
        assert ids(hub) == []

    with_hub(tmp_path, work)


def test_what_is_refused_for_another_reason_keeps_its_number(tmp_path: Path) -> None:
    """The number of a message that was not taken is still expected; feeds without the agreement count nothing."""

    async def work(hub: Hub, to: Sender) -> None:
        assert await said(to, "M1", "1") == ("AA M1", "1")
        assert await said(to, "M2", "2", f11="X") == ("AR M2 202 MSH-11", "")
        assert await said(to, "M2", "2") == ("AA M2", "2")
        assert await said(to, "O1", "99", f4="ELSEWHERE") == ("AA O1", "")

    with_hub(tmp_path, work)


def test_many_under_way(tmp_path: Path) -> None:
    """Messages that are sent without waiting for answers are taken in their order."""

    async def work(hub: Hub, to: Sender) -> None:
        to.writer.write(b"".join(b"\x0b" + adt(f"M{n}", f13=str(n)) + b"\x1c\r" for n in range(1, 51)))
        assert [said_in(await to.answer_frame()) for _ in range(50)] == [f"AA M{n}" for n in range(1, 51)]
        assert ids(hub) == [f"M{n}" for n in range(1, 51)]

    with_hub(tmp_path, work)
