import asyncio
import threading
from collections.abc import Sequence

import pytest

from hub.errors import StoreBusy
from hub.model import Record
from hub.ports import Receipt
from hub.services.intake.committer import GROUP, Committer

RECEIPT = Receipt("id")


def record(number: int) -> Record:
    return Record(str(number), b"", {})


class Log:
    """Remembers its groups; the first one is written only when the ``gate`` opens."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Event()
        self.groups: list[list[str]] = []

    def append(self, records: Sequence[Record]) -> None:
        self.begun.set()
        self.gate.wait()
        if any(r.key == "bad" for r in records):
            raise ValueError("bad record")
        if any(r.key == "busy" for r in records):
            raise StoreBusy("locked")
        self.groups.append([r.key for r in records])


async def _begun(log: Log) -> None:
    await asyncio.to_thread(log.begun.wait)


def test_all_that_waits_is_one_transaction() -> None:
    """What arrives while a group is written becomes the next group, in order and at most 500 strong."""
    log = Log()
    committer = Committer(log.append)

    async def run() -> None:
        first = committer.commit(record(0), RECEIPT)
        await _begun(log)
        rest = [committer.commit(record(n), RECEIPT) for n in range(1, GROUP + 11)]
        await asyncio.sleep(0)
        assert not first.done()
        log.gate.set()
        await asyncio.gather(first, *rest)

    asyncio.run(run())
    committer.close()
    assert [len(group) for group in log.groups] == [1, GROUP, 10]
    assert [key for group in log.groups for key in group] == [str(n) for n in range(GROUP + 11)]


def test_everybody_who_waits_hears_that_the_log_is_busy() -> None:
    """A transient error reaches each arrival of its group, and the writer goes on."""
    log = Log()
    log.gate.set()
    committer = Committer(log.append)

    async def run() -> None:
        busy = [committer.commit(Record("busy", b"", {}), RECEIPT) for _ in range(3)]
        outcomes = await asyncio.gather(*busy, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [StoreBusy] * 3
        assert await committer.commit(record(1), RECEIPT) is RECEIPT

    asyncio.run(run())
    committer.close()
    assert log.groups == [["1"]]


def test_a_record_that_cannot_be_written_fails_alone() -> None:
    """When a record itself is at fault, the others of its group are written."""
    log = Log()
    committer = Committer(log.append)

    async def run() -> None:
        first = committer.commit(record(0), RECEIPT)
        await _begun(log)
        bad = committer.commit(Record("bad", b"", {}), RECEIPT)
        good = committer.commit(record(1), RECEIPT)
        await asyncio.sleep(0)
        log.gate.set()
        await asyncio.gather(first, good)
        with pytest.raises(ValueError, match="bad record"):
            await bad

    asyncio.run(run())
    committer.close()
    assert log.groups == [["0"], ["1"]]


def test_closing_writes_what_waits() -> None:
    """``close`` returns when everything that was handed over is written, though nobody waits for it any more."""
    log = Log()
    committer = Committer(log.append)

    async def run() -> None:
        futures = [committer.commit(record(n), RECEIPT) for n in range(3)]
        await _begun(log)
        for future in futures:
            future.cancel()
        await asyncio.gather(*futures, return_exceptions=True)

    asyncio.run(run())
    log.gate.set()
    committer.close()
    assert sorted(key for group in log.groups for key in group) == ["0", "1", "2"]


def test_nobody_waits_for_a_second_attempt() -> None:
    """What arrives while an attempt fails fails with it: the wait is bounded by one attempt, however many wait."""
    log = Log()
    committer = Committer(log.append)

    async def run() -> None:
        first = committer.commit(Record("busy", b"", {}), RECEIPT)
        await _begun(log)
        rest = [committer.commit(record(n), RECEIPT) for n in range(GROUP + 11)]
        await asyncio.sleep(0)
        log.gate.set()
        outcomes = await asyncio.gather(first, *rest, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {StoreBusy}
        assert await committer.commit(record(1), RECEIPT) is RECEIPT

    asyncio.run(run())
    committer.close()
    assert log.groups == [["1"]]
