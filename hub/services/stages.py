"""The stages: each reads a stream, and one batch is one transaction (promise P2).

A batch's state changes, its outputs and the new position of its stage commit together or not at all. A record that
makes its batch fail is found by halving and booked as dead; all others go on (promise P8).
"""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import structlog
from sqlalchemy import Connection

from hub.errors import HubError, Superseded, TransientError
from hub.model import READS, MessageStatus, Record, Stage, Stream
from hub.ports import Share
from hub.services.context import Hub
from hub.services.conversion import convert
from hub.services.delivery import queue
from hub.services.delivery.dispatch import Dispatcher, send_due
from hub.services.identity import merging
from hub.services.outputs import Outputs
from hub.services.records import raw_message
from hub.services.routing import route
from hub.services.routing.latecomers import as_known_now
from hub.store import messages, persons, positions
from hub.store.engine import Turn, writing

Work = Callable[[Connection], Outputs]
"""What a batch does in its transaction."""

SHORTEST_WAIT, LONGEST_WAIT, TROUBLE_WAIT = 0.005, 0.1, 5.0
"""Seconds between looks for work; the last one while the database is out of reach."""

VISIT_MOVED = "fhir.A45"
"""Finds what came of the visit before it written down."""

log = structlog.get_logger()


_PREPARE: dict[Stage, Callable[[Hub, Sequence[Record]], Work]] = {
    Stage.CONVERT: convert.prepare,
    Stage.ROUTE: lambda hub, records: lambda transaction: _route(transaction, hub, records),
    Stage.DELIVER: lambda hub, records: lambda transaction: queue.enqueue(transaction, hub, records),
}
"""What each stage does with a batch: first what needs no database, so that the transaction of the work is short."""


def alone(hub: Hub, stage: Stage) -> AbstractContextManager[Share]:
    """All of the stage's work."""
    return closing(hub.streams.alone(stage, READS[stage]))


def run_batch(hub: Hub, stage: Stage, share: Share | None = None) -> int:
    """Handles what waits for the stage in the share (all of it by default), at most one batch a partition; for
    ``deliver`` sends what is due, too.

    Returns how many records and sendings that were. Raises ``Superseded`` when another worker was faster and
    ``TransientError`` when nothing could be decided; either way nothing is lost or doubled.
    """
    if share is None:
        with alone(hub, stage) as everything:
            return run_batch(hub, stage, everything)
    return _read(hub, stage, share) + (send_due(hub) if stage is Stage.DELIVER else 0)


def drain(hub: Hub) -> int:
    """Runs all stages until nothing waits; returns how much was handled."""
    total = 0
    with ExitStack() as stack:
        shares = {stage: stack.enter_context(alone(hub, stage)) for stage in Stage}
        while handled := sum(run_batch(hub, stage, share) for stage, share in shares.items()):
            total += handled
    return total


def run_forever(hub: Hub, stage: Stage, stop: Event, turned: Callable[[], None] = lambda: None) -> None:
    """Runs one stage, beside others that do, until ``stop`` is set, and calls ``turned`` each time around. Without work
    it looks again after short, growing waits. Delivering, it sends to many endpoints at once."""
    with ExitStack() as stack:
        share = stack.enter_context(closing(hub.streams.join(stage, READS[stage])))
        if stage is Stage.DELIVER:
            dispatcher = stack.enter_context(Dispatcher(hub))
            _run(lambda: _read(hub, stage, share) + dispatcher.turn(), stage, stop, turned)
        else:
            _run(lambda: _read(hub, stage, share), stage, stop, turned)


def _run(batch: Callable[[], int], stage: Stage, stop: Event, turned: Callable[[], None]) -> None:
    wait = SHORTEST_WAIT
    while not stop.is_set():
        turned()
        handled, longest = _try_batch(batch, stage)
        wait = SHORTEST_WAIT if handled else min(wait * 2, longest)
        if not handled:
            stop.wait(wait)


def _try_batch(batch: Callable[[], int], stage: Stage) -> tuple[int, float]:
    """How much was handled, and the longest wait before the next look."""
    try:
        return batch(), LONGEST_WAIT
    except Superseded:
        log.info("stage-superseded", stage=stage.value)
        return 0, LONGEST_WAIT
    except TransientError as error:
        log.warning("stage-waits", stage=stage.value, code=error.code, reason=str(error))
        return 0, TROUBLE_WAIT


