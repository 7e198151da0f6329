from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.errors import NotFound
from hub.model import Stage, Stream
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.ledger import ledger
from hub.services.operations.replay import replay
from hub.settings import Feed, Site
from hub.store import schema
from hub.store.engine import reading
from tests.unit.services.hospital import accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    accept(opened_hub, adt("M1"), adt("M2", "A08", at="202603021300"))
    accept(opened_hub, adt("M3", "A06", patient_class="I", at="202603021705"))
    stages.drain(opened_hub)
    yield opened_hub
    opened_hub.close()


def contents(hub: Hub) -> dict[str, object]:
    """How much there is of everything, and what the newest notice is."""
    with reading(hub.main) as connection:
        counts = {t.name: connection.execute(select(func.count()).select_from(t)).scalar() for t in TABLES}
    return {**counts, "shown": [browse.show(hub, m.id) for m in browse.search(hub)]}


TABLES = tuple(t for t in schema.main.sorted_tables if t.name != "positions")


def mended(hub: Hub) -> Hub:
    """The hub with a feed that knows a namespace by another name: its bundles come out otherwise."""
    site = hub.site
    feeds = tuple(_renamed(feed) for feed in site.feeds)
    return replace(hub, site=Site(feeds=feeds, rules=site.rules, practices=site.practices))


def _renamed(feed: Feed) -> Feed:
    return feed.model_copy(update={"time_zone": "America/New_York", "coding_systems": {"X": "urn:x"}, "namespaces": {}})


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_replay_of_everything_changes_nothing(hub: Hub, dry_run: bool) -> None:
    """Converted and routed again with the same configuration, every message is a no-op: no transition, no notice."""
    before = contents(hub)
    report = replay(hub, ["all"], dry_run=dry_run)
    stages.drain(hub)
    assert (report.messages, report.unchanged, report.transitions, report.notices) == (3, 3, 0, 0)
    assert report.differences == []
    assert contents(hub) == before


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_replay_after_a_merge_changes_nothing(hub: Hub, dry_run: bool) -> None:
    """That a message is the survivor's by now is no difference in what it states."""
    accept(hub, adt("M4", "A40", mrn="81230", at="202603021800", name="Moss^Ida", more="MRG|70045^^^MERCY^MR\r"))
    stages.drain(hub)
    report = replay(hub, ["all"], dry_run=dry_run)
    assert (report.transitions, report.notices, report.differences) == (0, 0, [])


def test_a_dry_run_shows_the_difference_and_keeps_nothing(hub: Hub) -> None:
    """What a changed configuration would change is reported by message and resource; the database stays as it is."""
    before = contents(hub)
    report = replay(mended(hub), ["M1"], dry_run=True)
    assert report.bundles_changed == 1
    assert {d.control_id for d in report.differences} == {"M1"}
    assert contents(hub) == before


def test_a_replay_publishes_what_has_changed(hub: Hub) -> None:
    """A bundle that comes out otherwise is published again, marked as a replay, and shown from then on."""
    old = browse.show(hub, "M1").bundle
    replay(mended(hub), ["M1"])
    stages.drain(hub)
    record = hub.streams.read(Stream.FHIR, 0, 3, 10)[0]
    assert (record.headers["id"], record.headers["replay"]) == (browse.show(hub, "M1").row.id, "1")
    assert browse.show(hub, "M1").bundle != old
    assert all(row.balanced for row in ledger(hub))


def test_a_replay_tells_nobody_unless_asked(hub: Hub) -> None:
    """Without a name nobody hears; with it the practice's notices of these messages are delivered again."""
    report = replay(hub, ["M1", "M2", "M3"])
    assert (report.would_tell, report.redelivered) == ({"panel-busy": 2}, 0)
    assert stages.drain(hub) == 0
    assert replay(hub, ["M1"], redeliver=["panel-busy"]).redelivered == 1
    assert stages.run_batch(hub, Stage.DELIVER) == 1
    assert {n.state for n in browse.notifications(hub)} == {"delivered"}


def test_a_held_message_gets_through_when_the_cause_is_mended(tmp_path: Path) -> None:
    """A held message that can be converted now is booked as converted, routed, and told only to who is named."""
    hub = opened(tmp_path)
    accept(hub, adt("M1"), adt("M2", name="Brooks^Ellen", born="19600202", phone="", visit="V2"))
    stages.drain(hub)
    elsewhere = replace(hub, site=mended(hub).site)
    report = replay(elsewhere, ["held"], redeliver=["panel-busy"])
    stages.drain(hub)
    assert [d.text for d in report.differences if d.what == "status"] == ["held → converted"]
    assert browse.show(hub, "M2").row.status == "converted"
    assert report.notices == 1
    assert [n.patient for n in browse.notifications(hub, patient=browse.show(hub, "M2").row.person_id)] == [
        "Ellen Brooks"
    ]
    assert all(row.balanced for row in ledger(hub))
    hub.close()


def test_what_is_on_its_way_is_not_replayed(hub: Hub) -> None:
    """A message that is still to be routed is skipped, so that its recipients hear of it."""
    accept(hub, adt("M4", "A03", patient_class="I", at="202603031000"))
    stages.run_batch(hub, Stage.CONVERT)
    report = replay(hub, ["all"])
    assert (report.messages, report.skipped) == (3, 1)
    accept(hub, adt("M5"))
    with pytest.raises(NotFound, match="waits for its first conversion"):
        replay(hub, ["M5"])
