"""A file of any size is taken in within the same memory."""

import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import asyncio, resource, sys
from contextlib import closing
from pathlib import Path
from hub.model import Format
from hub.services.intake.receive import Receiver
from hub.transport.archives import Source
from hub.transport.file_intake import Way, take_in
from tests.intake import folder_feed, opened

folder, feed = Path(sys.argv[1]), folder_feed("rows", Format.CSV, type="census", table={"trailer": {"starts": "TRL"}})

async def run():
    with closing(Receiver(hub)) as receiver:
        return await take_in(Source("big.csv", lambda: (folder / "big.csv").open("rb")), Way(feed, "test", receiver))

with closing(opened(folder, feed)) as hub:
    assert asyncio.run(run()).outcome == "taken"
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""
ROW = "x" * 2000
FEW, MANY, MORE = 12_000, 60_000, 40 * 1024 * 1024


def memory(folder: Path, rows: int) -> int:
    """Bytes that a process has at most in memory while it takes in so many rows of 2 kB."""
    folder.mkdir()
    with (folder / "big.csv").open("w") as file:
        file.write("mrn,class,reason\n")
        file.writelines(f"{n},I,{ROW}\n" for n in range(rows))
        file.write(f"TRL,{rows},\n")
    root = Path(__file__).parents[3]
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)], cwd=root, check=True, capture_output=True, text=True
    )
    return int(child.stdout)


@pytest.mark.timeout(180)
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Five times the rows, a hundred megabytes more, need no more memory: what is under way is bounded."""
    assert memory(tmp_path / "many", MANY) < memory(tmp_path / "few", FEW) + MORE
