"""Playing the story: each step is done for real, over a socket, a watched folder or a service."""

import asyncio
import os
from collections.abc import Sequence
from functools import singledispatch

from hub.demo.running import settle, wait_until
from hub.demo.story import Confirm, Drop, LoadPanel, Replay, Review, Send
from hub.errors import PermanentError
from hub.formats.hl7v2 import Acknowledgement
from hub.services.context import Hub
from hub.services.operations.replay import ALL, replay
from hub.services.operations.send import send
from hub.services.practice import panels, referrals


@singledispatch
def play_step(step: object, hub: Hub) -> Sequence[str]:
    """Does what the step says and waits until its effects are there; returns lines that say how it went."""
    raise TypeError(f"no such step: {step!r}")


@play_step.register
def _(step: Send, hub: Hub) -> Sequence[str]:
    acknowledgements: list[Acknowledgement] = []
    asyncio.run(send(step.messages, hub.settings.host, hub.settings.mllp_port, on_ack=acknowledgements.append))
    for answer in acknowledgements:
        if not answer.accepted:
            raise PermanentError(f"{answer.control_id.decode()} was not accepted: {answer.code} {answer.text}")
    settle(hub)
    return ()


@play_step.register
def _(step: Drop, hub: Hub) -> Sequence[str]:
    folder = hub.settings.data / step.folder
    unfinished = folder / f"{step.name}.tmp"
    unfinished.write_bytes(step.content)
    os.replace(unfinished, folder / step.name)
    wait_until((folder / "archive" / step.name).exists, f"{step.name} was not taken in")
    settle(hub)
    return ()


@play_step.register
def _(step: LoadPanel, hub: Hub) -> Sequence[str]:
    report = panels.load(hub, step.content, step.name)
    return [f"{count} patients {outcome}" for outcome, count in report.counts.items()]


@play_step.register
def _(step: Review, hub: Hub) -> Sequence[str]:
    row = referrals.review(hub, step.number, step.by).row
    settle(hub)
    return [f"{row.number} is {row.state}"]


@play_step.register
def _(step: Confirm, hub: Hub) -> Sequence[str]:
    (suggestion,) = [s for s in referrals.suggestions(hub) if s.number == step.number]
    row = referrals.confirm(hub, suggestion.id, step.by).row
    settle(hub)
    return [f"suggested: {suggestion.why}", f"{row.number} is {row.state}"]


@play_step.register
def _(step: Replay, hub: Hub) -> Sequence[str]:
    report = replay(hub, [ALL])
    settle(hub)
    return [
        f"{report.messages} messages replayed, {report.unchanged} came out as they were",
        f"{report.transitions} transitions, {report.notices} notices: nobody was told",
    ]
