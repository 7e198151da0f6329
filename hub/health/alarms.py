"""The kinds of alarms, and what one says."""

from dataclasses import dataclass
from enum import StrEnum


class AlarmKind(StrEnum):
    """What may be wrong; ``docs/reference/alarms.md`` says of each what to do."""

    SILENT = "silent"
    FLOOD = "flood"
    REFUSALS = "refusals"
    FILE = "file"
    STORAGE = "storage"
    DISK = "disk"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong now. ``feed`` is empty for what concerns the whole hub; ``subject`` is the message type, the file
    pattern or the role, empty for the feed itself. ``expected`` and ``seen`` are words, numbers in them rounded."""

    kind: AlarmKind
    feed: str
    subject: str
    expected: str
    seen: str

    @property
    def text(self) -> str:
        """One sentence for a person."""
        who = " ".join(filter(None, (f"feed {self.feed}" if self.feed else "", self.subject))) or "the hub"
        return f"{who}: {self.seen}; expected {self.expected}"
