"""A hospital without an interface engine sends lists: the practice hears the same as from one that has."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy import select

from hub.demo.running import SITE
from hub.model import Format
from hub.ports import Arrival
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from hub.settings import Feed, PluginUse, Site, load_settings
from hub.store import schema
from hub.store.engine import reading
from hub.wiring import open_hub
from tests.intake import receiving
from tests.waiting import until_true

STORY = Path(SITE).parent / "story"
MESSAGES = ("a1-ed-arrival", "a3-ed-to-inpatient", "b1-discharge", "b2-cancel-discharge", "b3-discharge-again")
CENSUS = """\
MRN;Patient;Born;Sex;Kind;Ward;Room;Bed;Visit;In;Left;To;What;At;Complaint;DX;GP
70045;Andrews, Harold;09/14/1955;M;Emergency;ED;12;A;V778899;03/02/2026 12:40;;;;;dyspnea;;1234567893
70045;Andrews, Harold;09/14/1955;M;Inpatient;4W;410;B;V778899;;;;ADMITTED;03/02/2026 17:05;;I50.9;1234567893
70045;Andrews, Harold;09/14/1955;M;Inpatient;4W;410;B;V778899;;03/09/2026 14:20;1;;;;;1234567893
70045;Andrews, Harold;09/14/1955;M;Inpatient;4W;410;B;V778899;;;;UNDO;03/09/2026 14:50;;;1234567893
70045;Andrews, Harold;09/14/1955;M;Inpatient;4W;410;B;V778899;;03/09/2026 16:05;1;;;;;1234567893
TRL;5;;;;;;;;;;;;;;;
"""
FEED = Feed.model_validate(
    {
        "name": "census",
        "adapter": {"kind": "folder", "path": "census", "seconds": 0.01},
        "format": "csv",
        "type": "census",
        "time_zone": "America/New_York",
        "date_format": "%m/%d/%Y",
        "table": {"delimiter": ";", "trailer": {"starts": "TRL"}},
        "columns": {
            "mrn": "MRN|Chart",
            "last": {"column": "Patient", "split": ",", "part": 1},
            "first": {"column": "Patient", "split": ",", "part": 2},
            "dob": "Born",
            "sex": "Sex",
            "class": "Kind",
            "unit": "Ward",
            "room": "Room",
            "bed": "Bed",
            "visit_number": "Visit",
            "event": "What",
            "event_time": "At",
            "admit_time": "In",
            "discharge_time": "Left",
            "disposition": {"column": "To", "repair": {"pad": 2}},
            "reason": "Complaint",
            "diagnosis_code": "DX",
            "pcp_npi": "GP",
        },
        "constants": {"mrn_authority": "MERCY", "facility": "MERCY"},
        "codes": {
            "class": {"Emergency": "E", "Inpatient": "I"},
            "event": {"ADMITTED": "to-inpatient", "UNDO": "cancel-discharge"},
        },
    }
)


class Told(NamedTuple):
    practice: str
    kind: str
    role: str
    urgency: str
    version: int
    occurred_at: str


def told(hub: Hub) -> list[Told]:
    """Who was told what, in its order."""
    drain(hub)
    with reading(hub.main) as connection:
        bodies = connection.execute(select(schema.notifications.c.body)).scalars().all()
    notices = sorted(map(orjson.loads, bodies), key=lambda n: (n["occurred_at"], n["kind"]))
    return [Told(*(n[name] for name in ("practice_id", *Told._fields[1:]))) for n in notices]


def opened(folder: Path, feeds: Sequence[Feed]) -> Hub:
    hub = open_hub(load_settings(config=SITE, data=folder))
    return replace(hub, site=Site(feeds=tuple(feeds), rules=hub.site.rules, practices=hub.site.practices))


def by_messages(folder: Path) -> list[Told]:
    """What the messages of an engine lead to."""
    mercy = Feed(name="mercy", adapter=PluginUse(kind="mllp"), time_zone="America/New_York")

    async def accept(hub: Hub) -> None:
        with closing(Receiver(hub)) as receiver:
            for name in MESSAGES:
                await receiver.accept(Arrival("mercy", Format.HL7V2, (STORY / f"{name}.hl7").read_bytes(), "test"))

    with closing(opened(folder, [mercy])) as hub:
        asyncio.run(accept(hub))
        return told(hub)


def test_a_list_leads_to_the_same_notices(tmp_path: Path) -> None:
    """Arrival, admission, discharge, its cancellation and the discharge again: whether by ADT or as rows of a list
    with words, dates and columns of its own, the same practice hears the same of the same moments."""
    expected = by_messages(tmp_path / "messages")
    with closing(opened(tmp_path / "rows", [FEED])) as hub:

        async def take() -> None:
            async with receiving(hub):
                folder = tmp_path / "rows" / "census"
                (folder / "today.csv").write_text(CENSUS)
                (folder / "today.csv.done").touch()
                await until_true((folder / "archive" / "today.csv").exists)

        asyncio.run(take())
        found = told(hub)
        assert [(row.converted, row.balanced) for row in ledger(hub)] == [(5, True)]
    assert found == expected
    assert [notice.kind for notice in found] == [
        "ed-arrival",
        "ed-to-inpatient",
        "discharge",
        "cancel-discharge",
        "discharge",
    ]
