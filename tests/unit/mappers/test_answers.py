"""Answers: MessageHeader.response, and what the answering system found wrong as an OperationOutcome of its own."""

from hub.model import Json
from tests.unit.mappers.clinical import all_of, at, fixture, one_of


def header(name: str) -> Json:
    """The MessageHeader of a fixture."""
    return one_of(fixture(name), "MessageHeader")


def test_plain_acceptance() -> None:
    """An acknowledgement that says no more than yes has a response, and no outcome."""
    bundle = fixture("ack_r01/accepted")
    assert one_of(bundle, "MessageHeader")["response"] == {"identifier": "LIS-25", "code": "ok"}
    assert all(one["issue"][0]["details"]["coding"][0]["code"] != "0" for one in all_of(bundle, "OperationOutcome"))


def test_what_was_wrong() -> None:
    """The response leads to the sender's outcome: MSA and each ERR as an issue with place, code, severity, words."""
    bundle = fixture("ack_r01/result_refused")
    response = one_of(bundle, "MessageHeader")["response"]
    assert response["code"] == "transient-error"
    whole, missing, unknown = at(bundle, response["details"])["issue"]
    assert (whole["code"], whole["details"]["text"]) == ("exception", "No such order")
    assert missing["expression"] == ["PID[1]-5[1].1", "ORC[1]-2"]
    assert (missing["code"], missing["details"]["text"]) == ("required", "Please send the order number")
    assert [one["code"] for one in missing["details"]["coding"]] == ["101", "APP-7"]
    assert "order 17 not found" in missing["diagnostics"].split("\n")
    assert (unknown["severity"], unknown["code"]) == ("warning", "code-invalid")


def test_control_id_that_is_no_id_of_fhir() -> None:
    """A control id with other characters is written as an id, and as sent beside it."""
    response = header("ack_r01/result_refused")["response"]
    assert response["identifier"] == "LIS-2026-17"
    assert response["_identifier"]["extension"][0]["valueString"] == "LIS_2026/17"


def test_error_locations_before_2_5() -> None:
    """Each repetition of the old ERR-1 is an issue, with its code in subcomponents."""
    bundle = fixture("ack_r01/refused_by_version_2_3")
    response = one_of(bundle, "MessageHeader")["response"]
    _, order, table = at(bundle, response["details"])["issue"]
    assert (order["code"], order["expression"]) == ("structure", ["PID[1]-5"])
    assert table["details"]["coding"][0]["code"] == "103"


def test_refused_order_says_why() -> None:
    """An answer to an order has its outcome beside the order."""
    bundle = fixture("orl_o22/order_refused")
    issues = at(bundle, one_of(bundle, "MessageHeader")["response"]["details"])["issue"]
    assert issues[1]["details"]["text"] == "This laboratory has no such test"
    assert one_of(bundle, "ServiceRequest")["status"] == "revoked"


def test_old_query() -> None:
    """A query of before version 2.4 is Parameters as later ones are, and so is what it asks to be continued by."""
    asked = {
        one["name"]: one
        for made in all_of(fixture("qry_a19/demographics_wanted"), "Parameters")
        for one in made["parameter"]
    }
    assert asked["QRD-1"]["valueDateTime"] == "2026-03-02T12:30:00-05:00"
    assert asked["QRD-9"]["valueCodeableConcept"]["coding"][0]["code"] == "DEM"
    assert asked["QRF-2"]["valueDateTime"] == "2026-01-01"
    answer = fixture("adr_a19/patient_found")
    assert one_of(answer, "Patient")["name"][0]["family"] == "Andrews"
    assert any(one["name"] == "DSC-1" for made in all_of(answer, "Parameters") for one in made["parameter"])
