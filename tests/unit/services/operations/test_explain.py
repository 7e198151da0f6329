from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.model import Format, Stage
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations.explain import explain
from tests.unit.services.hospital import accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def test_every_step_of_a_message_is_explained(hub: Hub) -> None:
    """From the arrival to the delivery each step is named, in the order in which it happened."""
    accept(hub, adt("M1"))
    stages.drain(hub)
    steps = [step.name for step in explain(hub, "M1").steps]
    assert steps == ["received", "converted", "identity", "projection", "event", "rule", "delivery"]


def test_a_rule_is_explained_with_its_reasons(hub: Hub) -> None:
    """A rule says why it is there, when it holds, who was told and for which reason."""
    accept(hub, adt("M1"))
    stages.drain(hub)
    rule = next(step for step in explain(hub, "M1").steps if step.name == "rule")
    assert rule.text == "everything: matched"
    assert rule.details[0] == "why: The practice wants to know."
    assert rule.details[2].startswith("told: panel-busy as pcp: PD1-4 names Dr. Busy")


def test_a_projection_is_explained_by_what_changed(hub: Hub) -> None:
    """Of a visit the members that a message changed are shown as they were and as they are."""
    accept(hub, adt("M1"), adt("M2", "A06", patient_class="I", at="202603021705"))
    stages.drain(hub)
    projection = next(step for step in explain(hub, "M2").steps if step.name == "projection")
    assert "class: EMER → IMP" in projection.details


def test_why_nothing_happened_is_explained(hub: Hub) -> None:
    """A message that changes nothing says so instead of an event."""
    accept(hub, adt("M1"), adt("M2", "A08", at="202603021300"))
    stages.drain(hub)
    assert [step.name for step in explain(hub, "M2").steps][-1] == "no event"


def test_a_message_that_did_not_get_through_is_explained(hub: Hub) -> None:
    """Waiting, held and repeated messages are explained by where they are and why."""
    accept(hub, adt("M1"))
    assert explain(hub, "M1").steps[1].name == "waiting"
    accept(hub, adt("M1"))
    (fax,) = accept(hub, b"GIF", feed="fax", kind="image/gif", form=Format.DOCUMENT)
    stages.run_batch(hub, Stage.CONVERT)
    assert explain(hub, fax).steps[1].text == "no-reader: no reader for documents of type image/gif is installed"
    received, *_, last = explain(hub, "M1").steps
    assert "booked as duplicate" in received.details[0]
    assert last.text == "not routed yet"


def test_an_explanation_reads_as_lines(hub: Hub) -> None:
    """As text it is a headline with the message, and every step below it."""
    (message_id,) = accept(hub, adt("M1"))
    stages.drain(hub)
    headline, first, *_ = explain(hub, "M1").lines()
    assert headline == f"ADT^A04 M1 of feed mercy ({message_id})"
    assert first == "  received    2026-03-02T18:00:00.000000Z by test"
