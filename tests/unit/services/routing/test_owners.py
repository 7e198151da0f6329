from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.model import Json
from hub.services.context import Hub
from hub.services.operations.explain import explain
from hub.services.operations.replay import replay
from tests.unit.services.hospital import adt
from tests.unit.services.routed import events, notices, opened, route

pytestmark = pytest.mark.usefixtures("each_database")

ELLEN = {"mrn": "81230", "name": "Brooks^Ellen", "born": "19800101"}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with closing(opened(tmp_path)) as hub:
        yield hub


def potassium(control_id: str, mrn: str, name: str, born: str, value: str, flag: str) -> bytes:
    """A final potassium under the filler number L55."""
    segments = (
        f"MSH|^~\\&|LAB|MERCY|HUB|HUB|20260312122500-0400||ORU^R01|{control_id}|P|2.5.1",
        f"PID|1||{mrn}^^^MERCY^MR||{name}||{born}|M",
        "PD1||||1234567893^Busy^Beatrice^^^Dr.^^^NPI^L^^^NPI",
        "OBR|1|P1|L55^LAB|K^Potassium^L|||202603120800-0400|||||||||||||||20260312122500-0400|||F",
        f"OBX|1|NM|K^Potassium^L||{value}|mmol/L|3.5-5.1|{flag}|||F",
    )
    return ("\r".join(segments) + "\r").encode()


def facts(hub: Hub, kind: str) -> Json:
    (found,) = [e["facts"] for e in events(hub) if e["kind"] == kind]
    return dict(found)


def test_a_visit_number_of_two_patients_is_two_visits(hub: Hub) -> None:
    """A visit number that is used again, or mistyped, never puts one patient's stay into another one's notice."""
    route(hub, adt("1", "A01", patient_class="I", at="202603021240", more="DG1|1||I50.9^Heart failure^I10\r"))
    (second,) = route(hub, adt("2", "A03", patient_class="I", at="202603091420", **ELLEN))
    told = facts(hub, "discharge")
    assert (told["admission_seen"], told["diagnosis"], told["length_of_stay"]) == (False, "", "0 min")
    assert "the number is another patient's" in "\n".join(explain(hub, second).lines())


def test_two_patients_of_one_visit_number_in_one_batch(hub: Hub) -> None:
    """Whoever comes first has the number, also within a batch; each one's later messages find their own visit."""
    route(hub, adt("1", "A04"), adt("2", "A04", **ELLEN), adt("3", "A03", at="202603021800"))
    route(hub, adt("4", "A03", at="202603021900", **ELLEN))
    assert [n.kind for n in notices(hub)] == ["ed-arrival", "ed-arrival", "discharge", "discharge"]
    assert len({e["subject"] for e in events(hub)}) == 2


def test_a_mother_and_her_newborn_on_one_account_are_two_visits(hub: Hub) -> None:
    """Without visit numbers the account tells visits apart, and a newborn may be on its mother's."""
    mother = adt("1", "A01", patient_class="I").replace(b"V1^^^MERCY^VN", b"")
    mother = mother.replace(b"8455550142", b"8455550142|||||AC1^^^MERCY^AN")
    newborn = mother.replace(b"|1|P|", b"|2|P|").replace(b"70045", b"70046").replace(b"19550914", b"20260302")
    route(hub, mother, newborn.replace(b"Andrews^Harold", b"Andrews^BABY GIRL A"))
    assert len({e["subject"] for e in events(hub)}) == 2


def test_one_patient_under_two_numbers_keeps_one_visit(hub: Hub) -> None:
    """A patient who has a second number until the merge is one patient, when nothing contradicts it."""
    route(hub, adt("1", "A04"), adt("2", "A06", mrn="81230", patient_class="I", at="202603021705"))
    assert [n.kind for n in notices(hub)] == ["ed-arrival", "ed-to-inpatient"]


def test_a_filler_number_of_two_patients_is_two_reports(hub: Hub) -> None:
    """A laboratory's number that comes round again corrects nothing: the other patient's value is told to nobody."""
    route(hub, potassium("1", "70045", "Andrews^Harold", "19550914", "6.1", "HH"))
    route(hub, potassium("2", "81230", "Brooks^Ellen", "19800101", "4.1", "N"))
    assert [e["kind"] for e in events(hub)] == ["result-critical", "result-final"]
    assert "6.1" not in str(events(hub)[1])


def test_a_replay_of_two_patients_of_one_number_changes_nothing(hub: Hub) -> None:
    """What was kept apart stays apart when it is routed again."""
    route(hub, adt("1", "A04"), adt("2", "A04", **ELLEN))
    report = replay(hub, ["all"])
    assert (report.transitions, report.notices, report.differences) == (0, 0, [])


def test_what_was_taken_for_one_patient_stays_so_in_a_replay(hub: Hub) -> None:
    """What becomes known of the two later does not change what their earlier messages were about."""
    route(
        hub,
        adt("1", "A04", born=""),
        adt("2", "A06", patient_class="I", at="202603021705", **{**ELLEN, "born": "", "name": "Andrews^Harold"}),
    )
    route(hub, adt("3", "A31", at="202603031200"), adt("4", "A31", at="202603031200", **ELLEN))
    report = replay(hub, ["all"])
    assert (report.transitions, report.notices, report.differences) == (0, 0, [])
