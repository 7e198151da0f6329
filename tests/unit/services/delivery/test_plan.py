"""A practice's wishes, end to end: messages in, what its folder holds at which time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.settings import Practice
from tests.unit.services.hospital import HandClock, accept, adt
from tests.unit.services.routed import opened

pytestmark = pytest.mark.usefixtures("each_database")

ADMIT = adt("M1", "A01", patient_class="I", at="202603021240")
NEVER_WAS = adt("M2", "A11", patient_class="I", at="202603021245")
HOME = adt("M3", "A03", patient_class="I", at="202603021300").replace(
    b"|" * 25 + b"2026", b"|" * 17 + b"01" + b"|" * 8 + b"2026"
)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hub(tmp_path: Path, clock: HandClock) -> Iterator[Hub]:
    opened_hub = opened(tmp_path, clock=clock)
    yield opened_hub
    opened_hub.close()


Wishing = Callable[..., Hub]


@pytest.fixture
def wishing(hub: Hub) -> Wishing:
    """The hub whose practice hears by inbox and folder, and wishes this."""

    def with_wishes(**wishes: object) -> Hub:
        busy, *others = hub.site.practices
        channels = [{"kind": "inbox"}, {"kind": "folder", "path": "busy", "formats": ["json"]}]
        practice = Practice.model_validate({**busy.model_dump(), "channels": channels, **wishes})
        return replace(hub, site=hub.site.model_copy(update={"practices": (practice, *others)}))

    return with_wishes


def told(hub: Hub, *bodies: bytes) -> None:
    for body in bodies:
        accept(hub, body)
        stages.drain(hub)


def files(hub: Hub, folder: str = "busy") -> list[str]:
    """The titles in the folder."""
    return sorted(orjson.loads(f.read_bytes())["title"] for f in (hub.settings.data / folder).glob("*.json"))


def states(hub: Hub, channel: str) -> list[tuple[str, str]]:
    """State and reason by that channel, oldest notice first."""
    rows = [d for n in reversed(browse.notifications(hub)) for d in n.deliveries if d.channel == channel]
    return [(d.state, d.error) for d in rows]


def test_an_admission_that_is_taken_back_while_it_settles_is_never_told(wishing: Wishing, clock: HandClock) -> None:
    """Both are dropped, in silence and on the record; the inbox, which nobody is called by, has both."""
    hub = wishing(coalesce=120)
    told(hub, ADMIT, NEVER_WAS)
    clock.forward(minutes=10)
    stages.drain(hub)
    assert files(hub) == []
    assert states(hub, "folder") == [("dropped", "taken back before it was sent")] * 2
    assert states(hub, "inbox") == [("delivered", ""), ("delivered", "")]


def test_what_was_told_is_taken_back_aloud(wishing: Wishing, clock: HandClock) -> None:
    """Once the admission is out, its cancellation follows."""
    hub = wishing(coalesce=120)
    told(hub, ADMIT)
    clock.forward(seconds=120)
    stages.drain(hub)
    told(hub, NEVER_WAS)
    clock.forward(seconds=120)
    stages.drain(hub)
    assert files(hub) == ["Admitted as an inpatient at MERCY", "CANCELLED: admission at MERCY"]


def test_a_discharge_while_its_admission_is_held_is_told_alone(wishing: Wishing, clock: HandClock) -> None:
    """One item for the whole stay, also when both come in one batch."""
    hub = wishing(coalesce=120)
    accept(hub, ADMIT, HOME)
    stages.drain(hub)
    clock.forward(seconds=120)
    stages.drain(hub)
    (title,) = files(hub)
    assert title.startswith("Discharged")
    assert sorted(states(hub, "folder")) == [("delivered", ""), ("dropped", "told with what came of it")]


def test_a_digest_comes_in_the_morning(wishing: Wishing, clock: HandClock) -> None:
    """What a practice wants in the digest waits until 07:00 there."""
    hub = wishing(hears=[{"when": "digest"}], time_zone="America/New_York")
    told(hub, ADMIT)
    assert (files(hub), states(hub, "folder")) == ([], [("queued", "waits: digest")])
    clock.forward(hours=17, minutes=59)
    stages.drain(hub)
    assert files(hub) == []
    clock.forward(minutes=1)
    stages.drain(hub)
    assert files(hub) == ["Admitted as an inpatient at MERCY"]


def test_what_a_practice_does_not_want_is_not_sent_and_says_so(wishing: Wishing) -> None:
    hub = wishing(hears=[{"kinds": ["inpatient-admit"], "when": "off"}])
    told(hub, ADMIT)
    assert states(hub, "folder") == [("dropped", "the practice does not want to hear of inpatient-admit")]


BACKUP = {"urgency": "high", "after": 30, "channel": {"kind": "folder", "path": "backup", "formats": ["json"]}}


def test_what_nobody_acknowledges_goes_to_the_backup(wishing: Wishing, clock: HandClock) -> None:
    """After half an hour the backup is told, once."""
    hub = wishing(escalate=[BACKUP])
    told(hub, ADMIT)
    clock.forward(minutes=29)
    stages.drain(hub)
    assert files(hub, "backup") == []
    clock.forward(minutes=1)
    stages.drain(hub)
    stages.drain(hub)
    assert len(files(hub, "backup")) == 1


def test_what_is_acknowledged_in_time_goes_no_further(wishing: Wishing, clock: HandClock) -> None:
    hub = wishing(escalate=[BACKUP])
    told(hub, ADMIT)
    (notice,) = browse.notifications(hub)
    browse.acknowledge(hub, notice.id, "nurse")
    clock.forward(minutes=31)
    stages.drain(hub)
    assert files(hub, "backup") == []
    assert states(hub, "escalation-1") == [("dropped", "acknowledged by nurse")]


def test_an_escalation_needs_an_inbox() -> None:
    """Without one nobody could acknowledge anything."""
    with pytest.raises(ValueError, match="inbox"):
        Practice.model_validate({"id": "p", "name": "P", "channels": [{"kind": "email"}], "escalate": [BACKUP]})
