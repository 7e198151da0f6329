"""Queries and their answers: QPD, QAK and RCP as Parameters, and the patients that were found."""

from tests.unit.mappers.clinical import all_of, fixture


def parameters(name: str) -> dict[str, dict]:
    """The parameters of a fixture by their names."""
    return {one["name"]: one for made in all_of(fixture(name), "Parameters") for one in made["parameter"]}


def test_query_for_a_history() -> None:
    """The fields of CDC's query are a number, names, a day and an address, by their own data types."""
    asked = parameters("qbp_q11/request_immunization_history")
    assert asked["QPD-3"]["valueIdentifier"]["value"] == "P-77120"
    assert asked["QPD-4"]["valueHumanName"]["family"] == "Lindqvist"
    assert asked["QPD-6"]["valueDateTime"] == "2021-05-14"
    assert asked["QPD-8"]["valueAddress"]["city"] == "Duluth"


def test_query_by_fields() -> None:
    """A query by fields of a segment (``@PID.5.1``) is named by the field."""
    asked = parameters("rsp_k22/two_candidates")
    assert asked["@PID.5.1"]["valueString"] == "LINDQVIST"
    assert asked["@PID.8"]["valueString"] == "F"


def test_every_candidate() -> None:
    """An answer with two patients has both, and what follows a patient is of that one."""
    bundle = fixture("rsp_k22/two_candidates")
    first, second = all_of(bundle, "Patient")
    assert "contact" not in first
    assert second["contact"][0]["name"]["family"] == "Lindqvist"