def _read(hub: Hub, stage: Stage, share: Share) -> int:
    """Handles what waits in the stage's stream, at most one batch a partition."""
    return sum(_run_partition(hub, stage, share, partition) for partition in share.partitions())


def _run_partition(hub: Hub, stage: Stage, share: Share, partition: int) -> int:
    after = positions.read(hub.main, stage, partition)
    records = share.read(partition, after, hub.settings.batch)
    if records:
        _handle(_Turn(hub, stage, share), after, records)
    return len(records)


@dataclass(frozen=True)
class _Turn:
    """A worker of a stage, with its share."""

    hub: Hub
    stage: Stage
    share: Share


def _handle(turn: _Turn, after: int, records: Sequence[Record]) -> None:
    try:
        work = _PREPARE[turn.stage](turn.hub, records)
        _commit(turn, after, records, work)
    except (TransientError, Superseded):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a record does to its stage, the others go on (P8)
        if len(records) == 1:
            _commit(turn, after, records, _burial(turn.stage, records[0], error))
            return
        half = len(records) // 2
        _handle(turn, after, records[:half])
        _handle(turn, records[half - 1].offset, records[half:])


def _commit(turn: _Turn, after: int, records: Sequence[Record], work: Work) -> None:
    partition, position = records[0].partition, records[-1].offset
    with writing(turn.hub.main, Turn.STAGE) as transaction:
        positions.advance(transaction, turn.stage, partition, after, position)
        turn.share.publish(transaction, records, work(transaction).records)
    turn.share.settle(partition, position)


def _route(transaction: Connection, hub: Hub, records: Sequence[Record]) -> Outputs:
    """Routes; after a merge, what was still on its way under the retired person follows to the survivor, and back."""
    outputs = Outputs()
    if len(hub.streams.partitions(Stream.FHIR)) > 1:
        records = as_known_now(transaction, records, convert.RETIRED_HEADER, convert.RESTORED_HEADER)
    for group in _up_to_moves(records):
        outputs.records.extend(route.route_batch(transaction, hub, group).records)
        last = group[-1].headers
        for retired, survivor in _moves(last, convert.RETIRED_HEADER):
            persons.move(transaction, retired, survivor)
        for holder, restored in _moves(last, convert.RESTORED_HEADER):
            merging.follow(transaction, holder, restored)
    messages.routed(transaction, records)
    return outputs


def _moves(headers: Mapping[str, str], name: str) -> list[tuple[str, str]]:
    """Who has what somebody else had; an earlier release named the retired person alone."""
    pairs = (move.partition(">") for move in headers.get(name, "").split())
    return [(from_whom, to or headers["subject"]) for from_whom, _, to in pairs]


def _up_to_moves(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    start = 0
    for end, record in enumerate(records, 1):
        last = end == len(records) or records[end].headers["type"] == VISIT_MOVED
        if last or record.headers.keys() & {convert.RETIRED_HEADER, convert.RESTORED_HEADER}:
            yield records[start:end]
            start = end


def _burial(stage: Stage, record: Record, error: Exception) -> Work:
    """Books the poison record as dead and keeps a copy. Its reason names the error and the place in the code, never its
    text, which may quote a patient (promise P9)."""
    code = error.code if isinstance(error, HubError) else "unexpected"
    place = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"{stage}: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
    log.error("record-dead", stage=stage.value, message=record.headers.get("id", ""), code=code, reason=reason)

    def bury(transaction: Connection) -> Outputs:
        _book_dead(transaction, stage, record, code, reason)
        return Outputs([(Stream.DEAD, _dead_copy(stage, record, code, reason))])

    return bury


def _book_dead(transaction: Connection, stage: Stage, record: Record, code: str, reason: str) -> None:
    if stage is Stage.DELIVER:
        queue.bury(transaction, record, code, reason)
    elif stage is Stage.ROUTE:
        messages.bury(transaction, record.headers["id"], code, reason)
    else:
        raw = raw_message(record)
        if messages.known(transaction, [raw.id]):
            messages.book_duplicates(transaction, [(raw, record)])
        else:
            dead = messages.row(raw, record, MessageStatus.DEAD, code=code, reason=reason)
            messages.book(transaction, [dead])


def _dead_copy(stage: Stage, record: Record, code: str, reason: str) -> Record:
    origin = {
        "deadstream": READS[stage].value,
        "deadpartition": str(record.partition),
        "deadoffset": str(record.offset),
        "deadcode": code,
        "deadreason": reason,
    }
    return Record(record.key, record.value, {**record.headers, **origin})
