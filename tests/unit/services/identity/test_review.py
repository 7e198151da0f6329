from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import NotAllowed, NotFound
from hub.services import stages
from hub.services.context import Hub
from hub.services.identity import review
from hub.services.operations import browse, identities
from hub.store import panels
from hub.store.engine import writing
from tests.unit.services.hospital import NPI, accept, adt, opened


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def twins(hub: Hub) -> review.Review:
    """Two patients of one home and birth date, and the pair that waits for somebody."""
    accept(hub, adt("M1"), adt("M2", mrn="70099", name="Andrews^Walter", visit="V2"))
    stages.drain(hub)
    (pair,) = review.waiting(hub)
    return pair


def test_a_doubtful_pair_waits_with_its_evidence(hub: Hub) -> None:
    """Who may be a twin is a person of his own, and the queue has both with the evidence and the reason why not."""
    pair = twins(hub)
    assert (pair.known["name"], pair.came["name"]) == ("Harold Andrews", "Walter Andrews")
    assert ["born", "same", 14.5] in pair.evidence
    assert any("twin" in veto for veto in pair.vetoes)
    assert [r.id for r in review.of_person(hub, pair.came_id)] == [pair.id]


def test_a_link_moves_everything_and_says_who_decided(hub: Hub) -> None:
    """After a link the messages, visits and numbers of both are the known person's; later messages follow."""
    pair = twins(hub)
    identities.link(hub, pair.id[:8], "grace")
    accept(hub, adt("M3", "A08", mrn="70099", name="Andrews^Walter", visit="V2", at="202603021300"))
    stages.drain(hub)
    person = browse.person(hub, "70099")
    assert person.id == pair.known_id
    assert {m.control_id for m in person.messages} == {"M1", "M2", "M3"}
    assert len(person.encounters) == 2
    assert f"linked by grace in review {pair.id}" in person.sources[1]["evidence"]
    assert review.waiting(hub) == []


def test_a_link_tells_what_was_withheld_and_nothing_twice(hub: Hub) -> None:
    """The practice on whose panel the known person is hears of the visit that came under the other number; undone and
    linked by a merge message later, it is told of nothing again."""
    unnamed = adt("M2", mrn="70099", name="Andrews^Walter", visit="V2").replace(b"1234567893", b"9999999995")
    accept(hub, adt("M1"), unnamed)
    stages.drain(hub)
    (pair,) = review.waiting(hub)
    row = {"id": "x", "practice_id": "panel-busy", "person_id": pair.known_id, "pcp_npi": NPI, "outcome": "matched"}
    with writing(hub.main) as transaction:
        panels.save(transaction, [{**row, "start_date": "", "end_date": "", "body": b"{}"}])
    told = browse.notifications(hub)
    _, caught_up = identities.link(hub, pair.id, "grace")
    assert caught_up == 1
    (fresh,) = [n for n in browse.notifications(hub) if n.id not in {t.id for t in told}]
    assert (fresh.practice_id, fresh.person_id) == ("panel-busy", pair.known_id)
    (merge,) = identities.merged(hub)
    identities.unmerge(hub, merge.id, "grace")
    assert review.show(hub, pair.id).status == "not-same"
    accept(hub, adt("M3", "A40", more="MRG|70099^^^MERCY^MR\r"))
    stages.drain(hub)
    assert len(browse.notifications(hub)) == len(told) + 1


def test_not_the_same_is_remembered(hub: Hub) -> None:
    """Two people are not asked about again, whatever comes later; what was decided is not decided twice."""
    pair = twins(hub)
    review.set_apart(hub, pair.id, "grace")
    accept(hub, adt("M3", "A08", mrn="70099", name="Andrews^Walter", visit="V2", at="202603021300"))
    stages.drain(hub)
    assert review.waiting(hub) == []
    assert (review.show(hub, pair.id).status, review.show(hub, pair.id).decided_by) == ("not-same", "grace")
    with pytest.raises(NotAllowed, match="decided already"):
        identities.link(hub, pair.id, "grace")


def test_a_pair_may_wait(hub: Hub) -> None:
    """A pair that is put off stays in the queue."""
    pair = twins(hub)
    review.put_off(hub, pair.id, "grace")
    assert [r.status for r in review.waiting(hub)] == ["later"]


def test_nothing_is_linked_while_messages_are_on_their_way(hub: Hub) -> None:
    """What routing has not seen yet would be left behind: the link waits for it."""
    accept(hub, adt("M1"), adt("M2", mrn="70099", name="Andrews^Walter", visit="V2"))
    while stages.run_batch(hub, stages.Stage.CONVERT):
        pass
    (pair,) = review.waiting(hub)
    with pytest.raises(NotAllowed, match="still being routed"):
        identities.link(hub, pair.id, "grace")


def test_a_merge_message_settles_the_pair(hub: Hub) -> None:
    """When the sender merges the two, nobody is asked any more."""
    pair = twins(hub)
    accept(hub, adt("M3", "A40", more="MRG|70099^^^MERCY^MR\r"))
    stages.drain(hub)
    assert review.waiting(hub) == []
    assert review.show(hub, pair.id).status == "linked"


def test_an_unknown_review_is_said(hub: Hub) -> None:
    """A pair that there is not is an error."""
    with pytest.raises(NotFound, match="no reviews are called"):
        review.show(hub, "12345678")
