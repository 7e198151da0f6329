from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import NotFound, PermanentError
from hub.model import Format, Stage
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.ledger import ledger
from tests.unit.services.hospital import MERCY, HandClock, accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hub(tmp_path: Path, clock: HandClock) -> Iterator[Hub]:
    opened_hub = opened(tmp_path, clock=clock)
    yield opened_hub
    opened_hub.close()


def test_a_message_is_shown_while_it_waits(hub: Hub) -> None:
    """A message that is only in the raw log is found by its id, a prefix of it and its control id."""
    (message_id,) = accept(hub, adt("M1"))
    for wanted in (message_id, message_id[:8], "M1"):
        view = browse.show(hub, wanted)
        assert (view.row.id, view.row.status, view.bundle) == (message_id, "waiting", None)
    assert view.text.startswith("MSH|^~\\&|ADT|MERCY|")
    assert "\r" not in view.text


def test_a_bundle_is_shown_before_and_after_it_is_routed(hub: Hub) -> None:
    """The bundle that was published is shown from the moment of its conversion."""
    accept(hub, adt("M1"), adt("M2", visit="V2"))
    stages.run_batch(hub, Stage.CONVERT)
    before = browse.show(hub, "M2")
    stages.drain(hub)
    after = browse.show(hub, "M2")
    assert before.bundle == after.bundle
    assert before.bundle is not None
    assert (before.row.routed, after.row.routed) == (False, True)
    assert [notice.kind for notice in after.notices] == ["ed-arrival"]


def test_what_nobody_knows_is_not_found(hub: Hub) -> None:
    """An unknown id, and a prefix that is too short, are an error that says so."""
    (message_id,) = accept(hub, adt("M1"))
    for wanted in ("nothing", message_id[:7], ""):
        with pytest.raises(NotFound):
            browse.show(hub, wanted)


def test_searches_combine(hub: Hub, clock: HandClock) -> None:
    """Status, patient, text and feed narrow the list together; the newest comes first."""
    accept(hub, adt("M1"))
    clock.forward(minutes=1)
    accept(hub, adt("M2", "A08", at="202603021300"), adt("M3", mrn="1", name="Okafor^Ruth", visit="V2"))
    stages.drain(hub)
    assert [m.control_id for m in browse.search(hub, patient="70045")] == ["M2", "M1"]
    assert [m.control_id for m in browse.search(hub, patient="70045", text="a08", feed="mercy")] == ["M2"]
    assert [m.control_id for m in browse.search(hub, status="converted", limit=1)] == ["M3"]
    assert browse.search(hub, feed="fax") == []
    assert {m.patient for m in browse.search(hub)} == {"Harold Andrews", "Ruth Okafor"}


def test_messages_are_searched_by_any_status(hub: Hub) -> None:
    """Waiting and duplicate messages are listed too; a status that there is not is refused."""
    accept(hub, adt("M1"), adt("M1"))
    stages.drain(hub)
    accept(hub, adt("M2"))
    assert [m.control_id for m in browse.search(hub, status="waiting")] == ["M2"]
    assert [(m.control_id, m.status) for m in browse.search(hub, status="duplicate")] == [("M1", "duplicate")]
    with pytest.raises(PermanentError, match="waiting, converted, duplicate, held, dead"):
        browse.search(hub, status="lost")


def test_a_search_text_is_no_pattern(hub: Hub) -> None:
    """Percent signs and underscores stand for themselves."""
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert browse.search(hub, text="%") == browse.search(hub, text="andrew_") == []


def test_feeds_count_what_came_and_when(hub: Hub, clock: HandClock) -> None:
    """Every configured feed is listed, with its messages by type and the time of the newest."""
    accept(hub, adt("M1"), adt("M2", "A08"))
    clock.forward(hours=1)
    accept(hub, adt("M3", "A08", at="202603021300"))
    stages.drain(hub)
    fax, mercy = browse.feeds(hub)
    assert (fax.name, fax.accepted, fax.last_seen) == ("fax", 0, "")
    assert (mercy.adapter, mercy.accepted, mercy.types) == ("mllp", 3, {"ADT^A04": 1, "ADT^A08": 2})
    assert mercy.last_seen == "2026-03-02T19:00:00.000000Z"


def test_a_person_is_shown_with_all_that_is_known(hub: Hub) -> None:
    """A person's page has the identifiers with their evidence, the visits, the messages and the notices."""
    accept(hub, adt("M1"), adt("M2", mrn="99001", visit="V2"))
    stages.drain(hub)
    person = browse.person(hub, "99001")
    assert person.patient["name"] == "Harold Andrews"
    assert person.patient["identifiers"] == [f"{MERCY}|70045", f"{MERCY}|99001"]
    assert "born: same (+14.5)" in person.sources[1]["evidence"]
    assert (len(person.encounters), len(person.messages), len(person.notices)) == (2, 2, 2)
    with pytest.raises(NotFound):
        browse.person(hub, "4711")


def test_the_ledger_balances_while_messages_wait(hub: Hub) -> None:
    """Accepted is what was converted, repeated, held or dead, and what waits, for each feed."""
    accept(hub, adt("M1"), adt("M1"), adt("M2"))
    accept(hub, b"GIF", feed="fax", kind="image/gif", form=Format.DOCUMENT)
    stages.run_batch(hub, Stage.CONVERT)
    accept(hub, adt("M3"))
    fax, mercy = ledger(hub)
    assert (fax.feed, fax.accepted, fax.held, fax.balanced) == ("fax", 1, 1, True)
    assert (mercy.accepted, mercy.converted, mercy.duplicate, mercy.waiting) == (4, 2, 1, 1)
    assert mercy.balanced
