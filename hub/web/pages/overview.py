"""``/``: is everything running, and what needs someone."""

from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request, Response

from hub.model import MessageStatus
from hub.services.context import Hub
from hub.services.health import alarms
from hub.services.operations import browse
from hub.services.operations.browse import FeedRow
from hub.services.operations.ledger import LedgerRow, ledger
from hub.services.operations.progress import backlog, lags
from hub.services.practice import referrals
from hub.web.rendering import TheHub, render, text

NEWEST = 8
"""Notices and messages in need that the overview lists."""

router = APIRouter()


@router.get("/")
def overview(request: Request, hub: TheHub) -> Response:
    """The whole page."""
    return render(request, "overview.html", live=_live(request, hub), work=_work(hub))


@router.get("/live")
def live(request: Request, hub: TheHub, seen: str = "") -> Response:
    """The part that moves; nothing when it is as the page shows it, so that a selection there stays."""
    now = _live(request, hub)
    return Response(status_code=204) if now["digest"] == seen else render(request, "_live.html", live=now)


def _live(request: Request, hub: Hub) -> dict[str, str]:
    """The moving part as text, and what tells it from others."""
    rows = {row.feed: row for row in ledger(hub)}
    feeds = [(feed, rows.get(feed.name) or _nothing(feed)) for feed in browse.feeds(hub)]
    lagging = lags(hub)
    parts = text(
        request,
        "_overview.html",
        feeds=feeds,
        totals=_totals([row for _, row in feeds]),
        backlog=backlog(hub, lagging),
        lagging=lagging,
        needing=_needing(hub),
        notices=browse.notifications(hub, limit=NEWEST),
        now=hub.clock.now(),
    )
    return {"html": parts, "digest": sha256(parts.encode()).hexdigest()[:16], "path": "/live", "every": "2s"}


def _nothing(feed: FeedRow) -> LedgerRow:
    return LedgerRow(feed.name, accepted=0, converted=0, duplicate=0, held=0, dead=0, waiting=0)


def _totals(rows: list[LedgerRow]) -> LedgerRow:
    names = ("accepted", "converted", "duplicate", "held", "dead", "waiting")
    return LedgerRow("all feeds", **{name: sum(getattr(row, name) for row in rows) for name in names})


def _needing(hub: Hub) -> list[browse.MessageRow]:
    """Messages that nobody but a person can help, newest first."""
    found = [m for status in (MessageStatus.DEAD, MessageStatus.HELD) for m in _newest(hub, status)]
    return sorted(found, key=lambda m: m.received_at, reverse=True)[:NEWEST]


def _newest(hub: Hub, status: MessageStatus) -> list[browse.MessageRow]:
    return browse.search(hub, status=status, limit=NEWEST)


def _work(hub: Hub) -> dict[str, Any]:
    """What waits for people in alarms, referrals and tasks; not polled, because it looks at each of them."""
    opened, overdue = referrals.counts(hub)
    tasks = referrals.tasks(hub)
    return {
        "alarms": sum(not alarm.muted_until for alarm in alarms.alarms(hub)),
        "open": opened,
        "overdue": overdue,
        "suggestions": len(referrals.suggestions(hub)),
        "tasks": len(tasks),
        "tasks_overdue": sum(task.overdue_days > 0 for task in tasks),
    }
