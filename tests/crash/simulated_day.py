"""A simulated day, the site that it happens at, and what it leads to."""

import asyncio
import contextlib
import queue
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from hub.model import DeliveryState, Format
from hub.ports import Arrival
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.services.operations.progress import backlog
from hub.services.practice.panels import load
from hub.services.stages import drain
from hub.settings import load_settings
from hub.simulator import PRACTICES, SimulatedMessage, panel_csv
from hub.store import schema
from hub.store.engine import reading
from hub.wiring import open_hub
from tests import databases, streams
from tests.crash.cluster import Sender
from tests.waiting import until

SEED, PATIENTS, DAY = 20260302, 400, date(2026, 3, 2)
LANES = 16
DONE_SECONDS = 120.0


def write_site(folder: Path) -> Path:
    """A site with the simulator's practices, each told by inbox and folder; everything else as it ships."""
    (folder / "practices").mkdir()
    for practice in PRACTICES:
        content = {
            "id": practice.id,
            "name": practice.name,
            "clinicians": [{"npi": c.npi, "name": f"Dr. {c.family}"} for c in practice.clinicians],
            "channels": [{"kind": "inbox"}, {"kind": "folder", "path": f"outbound/{practice.id}"}],
            "late": 0,  # the simulated day is long ago
        }
        (folder / "practices" / f"{practice.id}.yaml").write_text(yaml.safe_dump(content))
    return folder


def open_site(data: Path, config: Path) -> Hub:
    """A hub whose practices have sent their panels."""
    places = {"database_url": databases.url(data), "streams_url": streams.url(data)}
    hub = open_hub(load_settings(data=data, config=config, **places))
    load(hub, panel_csv(SEED, PATIENTS, DAY), "panel.csv")
    return hub


def undisturbed_effects(data: Path, config: Path, day: list[SimulatedMessage]) -> dict[str, Any]:
    """What the day leads to when nothing disturbs it."""
    hub = open_site(data, config)
    try:
        asyncio.run(_receive_all(hub, day))
        drain(hub)
        return effects(hub)
    finally:
        hub.close()


async def _receive_all(hub: Hub, day: list[SimulatedMessage]) -> None:
    receiver = Receiver(hub)
    for message in day:
        await receiver.accept(Arrival("any", Format.HL7V2, message.body, "test"))
    receiver.close()


def lanes(day: list[SimulatedMessage]) -> list[list[bytes]]:
    """The messages by connection: all of one person over the same, as an interface engine keeps their order."""
    return [[message.body for message in day if message.person % LANES == lane] for lane in range(LANES)]


def the_rest(senders: list[Sender], acknowledged: "queue.Queue[str]") -> list[str]:
    """What is acknowledged until all senders have ended well."""
    seen: list[str] = []
    while any(sender.is_alive() for sender in senders) or not acknowledged.empty():
        with contextlib.suppress(queue.Empty):
            seen.append(acknowledged.get(timeout=1))
    assert [sender.failure for sender in senders] == [None] * len(senders)
    return seen


def wait_until_done(hub: Hub) -> None:
    """Those who are there now finish the day, sendings that a worker who was killed had begun included."""
    until(
        lambda: not any(backlog(hub).values()) and not undelivered(hub),
        lambda: f"{backlog(hub)} and {undelivered(hub)} sendings are left",
        DONE_SECONDS,
    )


def undelivered(hub: Hub) -> int:
    """Deliveries that have not come to their end."""
    state = schema.deliveries.c.state
    with reading(hub.main) as connection:
        return len(connection.execute(select(state).where(state == DeliveryState.QUEUED.value)).all())


def booked(hub: Hub) -> Counter[str]:
    """How many messages the hub has booked under each control id."""
    with reading(hub.main) as connection:
        return Counter(connection.execute(select(schema.messages.c.control_id)).scalars())


def effects(hub: Hub) -> dict[str, Any]:
    """All that the day led to, without what depends on the hour at which the hub ran."""
    events, notices, visits = schema.events.c, schema.notifications.c, schema.encounters.c
    with reading(hub.main) as connection:
        return {
            "events": sorted(connection.execute(select(events.event_key, events.version, events.kind, events.silent))),
            "notices": sorted(connection.execute(select(notices.id, notices.kind, notices.urgency))),
            "visits": sorted(connection.execute(select(visits.id))),
            "loops": sorted(connection.execute(select(schema.referrals.c.id, schema.referrals.c.status))),
            "persons": len(set(connection.execute(select(schema.source_records.c.person_id)).scalars())),
            "files": sorted(p.name for p in hub.settings.data.glob("outbound/*/*.json")),
        }
