"""A referral loop told entirely by FHIR over HTTP, from the request to the review, beside the same one told by HL7 v2.

It is the story of the demo: requested, accepted, scheduled, not attended, scheduled again, a note that names no
referral and that a coordinator matches, reviewed. The practice's system and the specialist's are two feeds with tokens
of their own; what the second one says of the first one's order it says by the order's number.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub import demo
from hub.adapters.http import Http
from hub.adapters.mllp import Mllp
from hub.model import Format, Json
from hub.services.context import Hub
from hub.services.operations.ledger import ledger
from hub.services.operations.replay import ALL, replay
from hub.services.practice import notices, referrals
from hub.services.stages import drain
from hub.settings import Feed, PluginUse, Settings, Site
from hub.transport.mllp_client import MllpClient
from hub.wiring import open_hub
from tests.http_clients import async_http_client
from tests.intake import receiving
from tests.unit.services.hospital import HandClock

STORY = files("hub.demo") / "story"
MESSAGES = Path(__file__).parents[2] / "fixtures" / "messages"
TOKENS = {"busy": "of Busy's system", "love": "of Love's system"}
CHART = {"system": "urn:oid:2.16.840.1.113883.3.7002", "value": "B-1021"}
REFERRAL = {"system": "urn:oid:1.2.3.4", "value": "REF-2207"}
LOVE = {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1111111112"}, "display": "Dr. Laura Love"}


def fhir_feed(name: str) -> Feed:
    hashed = sha256(TOKENS[name].encode()).hexdigest()
    use = PluginUse(kind="http", port=0)
    return Feed(name=name, adapter=use, format=Format.FHIR, tokens=(hashed,), time_zone="America/New_York")


@contextmanager
def hub_of(folder: Path, *feeds: Feed) -> Iterator[Hub]:
    """A hub with the practices and rules of the demo, and these feeds instead of its own where there are some."""
    settings = Settings(data=folder, config=Path(demo.__file__).parent / "site", mllp_port=0)
    hub = open_hub(settings, HandClock(datetime(2026, 3, 21, 14, tzinfo=UTC)))
    mllp = tuple(feed for feed in hub.site.feeds if feed.adapter.kind == "mllp")
    site = Site(feeds=feeds or mllp, rules=hub.site.rules, practices=hub.site.practices)
    try:
        yield replace(hub, site=site)
    finally:
        hub.close()


def by_people(hub: Hub) -> None:
    """What happens after the last message: a coordinator matches the note, the physician reviews it."""
    drain(hub)
    (suggestion,) = referrals.suggestions(hub)
    referrals.confirm(hub, suggestion.id, "coordinator")
    referrals.review(hub, "REF-2207", "Dr. Busy")
    drain(hub)


def by_hl7v2(hub: Hub) -> None:
    names = ("d1-referral", "d2-accepted", "d3-scheduled", "d4-no-show", "d5-scheduled-again", "d6-note-without-number")

    async def send() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Mllp)
            async with MllpClient("127.0.0.1", adapter.port) as client:
                for name in names:
                    body = (STORY / f"{name}.hl7").read_bytes().replace(b"\n", b"\r")
                    assert (await client.send(body)).code == "AA"
                    await asyncio.to_thread(drain, hub)

    asyncio.run(send())
    by_people(hub)


def appointment(status: str, start: str, end: str, at: str, **more: Any) -> Json:
    actors = ({"type": "Patient", "identifier": CHART}, {"type": "Practitioner", **LOVE})
    return {
        "resourceType": "Appointment",
        "id": "AP9",
        "meta": {"lastUpdated": at},
        "status": status,
        "start": start,
        "end": end,
        "participant": [{"actor": actor, "status": "accepted"} for actor in actors],
        **more,
    }


ACCEPTED = {
    "resourceType": "Task",
    "id": "T-1",
    "status": "accepted",
    "intent": "order",
    "focus": {"type": "ServiceRequest", "identifier": REFERRAL},
    "for": {"identifier": CHART},
    "lastModified": "2026-03-10T09:15:00-04:00",
}
BASED = {"basedOn": [{"type": "ServiceRequest", "identifier": REFERRAL}]}
FIRST = ("2026-03-17T10:00:00-04:00", "2026-03-17T10:30:00-04:00")
SECOND = ("2026-03-20T14:00:00-04:00", "2026-03-20T14:30:00-04:00")
NOTE = {
    "resourceType": "DocumentReference",
    "id": "DOC-9120",
    "status": "current",
    "docStatus": "final",
    "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4", "display": "Consult note"}]},
    "subject": {"identifier": CHART},
    "date": "2026-03-20T16:18:00-04:00",
    "author": [LOVE],
    "content": [{"attachment": {"contentType": "text/plain", "data": "U3RhYmxlLg=="}}],
}

Step = tuple[str, str, str, Json]
"""Feed, method, path and body."""


def steps() -> list[Step]:
    request = httpx.Response(200, content=(MESSAGES / "fhir_transaction/referral_requested.json").read_bytes()).json()
    return [
        ("busy", "POST", "", request),
        ("love", "PUT", "/Task/T-1", ACCEPTED),
        ("love", "PUT", "/Appointment/AP9", appointment("booked", *FIRST, "2026-03-11T10:10:00-04:00", **BASED)),
        ("love", "PUT", "/Appointment/AP9", appointment("noshow", *FIRST, "2026-03-17T10:45:00-04:00")),
        ("love", "PUT", "/Appointment/AP9", appointment("booked", *SECOND, "2026-03-18T09:05:00-04:00", **BASED)),
        ("love", "POST", "/DocumentReference", NOTE),
    ]


def by_fhir(hub: Hub, chosen: list[Step] | None = None) -> None:
    async def send() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            async with async_http_client(f"http://127.0.0.1:{adapter.port}/fhir") as client:
                for feed, method, path, body in steps() if chosen is None else chosen:
                    headers = {"Authorization": f"Bearer {TOKENS[feed]}"}
                    assert (await client.request(method, path, json=body, headers=headers)).is_success
                    await asyncio.to_thread(drain, hub)

    asyncio.run(send())


def told(hub: Hub) -> list[tuple[str, ...]]:
    """Who was told what and why, in the order in which it happened."""
    found = notices.notifications(hub)
    return sorted((n.occurred_at, n.practice_id, n.kind, n.urgency, n.role, n.title, n.rule) for n in found)


def story(hub: Hub) -> Json:
    """Where the referral stands, and how it came there."""
    view = referrals.show(hub, "REF-2207")
    kept = ("occurred_at", "step", "before", "after", "inferred", "evidence", "by", "appointment_at")
    row = asdict(view.row)
    known = (
        "number",
        "state",
        "sent_at",
        "due_at",
        "priority",
        "reason",
        "referrer_npi",
        "referred_to_npi",
        "no_shows",
    )
    return {
        "row": {name: row[name] for name in (*known, "referred_to_organization", "attempts", "appointment_at")},
        "timeline": [{name: asdict(happened)[name] for name in kept} for happened in view.timeline],
        "measures": view.measures,
    }


def test_the_same_loop_by_fhir_and_by_hl7v2(tmp_path: Path) -> None:
    """Both ways the referral goes through the same states at the same times, and the same practices are told."""
    with hub_of(tmp_path / "v2") as first:
        by_hl7v2(first)
        expected, heard = story(first), told(first)
    with hub_of(tmp_path / "fhir", fhir_feed("busy"), fhir_feed("love")) as hub:
        by_fhir(hub)
        by_people(hub)
        assert story(hub) == expected
        assert told(hub) == heard
        assert expected["row"]["state"] == "closed"
        assert all(row.balanced and row.converted == row.accepted for row in ledger(hub))


def test_a_replay_of_the_loop_changes_nothing(tmp_path: Path) -> None:
    """What was posted is converted and routed again to the same: nobody is told."""
    with hub_of(tmp_path, fhir_feed("busy"), fhir_feed("love")) as hub:
        by_fhir(hub)
        by_people(hub)
        before = story(hub)
        report = replay(hub, [ALL])
        drain(hub)
        assert (report.messages, report.unchanged, report.transitions, report.notices) == (6, 6, 0, 0)
        assert story(hub) == before


@pytest.mark.parametrize("order", [(1, 0), (2, 1, 0), (3, 2, 1, 0)])
def test_what_comes_before_its_referral_waits(tmp_path: Path, order: tuple[int, ...]) -> None:
    """A Task or an appointment that comes before the order waits for it, and begins no referral of its own."""
    chosen = [steps()[number] for number in order]
    with hub_of(tmp_path, fhir_feed("busy"), fhir_feed("love")) as hub:
        by_fhir(hub, chosen[:-1])
        assert referrals.worklist(hub) == []
        by_fhir(hub, chosen[-1:])
        (row,) = referrals.worklist(hub)
        assert row.number == "REF-2207"
        assert row.state == {1: "accepted", 2: "scheduled", 3: "no-show"}[max(order)]
