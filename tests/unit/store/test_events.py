from pathlib import Path

import pytest

from hub.model import Notification, Role, Urgency
from hub.store import events, panels
from hub.store.engine import writing
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")


def notice(practice: str, key: str, version: int = 1, npi: str = "1234567893") -> Notification:
    now = f"2026-03-02T18:00:0{version}.000000Z"
    return Notification(
        event_id=f"{key}-{version}",
        event_key=key,
        version=version,
        practice_id=practice,
        npi=npi,
        role=Role.PCP,
        person_id="person",
        message_id="message",
        kind="discharge",
        urgency=Urgency.HIGH,
        title="title",
        text="text",
        rule="rule",
        reasons=(),
        occurred_at=now,
        created_at=now,
    )


def test_who_was_told_is_known_by_event_key(tmp_path: Path) -> None:
    """All who heard of any version of an event are known once each, with the clinician they heard it for."""
    engine = databases.main_engine(tmp_path)
    with writing(engine) as transaction:
        written = [notice("busy", "one"), notice("busy", "one", 2), notice("love", "one", 2, ""), notice("busy", "two")]
        events.save_notifications(transaction, written)
        events.save_notifications(transaction, written[:1])
        assert events.told(transaction, ["one", "three"]) == {"one": [("busy", "1234567893"), ("love", "")]}
    engine.dispose()


def test_an_ambiguous_panel_row_attributes_nobody(tmp_path: Path) -> None:
    """Only rows that were matched to a person, or made one, count for attribution."""
    engine = databases.main_engine(tmp_path)
    row = {"practice_id": "busy", "person_id": "person", "pcp_npi": "1", "start_date": "", "end_date": "", "body": b""}
    with writing(engine) as transaction:
        outcomes = ("matched", "new", "ambiguous", "invalid")
        panels.save(transaction, [{**row, "id": outcome, "outcome": outcome} for outcome in outcomes])
        assert len(events.on_panels(transaction, ["person"])["person"]) == 2
    engine.dispose()
