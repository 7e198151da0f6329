"""The worklist, one referral's story, what waits for a decision, and what is to do."""

from collections import Counter

from sqlalchemy import Connection

from hub.errors import NotFound
from hub.routing.referrals.timers import ESCALATED, NEXT
from hub.services.context import Hub
from hub.services.practice.referrals.views import (
    ReferralRow,
    ReferralView,
    SuggestionRow,
    TaskRow,
    referral_row,
    referral_view,
    suggestion_row,
    task_row,
)
from hub.store import persons
from hub.store import referrals as store
from hub.store.engine import reading

SHORTEST_PREFIX = 8
PAGE = 200
"""So many referrals a page of the worklist shows: what is due soonest is worked first."""
OWNERS = tuple(sorted({step.owner for step in NEXT.values()}))


def worklist(
    hub: Hub, open_only: bool = True, practice: str = "", *, owner: str = "", limit: int = 0
) -> list[ReferralRow]:
    """Referrals, the longest overdue first; those that need nobody any more only when asked for.

    ``practice`` keeps those that one of its clinicians sent, or that were sent to it; ``owner`` those whose next step
    is theirs (``coordinator``, ``specialist``, ``pcp``); with a ``limit``, only so many.
    """
    with reading(hub.main) as connection:
        found = store.worklist(connection, open_only, _sides(hub, practice) if practice else None, owner, limit)
        names = persons.displays(connection, {row.person_id for row in found})
        waiting = Counter(s["referral_id"] for s in store.suggested(connection, status="open"))
    return [referral_row(hub, row, names.get(row.person_id, {}), waiting[row.id]) for row in found]


def overdue(hub: Hub, practice: str = "") -> dict[str, list[ReferralRow]]:
    """The digest of what is overdue, by whom it has gone to (``manager``, ``pcp``, ``coordinator``), the longest
    overdue first."""
    late = [row for row in worklist(hub, practice=practice) if row.overdue]
    gone = {who: [row for row in late if row.escalated_to == who] for who in reversed(ESCALATED)}
    return {who: rows for who, rows in gone.items() if rows}


def _sides(hub: Hub, practice_id: str) -> store.Sides:
    practice = hub.site.practice(practice_id)
    return store.Sides(tuple(c.npi for c in practice.clinicians), practice.name.casefold())


def counts(hub: Hub) -> tuple[int, int]:
    """How many referrals are open, and how many of them were due before today (UTC)."""
    with reading(hub.main) as connection:
        return store.counts(connection, hub.clock.now().date().isoformat())


def show(hub: Hub, wanted: str) -> ReferralView:
    """One referral with its story, by id, a prefix of it (at least 8 characters) or number. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        row = find(connection, wanted)
        patient = persons.displays(connection, [row.person_id]).get(row.person_id, {})
        suggested = store.suggested(connection, referral_ids=[row.id])
        to_do = store.tasks_of(connection, row.id)
    return referral_view(hub, row, patient, suggested, to_do)


def suggestions(hub: Hub) -> list[SuggestionRow]:
    """Notes that probably answer a referral and wait for a decision, the oldest first."""
    with reading(hub.main) as connection:
        found = store.suggested(connection, status="open")
        numbers = {row.id: row.number for row in store.of(connection, ids={s["referral_id"] for s in found})}
    return [suggestion_row(body, numbers.get(body["referral_id"], "")) for body in found]


def tasks(hub: Hub) -> list[TaskRow]:
    """Open tasks, the soonest due first."""
    with reading(hub.main) as connection:
        found = store.open_tasks(connection)
        names = persons.displays(connection, {row["person_id"] for row in found})
    return [task_row(hub, row, names.get(row["person_id"], {})) for row in found]


def find(connection: Connection, wanted: str) -> store.ReferralRow:
    """The stored referral of that id, prefix or number."""
    found = store.of(connection, ids=[wanted], numbers=[wanted])
    if not found and len(wanted) >= SHORTEST_PREFIX:
        found = store.beginning(connection, wanted)
    if not found:
        raise NotFound(f"no referral {wanted}")
    if len(found) > 1:
        raise NotFound(
            f"{len(found)} referrals are called {wanted}: give the id of one ({', '.join(r.id for r in found)})"
        )
    return found[0]
