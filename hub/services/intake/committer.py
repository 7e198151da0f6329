"""Group commit: one writer thread, and one transaction for everything that waits when it is free.

Nobody waits on purpose: with one arrival a group has one record, under load it grows by itself up to the limit.
Back-pressure is the waiting itself: whoever hands a record over waits until it is durable, and adapters bound how
many arrivals they have under way.

While the log cannot be written, nobody waits for more than one attempt: all that is there when an attempt fails fails
with it, so that a sender hears within the store's patience (``BUSY_SECONDS`` of its driver), however many wait.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import TypeAlias

from hub.errors import TransientError
from hub.model import Record
from hub.ports import Receipt

GROUP = 500
"""Records of one transaction at most."""

Waiting: TypeAlias = tuple[Record, Receipt, "asyncio.Future[Receipt]", float]
"""What is to be written, how it is answered then, who waits for that, and since when."""

Outcome: TypeAlias = tuple[Waiting, Exception | None]

Settled: TypeAlias = Callable[[Record, float, Exception | None], None]
"""Called on the event loop with each record, the seconds it took, and why it was not written."""


class Committer:
    """Appends records durably for the arrivals of one event loop.

    ``append`` writes a sequence of records in one transaction; it is called on the writer thread only.
    """

    def __init__(
        self, append: Callable[[Sequence[Record]], None], settled: Settled = lambda record, seconds, error: None
    ) -> None:
        self._append = append
        self._settled = settled
        self._arrived: list[Waiting] = []
        self._queue: SimpleQueue[list[Waiting]] = SimpleQueue()
        self._writer = threading.Thread(target=self._run, name="committer", daemon=True)
        self._writer.start()

    def commit(self, record: Record, receipt: Receipt) -> "asyncio.Future[Receipt]":
        """Done with ``receipt`` when ``record`` is durable, in the order of the calls; fails as ``append`` did."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Receipt] = loop.create_future()
        if not self._arrived:  # the others of this turn of the loop go along: the writer is woken once
            loop.call_soon(self._hand_over)
        self._arrived.append((record, receipt, done, loop.time()))
        return done

    def close(self) -> None:
        """Writes what waits, then ends the writer thread."""
        self._hand_over()
        self._queue.put([])
        self._writer.join()

    def _hand_over(self) -> None:
        if self._arrived:
            self._queue.put(self._arrived)
            self._arrived = []

    def _run(self) -> None:
        while waiting := self._all_that_waits():
            while waiting:
                group, waiting = waiting[:GROUP], waiting[GROUP:]
                try:
                    outcomes = self._write(group)
                except TransientError as error:
                    group, waiting = group + waiting + self._more(), []
                    outcomes = [(item, error) for item in group]
                # A loop that is closed has nobody who waits.
                with contextlib.suppress(RuntimeError):
                    group[0][2].get_loop().call_soon_threadsafe(self._settle, outcomes)

    def _all_that_waits(self) -> list[Waiting]:
        """At least one record; nothing after ``close``."""
        waiting = self._queue.get()
        return waiting + self._more() if waiting else waiting

    def _more(self) -> list[Waiting]:
        """What has been handed over meanwhile."""
        more: list[Waiting] = []
        while not self._queue.empty():
            handed = self._queue.get()
            if not handed:  # the end: it stays in the queue
                self._queue.put(handed)
                break
            more += handed
        return more

    def _write(self, group: list[Waiting]) -> list[Outcome]:
        """Raises ``TransientError`` when the log cannot be written for now."""
        try:
            self._append([item[0] for item in group])
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the arrivals must hear of it and the writer must live
            if len(group) == 1:
                return [(group[0], error)]
            return [outcome for item in group for outcome in self._write([item])]
        return [(item, None) for item in group]

    def _settle(self, outcomes: list[Outcome]) -> None:
        now = outcomes[0][0][2].get_loop().time()
        for (record, receipt, done, since), error in outcomes:
            self._settled(record, now - since, error)
            if done.done():  # the arrival was given up meanwhile; its record stands
                continue
            if error:
                done.set_exception(error)
            else:
                done.set_result(receipt)
