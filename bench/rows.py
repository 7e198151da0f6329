"""A CSV file to the raw stream: rows per second from the folder's side of intake until all of them are durable.

Baselines of the same run: the bare ``csv`` module reading the same bytes, and bare commits of the same records.
"""

import asyncio
import csv
import io
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.figures import Figure
from hub.model import Format, Record, Stream
from hub.services.intake.receive import Receiver
from hub.settings import Feed, PluginUse, Settings
from hub.transport.archives import Source
from hub.transport.file_intake import AT_ONCE, Way, take_in
from hub.wiring import open_hub

ROWS, RUNS = 50_000, 3
TARGET = 20_000
HEAD = "mrn,mrn_authority,last,first,dob,sex,class,unit,room,bed,facility,visit_number,admit_time\n"
ROW = "{0:07},MERCY,Andrews,Harold,1955-09-14,M,I,4WEST,410,B,MERCY,V{0:07},2026-03-02 17:05\n"


def run() -> list[Figure]:
    data = (HEAD + "".join(map(ROW.format, range(ROWS)))).encode()
    reading = max(_rate(lambda: sum(1 for _ in csv.reader(io.StringIO(data.decode())))) for _ in range(RUNS))
    taken, commits = 0.0, 0.0
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as name:
            taken = max(taken, _taken(Path(name), data))
            commits = max(commits, _commits(Path(name)))
    return [
        Figure("CSV to the raw stream", taken, "rows/s", commits, "bare commits, rows/s", TARGET),
        Figure("the same beside reading", taken, "rows/s", reading, "csv module, rows/s"),
    ]


def _rate(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return ROWS / (time.perf_counter() - begun)


def _taken(folder: Path, data: bytes) -> float:
    use = PluginUse.model_validate({"kind": "folder", "path": "census"})
    feed = Feed(name="census", adapter=use, format=Format.CSV, type="census")
    hub = open_hub(Settings(data=folder, config=folder))

    async def take() -> None:
        with closing(Receiver(hub)) as receiver:
            assert await take_in(Source("census.csv", lambda: io.BytesIO(data)), Way(feed, "bench", receiver))

    with closing(hub):
        return _rate(lambda: asyncio.run(take()))


def _commits(folder: Path) -> float:
    """Records as long as those of the rows, in transactions of as many."""
    headers = dict.fromkeys(("id", "feed", "controlid", "sha256"), "0" * 36)
    records = [Record("1|MERCY", b"0" * 350, headers)] * AT_ONCE
    with closing(open_hub(Settings(data=folder / "bare", config=folder))) as hub:
        return _rate(lambda: [hub.streams.append(Stream.RAW, records) for _ in range(ROWS // AT_ONCE)])
