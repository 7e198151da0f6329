"""What may not leave the hub, end to end: messages in, notices out, and why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.fhir.labels import LABELLED_V, OPTED_OUT, TEST_PERSON, VIP
from hub.routing.reading.message import TEST_DATA
from hub.services.context import Hub
from hub.store import schema
from tests.unit.services.hospital import adt
from tests.unit.services.routed import bodies, events, notices, opened, route

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


PLAIN = adt("M1", "A01", patient_class="I")
PD1 = b"NPI^L^^^NPI\r"
DG1 = "DG1|1||{}^{}^I10|||A||||||||||||{}\r"


def vip(body: bytes) -> bytes:
    return body.replace(b"||||||||||||||||V1", b"|||||||||||||VIP|||V1")


def with_pv2(reason: str) -> bytes:
    return PLAIN + f"PV2|||^{reason}\r".encode()


WITHHELD = {
    "vip": (vip(PLAIN), VIP),
    "opt-out": (PLAIN.replace(PD1, b"NPI^L^^^NPI||||||||Y\r"), OPTED_OUT),
    "label V": (PLAIN + b"ARV|1|A|V^very restricted^CONFIDENTIALITY\r", LABELLED_V),
    "training": (PLAIN.replace(b"|P|2.5.1", b"|T|2.5.1"), TEST_DATA),
    "test person": (PLAIN.replace(b"Andrews^Harold", b"ZZTest^Harold"), TEST_PERSON),
}


@pytest.mark.parametrize("case", [c for c in WITHHELD if c != "label V"])
def test_what_is_withheld_is_known_and_told_to_nobody(hub: Hub, case: str) -> None:
    """The event is on record with the reason, and makes no notice."""
    body, why = WITHHELD[case]
    route(hub, body)
    assert [e["silent"] for e in events(hub)] == [why]
    assert notices(hub) == []


def test_a_vip_stays_one_when_a_later_message_forgets_it(hub: Hub) -> None:
    """The visit is withheld to its end."""
    route(hub, vip(PLAIN), adt("M2", "A03", patient_class="I", at="202603031500"))
    assert [e["silent"] for e in events(hub)] == [VIP, VIP]
    assert notices(hub) == []


def test_a_restricted_diagnosis_is_left_out(hub: Hub) -> None:
    """DG1-18: the admission is told, the diagnosis is not, and the notice says what was left out."""
    route(hub, PLAIN + DG1.format("F10.2", "Alcohol dependence", "Y").encode())
    (notice,) = bodies(hub, schema.notifications)
    assert "Alcohol" not in str(notice)
    assert notice["facts"]["masked"] == ["diagnosis"]


def test_an_open_diagnosis_is_told(hub: Hub) -> None:
    """The same without the restriction."""
    route(hub, PLAIN + DG1.format("I50.9", "Heart failure", "N").encode())
    (notice,) = bodies(hub, schema.notifications)
    assert "Heart failure" in notice["text"]
    assert notice["facts"]["masked"] == []
