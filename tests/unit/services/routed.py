"""A hub with the rules that ship, the story of the demo as its input, and what came of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select

from hub.model import Json, Stage
from hub.services import stages
from hub.services.context import Hub
from hub.settings import DEFAULT_CONFIG, Clinician, Feed, PluginUse, Practice, Settings, Site, load_site
from hub.store import panels, schema
from hub.store.engine import reading, writing
from hub.wiring import open_hub
from tests import databases
from tests.unit.services.hospital import HandClock, accept, adt

BUSY, LOVE = "1234567893", "1111111112"
STORY = Path(__file__).parents[3] / "hub" / "demo" / "story"


class Notice(NamedTuple):
    practice: str
    kind: str
    urgency: str
    title: str


def opened(folder: Path, *, clock: HandClock | None = None, batch: int = 100) -> Hub:
    """A hub in that folder with one feed, the rules that ship, and the practices of Dr. Busy and Dr. Love."""
    settings = Settings(
        data=folder / "var", config=DEFAULT_CONFIG, batch=batch, database_url=databases.url(folder / "var")
    )
    site = Site(
        feeds=(Feed(name="mercy", adapter=PluginUse(kind="mllp")),),
        rules=load_site(settings).rules,
        practices=(
            Practice(id="busy", name="Busy Family Medicine", clinicians=(Clinician(npi=BUSY, name="Dr. Busy"),)),
            Practice(id="love", name="Love Cardiology Group", clinicians=(Clinician(npi=LOVE, name="Dr. Love"),)),
        ),
    )
    return replace(open_hub(settings, clock or HandClock()), site=site)


def told(name: str) -> bytes:
    """A message of the story."""
    return (STORY / f"{name}.hl7").read_bytes()


def route(hub: Hub, *bodies: bytes) -> list[str]:
    """Lets messages through conversion and routing; returns their ids."""
    ids = accept(hub, *bodies)
    while stages.run_batch(hub, Stage.CONVERT) + stages.run_batch(hub, Stage.ROUTE):
        pass
    return ids


def on_panel(hub: Hub, practice: str, npi: str, person_id: str) -> None:
    """Puts a person on a practice's panel."""
    row = {"id": f"{practice}-{person_id}", "practice_id": practice, "person_id": person_id, "pcp_npi": npi}
    with writing(hub.main) as transaction:
        panels.save(transaction, [{**row, "start_date": "", "end_date": "", "outcome": "matched", "body": b"{}"}])


def notices(hub: Hub) -> list[Notice]:
    """All notices, in the order in which they were written."""
    return [Notice(n["practice_id"], n["kind"], n["urgency"], n["title"]) for n in bodies(hub, schema.notifications)]


def events(hub: Hub) -> list[Json]:
    """All events, in the order in which they were written."""
    return bodies(hub, schema.events)


def bodies(hub: Hub, table: Any) -> list[Json]:
    with reading(hub.main) as connection:
        return [orjson.loads(body) for body in connection.execute(select(table.c.body)).scalars()]


def trace(hub: Hub, message_id: str) -> Json:
    """What the route stage wrote down of a message."""
    query = select(schema.traces.c.body).where(
        schema.traces.c.message_id == message_id, schema.traces.c.stage == Stage.ROUTE
    )
    with reading(hub.main) as connection:
        found: Json = orjson.loads(connection.execute(query).scalar_one())
        return found


def storm(count: int, of: str = "A08") -> Sequence[bytes]:
    """Updates of one visit that move its bed and nothing else."""
    return [adt(f"storm-{n}", of, at=f"2026030213{n:02}", visit="V778899") for n in range(count)]
