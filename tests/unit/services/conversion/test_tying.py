"""Merges, links and changes of number, and their end, through conversion and routing."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from hub.model import Json
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse, identities
from hub.store import schema
from hub.store.engine import reading
from tests.unit.services.hospital import HandClock, accept, adt, opened

IDA = {"name": "Moss^Ida", "born": "19610203", "phone": "8455550111"}
OTTO = {"name": "Frey^Otto", "born": "19480930", "phone": "9145550122"}
A, B, C = "70045", "70099", "70100"
HISTORY = (schema.source_records, schema.messages, schema.encounters, schema.results, schema.panel)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def send(hub: Hub, *bodies: bytes) -> None:
    for body in bodies:
        accept(hub, body)
        stages.drain(hub)


def two_people() -> tuple[bytes, bytes]:
    return adt("M1", mrn=A, visit="V1", **IDA), adt("M2", mrn=B, visit="V2", **OTTO)


def merge(control_id: str, stays: str, goes: str, trigger: str = "A40", at: str = "202603031200", **who: str) -> bytes:
    return adt(control_id, trigger, mrn=stays, at=at, **(who or IDA), more=f"MRG|{goes}^^^MERCY^MR\r")


def tie(control_id: str, trigger: str, one: str, other: str, at: str) -> bytes:
    pids = "".join(f"PID|1||{mrn}^^^MERCY^MR\r" for mrn in (one, other))
    head = f"MSH|^~\\&|ADT|MERCY|HUB|HUB|{at}-0500||ADT^{trigger}^ADT_{trigger}|{control_id}|P|2.5.1\r"
    return f"{head}EVN|{trigger}|{at}-0500\r{pids}".encode()


def rows(hub: Hub, table: Table) -> list[Json]:
    with reading(hub.main) as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def owned(hub: Hub) -> dict[str, list[tuple[object, ...]]]:
    """What is whose, without what came with the merge itself."""
    found = {}
    for table in (*HISTORY, schema.events, schema.notifications):
        columns = [c.name for c in table.primary_key]
        mine = [r for r in rows(hub, table) if r.get("kind") != "merge" and r.get("control_id") not in ("M3", "M4")]
        found[table.name] = sorted((*(r[c] for c in columns), r["person_id"], r.get("evidence")) for r in mine)
    reviews = [(r["id"], r["person_a"], r["person_b"]) for r in rows(hub, schema.identity_reviews)]
    return {**found, "reviews": sorted(reviews)}


def clusters(hub: Hub) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows(hub, schema.source_records):
        found.setdefault(row["person_id"], []).append(row["key"].rpartition("|")[2])
    return sorted(sorted(keys) for keys in found.values())


def kinds(hub: Hub) -> list[str]:
    return [r["type"] for r in rows(hub, schema.events) if r["kind"] == "merge"]


@pytest.mark.usefixtures("each_database")
@pytest.mark.parametrize("ending", ["operator", "A37"])
def test_what_was_merged_and_is_two_again_is_as_before(hub: Hub, ending: str) -> None:
    """After a merge and its end everything is whose it was, and downstream has heard of both."""
    send(hub, *two_people())
    before = owned(hub)
    send(hub, merge("M3", A, B))
    assert clusters(hub) == [[A, B]]
    assert owned(hub) != before
    if ending == "operator":
        (known,) = identities.merged(hub)
        identities.unmerge(hub, known.id[:8], "grace")
    else:
        send(hub, tie("M4", "A37", A, B, "202603041200"))
    assert clusters(hub) == [[A], [B]]
    after = owned(hub)
    assert {k: v for k, v in after.items() if k != "reviews"} == {k: v for k, v in before.items() if k != "reviews"}
    assert kinds(hub) == ["patient.merged", "patient.unmerged"]


@pytest.mark.usefixtures("each_database")
@pytest.mark.parametrize("trigger", ["A18", "A34", "A40"])
def test_a_late_message_under_an_old_number_lands_right(hub: Hub, trigger: str) -> None:
    """It is the survivor's; and when the two are two again, it goes to whom it was about with all that came of it."""
    send(hub, *two_people(), merge("M3", A, B, trigger))
    send(hub, adt("M5", "A03", mrn=B, visit="V2", at="202603040900", **OTTO))
    send(hub, adt("M6", "A01", mrn=B, visit="V7", at="202603050900", **OTTO))
    assert {m.control_id for m in browse.person(hub, A).messages} == {"M1", "M2", "M3", "M5", "M6"}
    (known,) = identities.merged(hub)
    identities.unmerge(hub, known.id, "grace")
    otto = browse.person(hub, B)
    assert {m.control_id for m in otto.messages} == {"M2", "M5", "M6"}
    assert len(otto.encounters) == 2
    assert {m.control_id for m in browse.person(hub, A).messages} == {"M1", "M3"}


def test_a_merge_before_anybody_is_known_holds_for_who_comes(hub: Hub) -> None:
    """A merge that comes first makes both numbers one person; undone, the other number is somebody again."""
    send(hub, merge("M3", A, B), adt("M2", mrn=B, visit="V2", **OTTO))
    assert clusters(hub) == [[A, B]]
    (known,) = identities.merged(hub)
    identities.unmerge(hub, known.id, "grace")
    assert clusters(hub) == [[A], [B]]
    assert [m.control_id for m in browse.person(hub, B).messages] == ["M2"]


