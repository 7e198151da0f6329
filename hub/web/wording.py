"""How values are written on a page: times, ids, and the tone of a status."""

from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup

DATE_LENGTH = len("2026-03-09")

_TONES = {
    "good": "good taken converted acknowledged actioned closed matched balanced confirmed reviewed done ready",
    "info": "under-way waiting queued delivered opened medium requested received accepted scheduled open in-progress",
    "warn": "partly held high note-received interim-note no-show appointment-cancelled declined cancel-requested "
    "suggested",
    "bad": "alarm refused dead urgent failed error unbalanced overdue",
}
_TONE_OF = {word: tone for tone, words in _TONES.items() for word in words.split()}


def tone(status: str) -> str:
    """How a status is marked, beside its word: ``good``, ``info``, ``warn``, ``bad`` or ``mute``."""
    return _TONE_OF.get(status, "mute")


def when(value: str, *, seconds: bool = False) -> Markup:
    """A time in UTC with the original as its title; a date, and what is no time, as it is. Where a column says that
    its times are UTC, the style sheet leaves the word out."""
    moment = _moment(value)
    if moment is None:
        return Markup("<time>{}</time>").format(value) if value else Markup("")
    shown = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    return Markup('<time datetime="{0}" title="{0}">{1}<span class="utc"> UTC</span></time>').format(value, shown)


def ago(value: str, now: datetime) -> str:
    """How long ago a time was, in words that change once a minute at most."""
    moment = _moment(value)
    if moment is None:
        return ""
    minutes = int((now - moment).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d ago"


def short(identity: str) -> str:
    """The beginning of an id, which is enough to ask for it."""
    return identity[:8]


def many(count: int, thing: str) -> str:
    """``1 rule``, ``2 rules``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def milliseconds(seconds: float | None) -> str:
    """A time that an answer took; nothing where there was none."""
    if seconds is None:
        return ""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def bars(values: Sequence[int], height: int = 24) -> list[tuple[int, int, int]]:
    """A bar for each value: x, y and height, in steps of four; one that is there at all can be seen."""
    most = max(values, default=0)
    tall = [max(1, round(value / most * height)) if value else 0 for value in values]
    return [(place * 4, height - each, each) for place, each in enumerate(tall)]


def _moment(value: str) -> datetime | None:
    """The instant that a text with an offset names."""
    if len(value) <= DATE_LENGTH:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
