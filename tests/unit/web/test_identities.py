from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.services import stages
from hub.services.context import Hub
from hub.services.identity import review
from tests.unit.services.hospital import adt
from tests.unit.web.conftest import console, opened, part, take


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Hub]:
    """A hub that knows two of one home and birth date."""
    with closing(opened(tmp_path)) as hub:
        take(hub, adt("M1"), adt("M2", mrn="70099", name="Andrews^Walter", visit="V2"))
        stages.drain(hub)
        yield hub


def pair(hub: Hub) -> str:
    (found,) = review.waiting(hub)
    return f"/identities/{found.id}"


def test_a_pair_stands_side_by_side_with_its_evidence(twins: Hub) -> None:
    """The queue leads to the pair, whose fields are beside one another with what each of them says."""
    with console(twins) as client:
        assert pair(twins) in client.get("/identities").text
        page = client.get(pair(twins)).text
    assert "another given name: a twin or a relative" in page
    for shown in ("Harold", "Walter", "1955-09-14", "+14.5", "8455550142"):
        assert shown in page


def test_a_pair_is_linked_and_taken_back(twins: Hub) -> None:
    """One person; the page says so. The merge is taken back, and the two are remembered as two people."""
    path = pair(twins)
    with console(twins) as client:
        client.post("/acting", data={"name": "Grace"})
        linked = part(client, "POST", f"{path}/link").text
        assert "One person, decided by Grace" in linked
        assert "Walter" in linked
        listed = client.get("/identities").text
        undo = listed.split('action="/merges/')[1].split('"')[0]
        assert client.post(f"/merges/{undo}").status_code == 303
        assert "taken back by Grace" in client.get("/identities").text
        assert "Two people, decided by Grace" in client.get(path).text


def test_a_pair_is_two_people_or_waits(twins: Hub) -> None:
    """A pair that is not clear stays in the queue; one that is two people leaves it, and is not decided again."""
    path = pair(twins)
    with console(twins) as client:
        assert client.post(f"{path}/later").headers["location"] == path
        assert path in client.get("/identities").text
        assert "Two people" in part(client, "POST", f"{path}/not-same").text
        assert path not in client.get("/identities").text
        assert client.post(f"{path}/link").status_code == 409
