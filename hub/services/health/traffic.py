"""What the receiving process counts: in memory, on its event loop; written down every few seconds (``reporting``).

Nothing here waits for anything, because every acknowledgement passes through.
"""

from bisect import bisect_left
from datetime import datetime, timedelta
from weakref import WeakSet

from hub.errors import HubError, Refused, TransientError
from hub.model import Record
from hub.ports import Clock
from hub.store.engine import utc_text
from hub.store.traffic import ACCEPTED, ANSWERED, REFUSED, Cell

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds in seconds of the times from a whole message to its answer; what takes longer is in ``+Inf``."""

TROUBLE_LASTS = timedelta(minutes=1)

LABELS = (*map(str, BOUNDS), "+Inf")


class Traffic:
    """Counts until they are taken."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cells: dict[tuple[str, str, str, str], Cell] = {}
        self._told: WeakSet[Exception] = WeakSet()
        self._trouble = ""
        self._troubled_at = ""

    @property
    def trouble(self) -> str:
        """The code of why the newest message could not be stored, within the last minute; else empty."""
        since = utc_text(self._clock.now() - TROUBLE_LASTS)
        return self._trouble if self._troubled_at > since else ""

    def settled(self, record: Record, seconds: float, error: Exception | None) -> None:
        """A record was written, or was not; so long after it had come."""
        feed, time = record.headers["feed"], record.headers["time"]
        if error:
            self._refuse(feed, error, time)
            return
        self.taken(record)
        self._cell(feed, ANSWERED, LABELS[bisect_left(BOUNDS, seconds)], time).seconds += seconds

    def taken(self, record: Record) -> None:
        """A record was written, for which nobody waits."""
        head = record.headers
        self._trouble = ""
        self._cell(head["feed"], ACCEPTED, head["messagetype"] or head["format"], head["time"])

    def refused(self, feed: str, error: Exception) -> None:
        """An arrival was not accepted. What is told of one error twice counts once."""
        if not isinstance(error, TransientError) and error not in self._told:  # transient ones come by ``settled``
            self._told.add(error)
            self._refuse(feed, error, utc_text(self._clock.now()))

    def take(self) -> list[Cell]:
        """What was counted since the last time."""
        cells, self._cells = list(self._cells.values()), {}
        return cells

    def give_back(self, cells: list[Cell]) -> None:
        """These could not be written: they are counted again."""
        for cell in cells:
            key = (cell.feed, cell.kind, cell.label, cell.newest[:_MINUTE])
            if known := self._cells.get(key):
                known.count += cell.count
                known.seconds += cell.seconds
                known.newest = max(known.newest, cell.newest)
            else:
                self._cells[key] = cell

    def _refuse(self, feed: str, error: Exception, time: str) -> None:
        if isinstance(error, TransientError):
            self._trouble, self._troubled_at = error.code, time
        code = error.condition if isinstance(error, Refused) else getattr(error, "code", HubError.code)
        self._cell(feed, REFUSED, code, time)

    def _cell(self, feed: str, kind: str, label: str, time: str) -> Cell:
        key = (feed, kind, label, time[:_MINUTE])
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = Cell(feed, kind, label, _minute(time))
        cell.count += 1
        cell.newest = max(cell.newest, time)
        return cell


_MINUTE = len("2026-03-02T17:40")


def _minute(time: str) -> int:
    """Minutes since 1970 of a UTC text."""
    return int(datetime.fromisoformat(time).timestamp()) // 60
