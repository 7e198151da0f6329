from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.fhir.check import check
from hub.model import Json
from hub.services import stages
from hub.services.context import Hub
from hub.settings import Settings
from hub.web.fhir import practice_app
from hub.wiring import open_hub
from tests import databases
from tests.unit.services.hospital import MERCY, HandClock, accept, adt, site
from tests.web_server import serving

pytestmark = pytest.mark.usefixtures("each_database")

TOKEN, STRANGER = "the practice's token", "another practice's token"
GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """The practice was told of Harold (two numbers) and of his twin."""
    url = databases.url(tmp_path / "var")
    config, base = tmp_path / "config", "https://hub.example/fhir"
    settings = Settings(data=tmp_path / "var", config=config, database_url=url, fhir_url=base)
    busy = site().practices[0]
    tokens = [(sha256(token.encode()).hexdigest(),) for token in (TOKEN, STRANGER)]
    other = {"id": "other", "clinicians": (), "tokens": tokens[1]}
    practices = (busy.model_copy(update={"tokens": tokens[0]}), busy.model_copy(update=other))
    opened = replace(open_hub(settings, HandClock()), site=site().model_copy(update={"practices": practices}))
    accept(opened, adt("M1"), adt("M2", mrn="A1", visit="V2"), adt("M3", mrn="T1", name="Andrews^Walter", visit="V3"))
    stages.drain(opened)
    yield opened
    opened.close()


@pytest.fixture
def api(hub: Hub) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {TOKEN}"}
    with serving(practice_app(hub)) as url, httpx.Client(base_url=f"{url}/fhir", headers=headers) as client:
        yield client


HAROLD: Json = {
    "resourceType": "Patient",
    "name": [{"family": "Andrews", "given": ["Harold"]}],
    "birthDate": "1955-09-14",
    "telecom": [{"system": "phone", "value": "845-555-0142"}],
}
NAME_ALONE: Json = {"resourceType": "Patient", "name": HAROLD["name"]}


def match(api: httpx.Client, patient: Json, **more: Any) -> Json:
    said: list[Json] = [{"name": "resource", "resource": patient}]
    said += [{"name": k, "valueBoolean" if isinstance(v, bool) else "valueInteger": v} for k, v in more.items()]
    answer = api.post("/Patient/$match", json={"resourceType": "Parameters", "parameter": said})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert check(found) == []
    return found


def graded(bundle: Json) -> list[tuple[str, str]]:
    found = []
    for entry in bundle.get("entry", ()):
        (grade,) = (e["valueCode"] for e in entry["search"]["extension"] if e["url"] == GRADE)
        found.append((entry["resource"]["name"][0]["text"], grade))
    return found


def test_who_is_meant_is_graded(api: httpx.Client) -> None:
    """The one who is certain comes first, a twin only as possible; with ``onlyCertainMatches`` alone."""
    assert graded(match(api, HAROLD)) == [("Harold Andrews", "certain"), ("Walter Andrews", "possible")]
    (only,) = match(api, HAROLD, onlyCertainMatches=True)["entry"]
    assert only["search"]["score"] > 0.99
    assert {i["value"] for i in only["resource"]["identifier"]} == {"70045", "A1"}
    assert len(graded(match(api, HAROLD, count=1))) == 1


def test_a_number_is_certain_and_a_name_alone_is_nobody(api: httpx.Client) -> None:
    """An identifier of its authority decides; a name without anything else finds nobody for certain."""
    numbered = {"resourceType": "Patient", "identifier": [{"system": MERCY, "value": "T1"}]}
    assert graded(match(api, numbered)) == [("Walter Andrews", "certain")]
    assert graded(match(api, NAME_ALONE, onlyCertainMatches=True)) == []


def test_a_patient_is_known_by_other_identifiers(api: httpx.Client) -> None:
    """``$ihe-pix`` tells the other identifiers and the Patient; what nobody has is 404, a system without one 403."""
    said = api.get("/Patient/$ihe-pix", params={"sourceIdentifier": f"{MERCY}|A1"}).json()
    assert check(said) == []
    identifier, reference = said["parameter"]
    assert identifier["valueIdentifier"] == {"system": MERCY, "value": "70045"}
    patient = reference["valueReference"]["reference"].rpartition("/")[2]
    assert api.get("/Patient", params={"_id": patient}).json()["total"] == 1
    assert api.get("/Patient/$ihe-pix", params={"sourceIdentifier": f"{MERCY}|nobody"}).status_code == 404
    elsewhere = {"sourceIdentifier": f"{MERCY}|A1", "targetSystem": "urn:oid:1.2.3"}
    assert api.get("/Patient/$ihe-pix", params=elsewhere).status_code == 403
    assert api.get("/Patient/$ihe-pix").status_code == 400


def test_a_merged_patient_leads_to_the_other_one(hub: Hub, api: httpx.Client) -> None:
    """After a merge the survivor names whom it replaces, and the retired one by whom."""
    retired = api.get("/Patient", params={"given": "walter"}).json()["entry"][0]["resource"]["id"]
    accept(hub, adt("M4", "A40", at="202603031200", more="MRG|T1^^^MERCY^MR\r"))
    stages.drain(hub)
    left = api.get(f"/Patient/{retired}").json()
    assert check(left) == []
    assert (left["active"], left["link"][0]["type"]) == (False, "replaced-by")
    survivor = left["link"][0]["other"]["reference"].rpartition("/")[2]
    (shown,) = api.get("/Patient", params={"_id": survivor}).json()["entry"]
    assert shown["resource"]["link"] == [{"other": {"reference": f"Patient/{retired}"}, "type": "replaces"}]
    assert api.get("/Patient/nobody").status_code == 404


def test_patients_are_sought(api: httpx.Client) -> None:
    """By names, birth date, sex and identifier; a search for everybody, or by something else, is refused."""
    found = api.get("/Patient", params={"family": "andr", "birthdate": "1955-09-14"}).json()
    assert check(found) == []
    assert found["total"] == 2
    assert api.get("/Patient", params={"given": "wal"}).json()["total"] == 1
    assert api.get("/Patient", params={"identifier": f"{MERCY}|A1", "gender": "male"}).json()["total"] == 1
    assert api.get("/Patient").status_code == 400
    assert api.get("/Patient", params={"phone": "1"}).status_code == 400


def test_another_practice_finds_nobody(api: httpx.Client) -> None:
    """Who is neither on a practice's panel nor in its notices is unknown to it."""
    api.headers["authorization"] = f"Bearer {STRANGER}"
    assert graded(match(api, HAROLD)) == []
    assert api.get("/Patient", params={"family": "andr"}).json()["total"] == 0
    assert api.get("/Patient/$ihe-pix", params={"sourceIdentifier": f"{MERCY}|A1"}).status_code == 404


def test_what_is_no_question_is_refused(api: httpx.Client) -> None:
    """Parameters without a Patient, or what is not R4, are answered with what is wrong."""
    bodies: list[Any] = [{"resourceType": "Parameters"}, {"resourceType": "Parameters", "parameter": []}, HAROLD, []]
    assert [api.post("/Patient/$match", json=body).status_code for body in bodies] == [400] * len(bodies)
    wrong = [{"name": "resource", "resource": {**HAROLD, "birthDate": "yesterday"}}]
    answer = api.post("/Patient/$match", json={"resourceType": "Parameters", "parameter": wrong})
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")
