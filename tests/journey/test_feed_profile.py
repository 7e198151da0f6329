"""From the socket to the published bundle with a feed's profile: what the sender writes in its own way arrives."""

import asyncio
from pathlib import Path

from hub.fhir.path import values_at
from hub.services.operations.browse import show
from hub.services.stages import drain
from hub.settings import Feed, load_file
from tests.intake import Sender, opened, receiving

PROFILE = Path(__file__).parents[2] / "fixtures" / "feeds" / "sundown.yaml"


def test_a_z_field_arrives(tmp_path: Path) -> None:
    """The fields of Z segments, repaired and translated ones too, are in the bundle that the hub publishes."""
    feed = load_file(PROFILE, Feed)
    hub = opened(tmp_path, feed)

    async def run() -> None:
        async with receiving(hub) as (adapter,):
            sender = Sender(*await asyncio.open_connection("127.0.0.1", adapter.port))  # type: ignore[attr-defined]
            answer = await sender.send(feed.tests[0].given.encode())
            assert answer.code == "AA"
            sender.writer.close()

    asyncio.run(run())
    drain(hub)
    bundle = show(hub, "SUN1").bundle
    assert bundle is not None
    assert values_at(bundle, "Patient.extension('https://sundown.example/fhir/portal-user').valueBoolean") == [True]
    assert values_at(bundle, "Encounter.extension('https://sundown.example/fhir/bay').valueString") == ["BAY 7"]
    assert values_at(bundle, "Patient.birthDate") == ["1961-03-14"]
    assert "repaired" in values_at(bundle, "OperationOutcome.issue.details.coding.code")
    hub.close()
