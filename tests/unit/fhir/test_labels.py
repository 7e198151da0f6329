import pytest

from hub.fhir.labels import LABELLED_V, OPTED_OUT, TEST_PERSON, VIP, visit_withheld, withheld, without_restricted
from hub.fhir.systems import PROTECTION, V2
from hub.model import Json


def labelled(kind: str, code: str, **more: object) -> Json:
    return {"resourceType": kind, "id": kind, "meta": {"security": [{"code": code}]}, **more}


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (labelled("MessageHeader", "V"), LABELLED_V),
        (labelled("Patient", "V"), LABELLED_V),
        (labelled("Patient", "R"), ""),
        ({"resourceType": "Patient", "extension": [{"url": PROTECTION, "valueBoolean": True}]}, OPTED_OUT),
        ({"resourceType": "Patient", "extension": [{"url": PROTECTION, "valueBoolean": False}]}, ""),
        ({"resourceType": "Patient", "name": [{"family": "zztest-one"}]}, TEST_PERSON),
    ],
)
def test_labels_and_wishes_say_who_is_not_told_of(resource: Json, why: str) -> None:
    assert withheld([resource]) == why


@pytest.mark.parametrize(("code", "why"), [("VIP", VIP), ("Y", VIP), ("N", "")])
def test_a_courtesy_of_table_0099_makes_a_vip(code: str, why: str) -> None:
    courtesy = [{"coding": [{"system": V2 + "0099", "code": code}]}]
    assert visit_withheld({"resourceType": "Encounter", "hospitalization": {"specialCourtesy": courtesy}}) == why


def test_a_visit_may_be_labelled_itself() -> None:
    assert visit_withheld(labelled("Encounter", "V")) == LABELLED_V


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources]}


def kinds(stripped: Json) -> list[str]:
    return [e["resource"]["resourceType"] for e in stripped["entry"]]


def test_a_restricted_diagnosis_leaves_with_what_refers_to_it() -> None:
    """The other diagnosis stays."""
    visit = {
        "resourceType": "Encounter",
        "id": "visit",
        "reasonCode": [{"text": "fall"}],
        "diagnosis": [{"condition": {"reference": "urn:uuid:a"}}, {"condition": {"reference": "urn:uuid:b"}}],
    }
    stripped = without_restricted(
        bundle(visit, labelled("Condition", "R") | {"id": "a"}, {"resourceType": "Condition", "id": "b"})
    )
    assert kinds(stripped) == ["Encounter", "Condition"]
    assert stripped["entry"][0]["resource"]["diagnosis"] == [{"condition": {"reference": "urn:uuid:b"}}]
    assert "reasonCode" in stripped["entry"][0]["resource"]


def test_of_a_restricted_patient_all_diagnoses_and_reasons_stay_here() -> None:
    visit = {"resourceType": "Encounter", "id": "visit", "reasonCode": [{"text": "fall"}]}
    stripped = without_restricted(bundle(labelled("Patient", "R"), visit, {"resourceType": "Condition", "id": "a"}))
    assert kinds(stripped) == ["Patient", "Encounter"]
    assert "reasonCode" not in stripped["entry"][1]["resource"]


def test_what_is_not_labelled_is_left_as_it_is() -> None:
    whole = bundle({"resourceType": "Encounter", "id": "visit", "reasonCode": [{"text": "fall"}]})
    assert without_restricted(whole) is whole
