"""What becomes of a message whose bundle is not valid FHIR R4: a mapper makes a mistake on purpose."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.formats.hl7v2.segment import Segment
from hub.mappers import dispatch
from hub.mappers.context import Context
from hub.model import Json, Stage
from hub.services import stages
from hub.services.context import Hub
from hub.services.conversion.files import convert_paths
from hub.services.operations import browse
from hub.services.operations.explain import explain
from hub.settings import Feed, PluginUse
from tests.unit.services.hospital import accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")

SPOILT = "ZBD"


@pytest.fixture(autouse=True)
def mistaken_mapper() -> Iterator[None]:
    """A mapper of the segment ZBD that writes two things that R4 does not allow."""

    @dispatch.segment(SPOILT)
    def mistaken(segment: Segment, ctx: Context) -> Json:
        return ctx.add({"resourceType": "Person", "gender": "M", "birthDate": "01.02.1980"}, SPOILT)

    yield
    dispatch._segment_mappers.pop(SPOILT)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def spoilt(control_id: str) -> bytes:
    return adt(control_id) + f"{SPOILT}|1\r".encode()


def test_an_invalid_bundle_is_held_and_never_published(hub: Hub) -> None:
    """A message whose bundle is not valid is held, and the messages around it go on."""
    accept(hub, adt("M1"), spoilt("M2"), adt("M3", "A08"))
    stages.run_batch(hub, Stage.CONVERT)
    rows = [browse.show(hub, name).row for name in ("M1", "M2", "M3")]
    assert [(row.status, row.code) for row in rows] == [("converted", ""), ("held", "invalid-fhir"), ("converted", "")]
    assert not browse.show(hub, "M2").bundle


def test_explain_lists_what_is_wrong(hub: Hub) -> None:
    """The explanation of a held message lists every problem by its FHIRPath, without values."""
    accept(hub, spoilt("M1"))
    stages.run_batch(hub, Stage.CONVERT)
    step = explain(hub, "M1").steps[1]
    assert step.name == "held"
    assert [line.partition(":")[0].rpartition(".")[2] for line in step.details] == ["gender", "birthDate"]
    assert not any("1980" in line for line in (step.text, *step.details))


def test_convert_lists_what_is_wrong(tmp_path: Path) -> None:
    """``hub convert`` puts every problem into the OperationOutcome, with its FHIRPath as the expression."""
    file = tmp_path / "a.hl7"
    file.write_bytes(spoilt("M1"))
    ((_, bundle),) = convert_paths([str(file)], Feed(name="files", adapter=PluginUse(kind="folder")))
    issues = bundle["entry"][0]["resource"]["issue"]
    assert [issue["expression"][0].rpartition(".")[2] for issue in issues] == ["gender", "birthDate"]
    assert {issue["severity"] for issue in issues} == {"error"}
    assert {issue["details"]["coding"][0]["code"] for issue in issues} == {"invalid-fhir"}
