"""The columns of a file → the fields of its rows, as the feed says."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.errors import Unreadable
from hub.formats.delimited import normal_header
from hub.formats.rows.kinds import Kind, kind_of
from hub.settings import Column, Feed

TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S%z", " %H:%M%z", " %H%M")
"""What may stand after a date: a time of day, with an offset or without."""
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+?\d{1,3}")
_SHORT_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?: .*)?")
_SERIAL = re.compile(r"[1-5]\d{4}(?:\.\d+)?")

_PLANS_AT_MOST = 256


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a field comes from: the places of its columns in a row, and the ``column`` that says how; a ``plain`` one
    is its cell."""

    name: str
    places: tuple[int, ...]
    column: Column
    is_id: bool
    plain: bool


class Plan:
    """How the rows under one head are read by a feed. ``unused`` are the columns that no field is made of."""

    def __init__(self, head: Sequence[str], feed: Feed) -> None:
        """Raises ``Unreadable`` for a head in which a column is missing or stands twice."""
        self._feed = feed
        self._kind = kind_of(feed.type)
        names = [normal_header(cell) for cell in head]
        wanted = feed.columns or {name: Column(column=name) for name in names if name}
        found = [_found(name, column, names, feed) for name, column in wanted.items()]
        self._sources = [source for source in found if source]
        self._by_name = {source.name: source for source in self._sources}
        used = {place for source in self._sources for place in source.places}
        self.unused = tuple(cell.strip() for place, cell in enumerate(head) if place not in used)

    def fields(self, cells: Sequence[str]) -> dict[str, str]:
        """The fields of a row that have a value; the feed's constants fill what is empty."""
        said = {source.name: text for source in self._sources if (text := _text(source, cells))}
        return {**self._feed.constants, **said} if self._feed.constants else said

    def value(self, name: str, cells: Sequence[str]) -> str:
        """One field of a row."""
        source = self._by_name.get(name)
        return (_text(source, cells) if source else "") or self._feed.constants.get(name, "")

    def reader(self, names: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """What gives these fields of a row, in their order."""
        return lambda cells: tuple(self.value(name, cells) for name in names)

    def damage(self, name: str, text: str) -> str:
        """What a spreadsheet has done to the value of a field, in words, or nothing."""
        source = self._by_name.get(name)
        if source is None:
            return ""
        if source.is_id and _SCIENTIFIC.fullmatch(text):
            return "a spreadsheet has made a number with a power of ten of it: its digits are lost"
        if source.column.width and text.isdecimal() and len(text) < source.column.width:
            return f"shorter than {source.column.width} digits: a spreadsheet may have taken its leading zeros"
        return ""

    def moment(self, name: str, text: str) -> tuple[datetime, bool]:
        """A date or time as the feed or the column writes it, and whether a time of day was said.

        Raises ``Unreadable`` for any other text.
        """
        source = self._by_name.get(name)
        form = (source.column.date if source else "") or self._feed.date_format
        for whole_form in with_times(form):
            try:
                found = datetime.strptime(text, whole_form)  # noqa: DTZ007  the feed's zone is added below
            except ValueError:
                continue
            return found if found.tzinfo else found.replace(tzinfo=self._feed.zone), _is_timed(whole_form)
        raise Unreadable(f"not a date of the form {form}{_spoiled(text)}", code="value", path=name)


def with_times(form: str) -> tuple[str, ...]:
    """A form of dates, and with the times of day that may follow; one that has a time already is all there is."""
    return (form,) if _is_timed(form) else tuple(form + time for time in TIMES)


def _is_timed(form: str) -> bool:
    return "%H" in form or "%I" in form


def plan_of(head: tuple[str, ...], feed: Feed) -> Plan:
    """The plan of a head; made once for all rows under it. Raises ``Unreadable``."""
    key = (id(feed), head)
    known = _plans.get(key)
    if known is None:
        if len(_plans) >= _PLANS_AT_MOST:
            _plans.clear()
        known = _plans[key] = (feed, Plan(head, feed))
    return known[1]


_plans: dict[tuple[int, tuple[str, ...]], tuple[Feed, Plan]] = {}
"""The feed is held too, so that no other object can have its ``id`` meanwhile."""


def _found(name: str, column: Column, names: list[str], feed: Feed) -> _Source | None:
    """The source of a field; none where an optional one is missing."""
    places = [_place(source, names, optional=name in feed.optional) for source in column.sources]
    present = tuple(place for place in places if place is not None)
    kind = kind_of(feed.type)
    field = kind.field(name) if kind else None
    is_id = field is not None and field.kind is Kind.ID
    plain = len(present) == 1 and not column.split and not column.repair
    return _Source(name, present, column, is_id, plain) if present else None


def _place(column: str, names: list[str], *, optional: bool) -> int | None:
    allowed = {normal_header(header) for header in column.split("|")}
    found = [place for place, name in enumerate(names) if name in allowed]
    if len(found) > 1:
        raise Unreadable(f"the column {column!r} stands in the head {len(found)} times", code="head", path="line 1")
    if not found and not optional:
        raise Unreadable(f"the column {column!r} is missing", code="head", path="line 1")
    return found[0] if found else None


def _text(source: _Source, cells: Sequence[str]) -> str:
    if source.plain:
        return cells[source.places[0]].strip()
    column = source.column
    text = column.by.join(filter(None, (cells[place].strip() for place in source.places)))
    if column.split and text:
        parts = text.split(column.split)
        at = column.part - 1 if column.part > 0 else column.part
        text = parts[at].strip() if -len(parts) <= at < len(parts) else ""
    for repair in column.repair if text else ():
        text = repair.change(text)
    return text


def _spoiled(text: str) -> str:
    """What a spreadsheet makes of dates, in words for the reason."""
    if _SHORT_DATE.fullmatch(text):
        return "; a spreadsheet may have shortened its year"
    if _SERIAL.fullmatch(text):
        return "; it may be a spreadsheet's number of a day"
    return ""
