"""The roles of a running hub: each runs until it is told to stop, and finishes what is under way."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import TypeAlias

from hub.errors import ConfigurationError
from hub.model import Stage
from hub.ports import Adapter
from hub.services import stages
from hub.services.context import Hub
from hub.services.health.reporting import Reporter
from hub.services.health.rounds import rounds
from hub.services.intake.feeds import inlets
from hub.services.intake.receive import Receiver
from hub.services.intake.replies import Replies
from hub.store import continuity

Announce: TypeAlias = Callable[[str], None]
"""Called with a line that says what is ready and where."""

STAGE_LINES = {
    Stage.CONVERT: "converting what was received to FHIR",
    Stage.ROUTE: "routing what was converted",
    Stage.DELIVER: "delivering notices",
}


def work(hub: Hub, stage: Stage, announce: Announce, stop: Event) -> None:
    """Runs one stage. Raises ``ConfigurationError`` where its databases do not belong together."""
    _check_log(hub)
    announce(STAGE_LINES[stage])
    with rounds(hub, stage.value) as alive:
        stages.run_forever(hub, stage, stop, alive.turned)


async def receive(hub: Hub, adapters: Sequence[Adapter], announce: Announce, stop: asyncio.Event) -> None:
    """Runs all adapters on one receiver. After ``stop`` they take nothing more; what was taken becomes durable.

    An adapter that cannot start or that breaks ends all of them, with its error; nothing is taken in where the
    databases do not belong together (``ConfigurationError``).
    """
    _check_log(hub)
    if not adapters:
        announce("receiving nothing: no feed is configured")
        await stop.wait()
        return
    receiver = Receiver(hub)
    reporter = Reporter(hub, receiver.traffic, adapters)
    try:
        async with asyncio.TaskGroup() as group:
            replies = [group.create_task(each.run()) for each in _replies(hub)]
            group.create_task(reporter.run(stop))
            group.create_task(receiver.pressure.run(stop))
            await _take_in(adapters, receiver, announce, stop)
            for each in replies:
                each.cancel()
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    finally:
        receiver.close()
        reporter.finish()


def _check_log(hub: Hub) -> None:
    """What is acknowledged must be read by the stages."""
    if hub.settings.streams_url == "embedded:" and (gap := continuity.gap_between(hub.main, hub.intake)):
        raise ConfigurationError("settings", "HUB_DATA", gap)


async def _take_in(adapters: Sequence[Adapter], receiver: Receiver, announce: Announce, stop: asyncio.Event) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            ready = [asyncio.Event() for _ in adapters]
            for adapter, its_own in zip(adapters, ready, strict=True):
                group.create_task(adapter.serve(receiver, its_own, stop))
            for adapter, its_own in zip(adapters, ready, strict=True):
                await its_own.wait()
                announce(f"receiving {adapter.title}")
    except ExceptionGroup as several:
        raise several.exceptions[0] from None


def _replies(hub: Hub) -> Iterator[Replies]:
    """Those who say application acknowledgements where these have a connection of their own."""
    for inlet in inlets(hub.site, hub.settings):
        if address := inlet.options.return_address:
            replies = Replies(hub, [feed.name for feed in inlet.feeds], address)
            replies.begin()
            yield replies
