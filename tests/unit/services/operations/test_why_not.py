from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import NotFound
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.why_not import why_not
from tests.unit.services.hospital import adt
from tests.unit.services.routed import opened, route

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def answers(hub: Hub, practice: str, patient: str = "70045") -> list[tuple[str, str]]:
    """Verdict and all reasons, newest first."""
    return [(a.verdict, "; ".join(a.reasons)) for a in why_not(hub, patient, practice).answers]


def test_a_practice_that_was_told_is_shown_by_which_way(hub: Hub) -> None:
    """The reason of the notice, and how far each delivery is."""
    route(hub, adt("M1"))
    stages.drain(hub)
    ((verdict, why),) = answers(hub, "busy")
    assert verdict == "told"
    assert "PD1-4 names Dr. Busy" in why
    assert "inbox: delivered" in why


def test_another_practice_learns_that_nothing_leads_to_it(hub: Hub) -> None:
    """It is not on the panel, and the rule told somebody else."""
    route(hub, adt("M1"))
    found = why_not(hub, "70045", "love")
    assert found.panel == ("the patient is not on its panel",)
    (answer,) = found.answers
    assert answer.verdict == "not told"
    assert any("told busy: nothing leads to this practice" in reason for reason in answer.reasons)


def test_a_silent_event_says_why_it_is_silent(hub: Hub) -> None:
    route(hub, adt("M1").replace(b"NPI^L^^^NPI\r", b"NPI^L^^^NPI||||||||Y\r"))
    ((verdict, why),) = answers(hub, "busy")
    assert (verdict, why) == ("not told", "the patient wants the record to be protected (PD1-12): nobody is told")


def test_a_rule_that_did_not_match_shows_what_it_saw(hub: Hub) -> None:
    """Each rule that looked at an event and did not want it, with the values that it saw."""
    route(hub, adt("M1"))
    found = why_not(hub, "70045", "love").answers[0]
    assert any("did not match" in reason and "'ed-arrival'" in reason for reason in found.reasons), found.reasons


def test_a_stranger_is_nobody(hub: Hub) -> None:
    with pytest.raises(NotFound, match="nobody is known"):
        why_not(hub, "4711", "busy")


def test_the_lines_are_for_a_person(hub: Hub) -> None:
    route(hub, adt("M1"))
    first, second, *_ = why_not(hub, "70045", "love").lines()
    assert first == "Love Cardiology Group: the patient is not on its panel"
    assert second.endswith("encounter.admitted (ed-arrival) (message M1): not told")
    assert browse.notifications(hub)[0].practice_id == "busy"
