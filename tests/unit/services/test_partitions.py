"""Stages over several partitions: what belongs together and lies apart."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.model import READS, Stage, Stream
from hub.ports import Share
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.streams.kafka.records import partition_of
from tests import streams
from tests.broker import Topics
from tests.contract.test_streams import appeared
from tests.unit.services.hospital import accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")

NAMES = ("Miller^Anna", "Okafor^Chidi", "Nguyen^Lan", "Garcia^Luz", "Smith^Bo", "Rossi^Ugo")


@pytest.fixture
def hub(kafka_topics: Topics, tmp_path: Path) -> Iterator[Hub]:
    with streams.kept_on(kafka_topics), closing(opened(tmp_path)) as opened_hub:
        yield opened_hub


class Part:
    """One partition of a share."""

    def __init__(self, share: Share, partition: int) -> None:
        self._partition = partition
        self.read, self.publish, self.settle, self.close = share.read, share.publish, share.settle, share.close

    def partitions(self) -> list[int]:
        return [self._partition]


def convert(hub: Hub, *bodies: bytes) -> None:
    accept(hub, *bodies)
    while stages.run_batch(hub, Stage.CONVERT):
        pass


@pytest.mark.parametrize("first", ["the merges", "the others"])
def test_what_waits_in_another_partition_follows_the_merge(hub: Hub, first: str) -> None:
    """Whether a merge is routed before or after the visits of those whom it retires, all of them are the survivor's."""
    retired = {str(70100 + n): name for n, name in enumerate(NAMES)}
    each = ((n, {"mrn": n, "name": name, "born": f"19{n[-2:]}1231", "phone": ""}) for n, name in retired.items())
    convert(hub, adt("M1"), *(adt(f"R{n}", visit=f"W{n}", **said) for n, said in each))
    partitions = hub.streams.partitions(Stream.FHIR)
    convert(hub, *(adt(f"A{n}", "A40", more=f"MRG|{n}^^^MERCY^MR\r") for n in retired))
    merges = partition_of(browse.person(hub, "70045").id, len(partitions))
    assert len(appeared(hub.streams, Stream.FHIR, 1 + 2 * len(retired))) == 1 + 2 * len(retired)
    order = sorted(partitions, key=lambda p: (p == merges) is (first == "the others"))
    with closing(hub.streams.alone(Stage.ROUTE, READS[Stage.ROUTE])) as share:
        assert sum(stages.run_batch(hub, Stage.ROUTE, Part(share, p)) > 0 for p in order) > 1
    stages.drain(hub)
    survivor = browse.person(hub, "70045")
    assert len(survivor.encounters) == 1 + len(retired)
    assert {browse.person(hub, number).id for number in retired} == {survivor.id}
