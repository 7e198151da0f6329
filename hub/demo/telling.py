"""Telling the story: after each step, every new message, what it became, who was told and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from hub.model import Stage
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.browse import MessageView, NoticeRow
from hub.services.operations.ledger import ledger
from hub.services.practice import referrals

MANY = 1000


@dataclass(slots=True)
class Narrator:
    """Remembers what has been told, so that each step tells only what is new."""

    hub: Hub
    _messages: set[str] = field(default_factory=set)
    _notices: set[str] = field(default_factory=set)

    def news(self) -> Iterator[str]:
        """Lines about the messages and notices since the last call."""
        views = [
            browse.show(self.hub, row.id)
            for row in reversed(browse.search(self.hub, limit=MANY))
            if row.id not in self._messages
        ]
        self._messages.update(view.row.id for view in views)
        for key, same in groupby(views, key=_became):
            yield from _told(key, list(same))
        notices = [n for n in reversed(browse.notifications(self.hub, limit=MANY)) if n.id not in self._notices]
        self._notices.update(notice.id for notice in notices)
        yield from _tell(notices)


def _became(view: MessageView) -> tuple[str, ...]:
    """What a message was and became; messages that read the same are told once."""
    row = view.row
    first = f"{row.type} of {row.feed}"
    if row.status != "converted":
        return (first, f"{row.status}: {row.code}: {row.reason}")
    route = view.traces.get(Stage.ROUTE, {})
    happened = [happening["event"] for happening in route.get("events", [])]
    events = [
        f"event: {e['kind']} at {e['occurred_at']}" + (f" (silent: {e['silent']})" if e["silent"] else "")
        for e in happened
    ]
    return (first, f"became: {_resources(view)}", *(events or [f"no event: {route.get('none', '')}"]))


def _resources(view: MessageView) -> str:
    types = [entry["resource"]["resourceType"] for entry in (view.bundle or {"entry": []})["entry"]]
    counts = {name: types.count(name) for name in types if name not in ("MessageHeader", "Provenance")}
    return ", ".join(f"{count} {name}" if count > 1 else name for name, count in counts.items())


def _told(lines: tuple[str, ...], same: list[MessageView]) -> Iterator[str]:
    ids = same[0].row.control_id if len(same) == 1 else f"{same[0].row.control_id} … {same[-1].row.control_id}"
    yield f"{f'{len(same)} × ' if len(same) > 1 else ''}{lines[0]}: {ids}"
    yield from (f"  {line}" for line in lines[1:])


def _tell(notices: list[NoticeRow]) -> Iterator[str]:
    for notice in notices:
        ways = ", ".join(f"{d.channel} {d.state}" for d in notice.deliveries)
        yield f"→ {notice.practice} is told ({notice.urgency}; {ways}): {notice.title}"
        yield from (f"    {line}" for line in notice.text.splitlines())
        yield f"    as {notice.role}, because {'; '.join(notice.reasons)}"


def ending(hub: Hub) -> Iterator[str]:
    """How it ends: where the loops stand, who heard how much, and whether the ledger balances."""
    for row in sorted(referrals.worklist(hub, open_only=False), key=lambda row: row.number):
        measures = referrals.show(hub, row.id).measures
        yield f"{row.number} to {row.referred_to}: {row.state}" + _measured(measures)
    notices = browse.notifications(hub, limit=MANY)
    for practice in sorted({n.practice for n in notices}):
        yield f"{practice}: {sum(n.practice == practice for n in notices)} notices"
    yield "Ledger: accepted = converted + duplicate + held + dead + waiting"
    for feed in ledger(hub):
        equation = f"{feed.accepted} = {feed.converted} + {feed.duplicate} + {feed.held} + {feed.dead} + {feed.waiting}"
        yield f"  {feed.feed}: {equation}  {'balanced' if feed.balanced else 'NOT BALANCED'}"


def _measured(measures: dict[str, int | None]) -> str:
    days = measures["days_to_schedule"]
    return f" (days to schedule {days}, no-shows {measures['no_shows']})" if days is not None else ""