def test_a_link_joins_and_an_unlink_parts(hub: Hub) -> None:
    """A24 makes two numbers one person, A37 two persons again."""
    send(hub, *two_people(), tie("M3", "A24", A, B, "202603031200"))
    assert clusters(hub) == [[A, B]]
    send(hub, tie("M4", "A37", B, A, "202603041200"))
    assert clusters(hub) == [[A], [B]]
    assert kinds(hub) == ["patient.merged", "patient.unmerged"]


def test_an_unlink_parts_whom_the_evidence_had_joined(hub: Hub) -> None:
    """Two numbers that were matched by demographics are two persons when their system says so."""
    send(hub, adt("M1", mrn=A, visit="V1", **IDA), adt("M2", mrn=B, visit="V2", **IDA))
    assert clusters(hub) == [[A, B]]
    send(hub, tie("M4", "A37", A, B, "202603041200"))
    assert clusters(hub) == [[A], [B]]
    assert [m.control_id for m in browse.person(hub, B).messages] == ["M2"]


def test_the_newest_statement_counts_not_the_last_to_arrive(hub: Hub) -> None:
    """A merge that is older than the unlink it comes after changes nothing."""
    send(hub, *two_people(), tie("M4", "A37", A, B, "202603041200"), merge("M3", A, B, at="202603031200"))
    assert clusters(hub) == [[A], [B]]


def test_a_merge_of_several_pairs_mixes_none(hub: Hub) -> None:
    """A40 may repeat PID and MRG: each pair is one person, and not all of them."""
    send(hub, *two_people(), adt("M5", mrn=C, visit="V3", name="Ray^Nora", born="19900101", phone="2125550133"))
    pairs = f"MRG|X1^^^MERCY^MR\rPID|2||{B}^^^MERCY^MR||Frey^Otto||19480930\rMRG|X2^^^MERCY^MR\r"
    send(hub, adt("M3", "A40", mrn=A, at="202603031200", **IDA, more=pairs))
    assert clusters(hub) == [[A, "X1"], [B, "X2"], [C]]


def test_a_changed_number_is_the_same_patient(hub: Hub) -> None:
    """A47: the patient is known by the new number and by the old one, whatever else the message says."""
    send(hub, adt("M1", mrn=A, visit="V1", **IDA))
    send(hub, merge("M3", B, A, "A47"), adt("M5", "A08", mrn=A, at="202603041200", **IDA))
    assert clusters(hub) == [[A, B]]
    assert len({r["person_id"] for r in rows(hub, schema.messages)}) == 1
    assert browse.person(hub, B).id == browse.person(hub, A).id


@pytest.mark.usefixtures("each_database")
def test_a_visit_that_was_another_patients_moves_with_what_came_of_it(hub: Hub) -> None:
    """A45: the visit, its events and notices are the other patient's; he and she stay two."""
    send(hub, *two_people())
    send(hub, adt("M3", "A45", mrn=A, visit="V2", at="202603031200", **IDA, more=f"MRG|{B}^^^MERCY^MR\r"))
    assert clusters(hub) == [[A], [B]]
    ida = browse.person(hub, A)
    assert len(ida.encounters) == 2
    assert browse.person(hub, B).encounters == ()
    assert {r["person_id"] for r in rows(hub, schema.events)} == {ida.id}
    assert {r["person_id"] for r in rows(hub, schema.notifications)} == {ida.id}


def test_a_chain_comes_apart_in_any_order(tmp_path: Path) -> None:
    """A into B and B into C, undone in either order, end as three."""
    for number, order in enumerate(permutations((0, 1))):
        with closing(opened(tmp_path / str(number))) as hub:
            send(hub, *two_people())
            send(hub, adt("M5", mrn=C, visit="V3", name="Ray^Nora", born="19900101", phone="2125550133"))
            before = owned(hub)
            send(hub, merge("M3", B, A, at="202603031200", **OTTO), merge("M4", C, B, at="202603041200", **NORA))
            assert clusters(hub) == [[A, B, C]]
            known = sorted(identities.merged(hub), key=lambda m: m.at)
            for at in order:
                identities.unmerge(hub, known[at].id, "grace")
            assert clusters(hub) == [[A], [B], [C]]
            assert {k: v for k, v in owned(hub).items() if k != "reviews"} == {
                k: v for k, v in before.items() if k != "reviews"
            }


NORA = {"name": "Ray^Nora", "born": "19900101", "phone": "2125550133"}
SAID = (
    adt("M1", mrn=A, visit="V1", **IDA),
    adt("M2", mrn=B, visit="V2", **OTTO),
    adt("M5", mrn=C, visit="V3", **NORA),
    merge("S1", A, B, at="202603031200"),
    tie("S2", "A24", B, C, "202603041200"),
    tie("S3", "A37", A, B, "202603051200"),
    adt("M6", "A03", mrn=B, visit="V2", at="202603060900", **OTTO),
)


@given(order=st.permutations(SAID), again=st.lists(st.sampled_from(SAID), max_size=3))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_arrival_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, order: Sequence[bytes], again: Sequence[bytes]
) -> None:
    """Whoever is one and whoever is two in the end depends on when things were said, not on when they came or how
    often; and every message is its person's."""
    with closing(opened(tmp_path_factory.mktemp("order"), clock=HandClock())) as hub:
        send(hub, *order, *again)
        assert clusters(hub) == [[A], [B, C]]
        assert {m.control_id for m in browse.person(hub, B).messages} >= {"M2", "M5", "M6"}
        assert {m.control_id for m in browse.person(hub, A).messages} >= {"M1"}
