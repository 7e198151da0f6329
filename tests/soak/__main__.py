"""``python -m tests.soak``: many messages by engines that break off, reconnect, cut frames anywhere and send again.

Afterwards every acknowledged message is in the log exactly once, the ledger balances, and the receiver's memory has not
grown; the figures are printed. The exit status is 1 where something of it does not hold.
"""

import argparse
import multiprocessing
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.serving import Served, hub, serving
from hub.model import Stage
from hub.services.operations.ledger import ledger
from hub.services.stages import run_batch
from tests.intake import opened
from tests.soak.engines import Account, control_id, play

GROWTH_MIB = 32.0
"""So much more may the receiver hold in the last quarter than in the second."""

CONVERTED_BATCHES = 20
"""Of the log's beginning so many batches are converted, to see what becomes of resends."""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        started = time.monotonic()
        with serving(hub, folder) as served:
            accounts, memory = _played(served, options)
        _print(accounts, memory, time.monotonic() - started)
        problems = [*_lost_or_doubled(Path(folder), accounts), *_unbalanced(Path(folder)), *_grown(memory)]
    for problem in problems:
        print(f"not so: {problem}")
    print(
        "every acknowledged message is stored once, the ledger balances, memory is flat" if not problems else "FAILED"
    )
    return 1 if problems else 0


def _played(served: Served, options: argparse.Namespace) -> tuple[list[Account], list[float]]:
    """What the engines did, and the receiver's memory (MiB), second by second."""
    ours, theirs = multiprocessing.Pipe()
    arguments = (served.port, options.engines, options.messages, options.seconds, theirs)
    process = multiprocessing.get_context("spawn").Process(target=play, args=arguments)
    process.start()
    theirs.close()
    memory: list[float] = []
    while isinstance(told := ours.recv(), int):
        memory.append(served.resident_mib())
        if len(memory) % 10 == 0:
            print(f"{told:>10,} acknowledged, {memory[-1]:.0f} MiB", file=sys.stderr, flush=True)
    process.join()
    return told, memory


def _print(accounts: Sequence[Account], memory: Sequence[float], took: float) -> None:
    begun, heard, resent, connections = (
        sum(getattr(account, name) for account in accounts) for name in Account.__slots__
    )
    print(f"{begun:,} messages by {len(accounts)} engines over {connections:,} connections in {took:.0f} s")
    print(f"{heard:,} acknowledged, {heard / took:,.0f}/s; {resent:,} of them sent again on purpose")
    print(f"receiver: {_second(memory):.0f} MiB in the second quarter of the time, {_last(memory):.0f} in the last")


def _lost_or_doubled(folder: Path, accounts: Sequence[Account]) -> Iterator[str]:
    """Every message that was begun is acknowledged in the end, so it must be there, under one id, and nothing else."""
    sent = {control_id(n, i).decode() for n, account in enumerate(accounts) for i in range(account.begun)}
    log = sqlite3.connect(folder / "intake.db")
    stored = dict(log.execute("SELECT control_id, count(DISTINCT id) FROM stream_raw GROUP BY control_id"))
    log.close()
    if missing := len(sent - stored.keys()):
        yield f"{missing} acknowledged messages are not stored"
    if unknown := len(stored.keys() - sent):
        yield f"{unknown} messages are stored that nobody sent"
    if doubled := sum(count > 1 for count in stored.values()):
        yield f"{doubled} messages are stored as more than one"


def _unbalanced(folder: Path) -> Iterator[str]:
    site = opened(folder)
    for _ in range(CONVERTED_BATCHES):
        run_batch(site, Stage.CONVERT)
    for row in ledger(site):
        print(
            f"ledger: {row.accepted:,} = {row.converted:,} converted + {row.duplicate:,} duplicate + {row.held:,} held"
            f" + {row.dead:,} dead + {row.waiting:,} waiting"
        )
        if not row.balanced or row.held or row.dead:
            yield f"the ledger of {row.feed} does not balance"
    site.close()


def _grown(memory: Sequence[float]) -> Iterator[str]:
    if _last(memory) > _second(memory) + GROWTH_MIB:
        yield f"the receiver's memory grew from {_second(memory):.0f} to {_last(memory):.0f} MiB"


def _second(memory: Sequence[float]) -> float:
    return statistics.median(memory[len(memory) // 4 : len(memory) // 2] or memory)


def _last(memory: Sequence[float]) -> float:
    return statistics.median(memory[len(memory) * 3 // 4 :])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=600, help="nothing new is sent after so long")
    parser.add_argument("--engines", type=int, default=10)
    parser.add_argument("--folder", help="where the data go meanwhile: about 1 KB a message")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
