"""Which patient is meant: ``Patient/$match`` (FHIR R4), ``$ihe-pix`` (IHE PIXm, ITI-83), search (IHE PDQm, ITI-78)."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.errors import NotFound
from hub.fhir.build import compact
from hub.fhir.check import check
from hub.model import Json
from hub.services.context import Hub
from hub.services.practice import patients, told
from hub.services.practice.patients import Match
from hub.transport.http.answers import Answer, as_json
from hub.web.fhir.reading import searchset

SOME = 20
SOUGHT = ("_id", "family", "given", "birthdate", "gender", "identifier")
GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


def match(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """``Patient/$match``: Parameters with a ``resource``, and perhaps ``onlyCertainMatches`` and ``count``."""
    said = _parameters(body)
    asked = said.get("resource")
    if not isinstance(asked, dict) or asked.get("resourceType") != "Patient":
        raise Answer(400, "required", "must have a Patient as the parameter resource", "Parameters.parameter")
    only, count = said.get("onlyCertainMatches", False) is True, said.get("count", SOME)
    if not isinstance(count, int) or count < 1:
        raise Answer(400, "value", "count must be a number from 1 on", "Parameters.parameter")
    if problems := check(asked):
        raise Answer.of(400, [("structure", p.text, p.path) for p in problems])
    found = patients.match(hub, practice_id, asked, only_certain=only, count=count)
    entries = [_entry(hub, one) for one in found]
    shown = {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
    return as_json(compact(shown), 200)


def cross_references(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """``Patient/$ihe-pix``: by which other identifiers a patient is known, and as which Patient here."""
    source, target = request.query_params.get("sourceIdentifier", ""), request.query_params.getlist("targetSystem")
    if not source.partition("|")[2]:
        raise Answer(400, "required", "sourceIdentifier must be system|value", "sourceIdentifier")
    patient = patients.cross_references(hub, practice_id, source)
    others = [i for i in patient["identifier"] if f"{i['system']}|{i['value']}" != source]
    kept = [i for i in others if not target or i["system"] in target]
    if target and not kept:
        raise Answer(403, "code-invalid", "the patient has no identifier of that system", "targetSystem")
    said: list[Json] = [{"name": "targetIdentifier", "valueIdentifier": i} for i in kept]
    reference = {"reference": f"{hub.settings.fhir_base}/Patient/{patient['id']}"}
    said += [] if target else [{"name": "targetId", "valueReference": reference}]
    return as_json({"resourceType": "Parameters", "parameter": said}, 200)


def read(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """``Patient/<id>``: as the newest notice has it; of whom there is none, what is known."""
    patient_id = request.path_params["id"]
    try:
        return as_json(told.read(hub, practice_id, "Patient", patient_id), 200)
    except NotFound:
        return as_json(patients.read_one(hub, practice_id, patient_id), 200)


def search(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """``Patient?family=…&birthdate=…``: by at least one of ``SOUGHT``."""
    wanted = {name: value for name, value in request.query_params.items() if value and name != "_count"}
    if unknown := wanted.keys() - set(SOUGHT):
        raise Answer(400, "not-supported", f"patients are sought by {', '.join(SOUGHT)}", min(unknown))
    if not wanted:
        raise Answer(400, "required", f"must have one of {', '.join(SOUGHT)}")
    count = request.query_params.get("_count", str(SOME))
    if not (count.isascii() and count.isdigit()):
        raise Answer(400, "value", "_count must be a number")
    return searchset(hub, patients.search(hub, practice_id, wanted, int(count)))


def _entry(hub: Hub, found: Match) -> Json:
    grade = [{"url": GRADE, "valueCode": found.grade}]
    return {
        "fullUrl": f"{hub.settings.fhir_base}/Patient/{found.patient['id']}",
        "resource": found.patient,
        "search": {"extension": grade, "mode": "match", "score": found.score},
    }


def _parameters(body: bytes) -> dict[str, Any]:
    """The parameters by their names; of each the one value that it has."""
    try:
        said = orjson.loads(body)
        named = [(p["name"], [v for k, v in p.items() if k != "name"]) for p in said["parameter"]]
        return {name: value for name, (value,) in named}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise Answer(400, "structure", "must be Parameters of FHIR R4 in JSON", "Parameters") from None
