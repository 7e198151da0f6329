import csv
import hashlib
import io
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from itertools import pairwise

import hl7
import pytest

from hub.formats.hl7v2 import Message, parse, read_header
from hub.simulator import PRACTICES, SimulatedMessage, panel_csv, simulate, truth
from hub.simulator.encounters import STRUCTURES

DAY = date(2026, 3, 9)  # the morning after daylight saving time began: stories span the change
PATIENTS = 300


@pytest.fixture(scope="module")
def messages() -> list[SimulatedMessage]:
    return list(simulate(7, PATIENTS, DAY))


@pytest.fixture(scope="module")
def parsed(messages: list[SimulatedMessage]) -> list[Message]:
    return [parse(m.body) for m in messages]


def _digest(seed: int, patients: int = 30) -> str:
    return hashlib.sha256(b"".join(m.body for m in simulate(seed, patients, DAY))).hexdigest()


def test_same_seed_same_bytes() -> None:
    """The same seed gives the same bytes, another seed others."""
    assert _digest(1) == _digest(1)
    assert _digest(1) != _digest(2)


def test_more_patients_do_not_change_the_first_ones() -> None:
    """A person's messages are the same however many others there are, but for their control ids."""
    few = [m for m in simulate(3, 5, DAY) if m.person == 4]
    many = [m for m in simulate(3, 50, DAY) if m.person == 4]
    assert [(m.sent_at, m.kind) for m in few] == [(m.sent_at, m.kind) for m in many]


def test_order_and_end(messages: list[SimulatedMessage]) -> None:
    """Messages come in the order of the clock, and nothing is told that happens after the day."""
    assert all(a.sent_at <= b.sent_at for a, b in pairwise(messages))
    assert messages[-1].sent_at < datetime(2026, 3, 10, 4, tzinfo=UTC)
    assert sum(m.sent_at >= datetime(2026, 3, 9, 4, tzinfo=UTC) for m in messages) > PATIENTS


def test_control_ids_are_unique(messages: list[SimulatedMessage]) -> None:
    """No control id is used twice."""
    assert len({m.control_id for m in messages}) == len(messages)


def test_the_header_says_what_is_told(messages: list[SimulatedMessage], parsed: list[Message]) -> None:
    """Kind, control id and structure are those of the message itself."""
    for told, message in zip(messages, parsed, strict=True):
        header = read_header(told.body)
        assert told.kind == f"{message.type}^{message.trigger}"
        assert told.control_id == message.control_id == header.control_id.decode()
        if message.type == "ADT":
            assert message.structure == STRUCTURES[message.trigger]


def test_every_kind_occurs(messages: list[SimulatedMessage]) -> None:
    """A day has every kind of message, most of them ADT, a sixth of them results."""
    kinds = Counter(m.kind for m in messages)
    adt = {f"ADT^{trigger}" for trigger in STRUCTURES}
    loop = {"OMG^O19", "REF^I12", "OSU^O51", "SIU^S12", "SIU^S13", "SIU^S15", "SIU^S26", "MDM^T02"}
    assert set(Counter(m.kind for m in simulate(7, 1500, DAY))) == adt | loop | {"ORU^R01"}
    assert 0.7 < sum(n for kind, n in kinds.items() if kind.startswith("ADT")) / len(messages) < 0.85
    assert 0.1 < kinds["ORU^R01"] / len(messages) < 0.25


def test_identifiers_tell_the_truth(messages: list[SimulatedMessage], parsed: list[Message]) -> None:
    """Each identifier in a message belongs to the person it is about, and to nobody else."""
    people = truth(7, PATIENTS)
    used: defaultdict[int, set[str]] = defaultdict(set)
    for told, message in zip(messages, parsed, strict=True):
        pid, mrg = message.first("PID"), message.first("MRG")
        assert pid is not None
        for cx in [*pid[3], *(mrg[1] if mrg else ())]:
            assert people[cx.sub(4, 1), cx[1]] == told.person
            used[told.person].add(cx.sub(4, 1))
    assert max(len(authorities) for authorities in used.values()) >= 3


def test_reports_have_ten_to_forty_values(parsed: list[Message]) -> None:
    """A laboratory report has 10 to 40 OBX; some are corrected, some preliminary, some critical."""
    reports = [m for m in parsed if m.type == "ORU"]
    assert all(10 <= len(m.all("OBX")) <= 40 for m in reports)
    assert {m.segments[5][25].text for m in reports} == {"P", "F", "C"}
    assert "HH" in {obx[8].text for m in reports for obx in m.all("OBX")}


def test_a_visit_keeps_its_number(parsed: list[Message]) -> None:
    """Every visit that ends had begun under the same number."""
    begun: set[str] = set()
    for message in parsed:
        pv1 = message.first("PV1")
        if message.type != "ADT" or pv1 is None:
            continue
        if message.trigger in ("A01", "A04", "A05"):
            begun.add(pv1[19].text)
        elif message.trigger in ("A02", "A03", "A06", "A08", "A11", "A12", "A13"):
            assert pv1[19].text in begun


def test_a_usual_admission(parsed: list[Message]) -> None:
    """An admission has twelve segments and all the fields that are usually filled."""
    admission = next(m for m in parsed if m.trigger == "A01")
    names = ["MSH", "EVN", "PID", "PD1", "NK1", "NK1", "PV1", "PV2", "AL1", "DG1", "GT1", "IN1"]
    assert [s.name for s in admission.segments] == names
    pid, pv1 = admission.segments[2], admission.segments[6]
    assert all(pid[n] for n in (3, 5, 7, 8, 11, 13, 18))
    assert all(pv1[n] for n in (2, 3, 7, 10, 19, 44))


def test_python_hl7_reads_them(messages: list[SimulatedMessage]) -> None:
    """Every message is one that python-hl7 reads, with the same number of segments."""
    for told in messages[::20]:
        assert len(hl7.parse(told.body.decode())) == len(parse(told.body).segments)


def test_panel() -> None:
    """The practices' lists name each person once, with its practice and an identifier of the practice's own."""
    rows = list(csv.DictReader(io.StringIO(panel_csv(7, PATIENTS, DAY).decode())))
    people = truth(7, PATIENTS)
    assert [people["BUSY", row["mrn"]] for row in rows] == list(range(1, PATIENTS + 1))
    assert {row["practice_id"] for row in rows} == {practice.id for practice in PRACTICES}
    of_each = [panel_csv(7, PATIENTS, DAY, practice).count(b"\r\n") - 1 for practice in PRACTICES]
    assert sum(of_each) == PATIENTS
