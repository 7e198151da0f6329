"""What must happen in the cases that practices stumble over: messages in, the notices of two practices out."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hub.services.context import Hub
from tests.unit.services.hospital import NPI, adt
from tests.unit.services.routed import LOVE, notices, opened, route, storm

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def stay(control_id: str, trigger: str, at: str, *, cls: str = "I", disposition: str = "", **more: str) -> bytes:
    """A message of one visit, with where the patient went (PV1-36)."""
    body = adt(control_id, trigger, patient_class=cls, at=at, visit="V1", **more)
    return body.replace(b"V1^^^MERCY^VN" + b"|" * 25, b"V1^^^MERCY^VN" + b"|" * 17 + disposition.encode() + b"|" * 8)


def dead(body: bytes) -> bytes:
    """The same of a patient who has died (PID-30)."""
    return body.replace(b"||8455550142\r", b"||8455550142" + b"|" * 17 + b"Y\r")


ADMIT = stay("M1", "A01", "202603020800")
AGAIN = stay("M9", "A01", "202603020800")
ELSEWHERE = stay("M9", "A08", "202603041000", disposition="03")
ARRIVE = stay("M1", "A04", "202603020800", cls="E")
HOME = stay("M2", "A03", "202603040900", disposition="01")
STAYS = stay("M3", "A13", "202603041000")
HOME_LATER = stay("M4", "A03", "202603051100", disposition="01")
NEVER_WAS = stay("M5", "A11", "202603051200")


class Case(NamedTuple):
    """Messages in the order in which they come, and the kinds that each practice is told."""

    messages: tuple[bytes, ...]
    busy: tuple[str, ...]
    love: tuple[str, ...] = ()


CASES = {
    "a storm of updates": Case((ARRIVE, *storm(14)), ("ed-arrival",)),
    "a bed move": Case((ADMIT, stay("M9", "A02", "202603021200")), ("inpatient-admit",)),
    "the same message again": Case((ADMIT, ADMIT), ("inpatient-admit",)),
    "an admission restated under another control id": Case((ADMIT, AGAIN), ("inpatient-admit",)),
    "a discharge before its admission": Case((HOME, ADMIT), ("discharge",)),
    "home, back, home": Case(
        (ADMIT, HOME, STAYS, HOME_LATER), ("inpatient-admit", "discharge", "cancel-discharge", "discharge")
    ),
    "a visit that never was, after its discharge": Case(
        (ADMIT, HOME, NEVER_WAS), ("inpatient-admit", "discharge", "cancel-discharge", "cancel-admit")
    ),
    "registered in the emergency department, then admitted": Case(
        (ARRIVE, stay("M2", "A01", "202603021000")), ("ed-arrival", "ed-to-inpatient")
    ),
    "a leave of absence": Case(
        (ADMIT, stay("M2", "A21", "202603030800"), stay("M3", "A22", "202603032000")), ("inpatient-admit",)
    ),
    "a death is told once": Case(
        (
            ADMIT,
            dead(stay("M2", "A03", "202603040900", disposition="20")),
            dead(stay("M3", "A08", "202603041000", disposition="20")),
        ),
        ("inpatient-admit", "death"),
    ),
    "another disposition afterwards": Case(
        (ADMIT, HOME, ELSEWHERE),
        ("inpatient-admit", "discharge", "discharge"),
    ),
    "another PCP in the middle of the stay": Case(
        (ADMIT, HOME.replace(NPI.encode(), LOVE.encode())), ("inpatient-admit",), ("discharge",)
    ),
    "a merge after the notice": Case(
        (ADMIT, adt("M2", "A40", mrn="70046", at="202603030900", more="MRG|70045^^^MERCY^MR\r")), ("inpatient-admit",)
    ),
    "a planned visit": Case((stay("M1", "A05", "202603010800"),), ()),
    "training": Case((ADMIT.replace(b"|P|2.5.1", b"|T|2.5.1"),), ()),
}


@pytest.mark.parametrize("name", CASES)
def test_each_practice_hears_the_right_thing_once(hub: Hub, name: str) -> None:
    """Whatever comes, message by message, each practice is told these kinds, each once, and nothing else."""
    case = CASES[name]
    for message in case.messages:
        route(hub, message)
    told = {practice: [n.kind for n in notices(hub) if n.practice == practice] for practice in ("busy", "love")}
    assert sorted(told["busy"]) == sorted(case.busy)
    assert sorted(told["love"]) == sorted(case.love)


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_same_in_one_batch(hub: Hub, name: str) -> None:
    """All messages at once tell nobody anything that one after the other would not have told."""
    case = CASES[name]
    route(hub, *case.messages)
    told = [(n.practice, n.kind) for n in notices(hub)]
    assert sorted(told) == sorted([("busy", k) for k in case.busy] + [("love", k) for k in case.love])
