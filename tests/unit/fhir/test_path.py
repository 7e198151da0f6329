from typing import Any

import pytest

from hub.fhir.path import steps, values_at

BUNDLE = {
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "name": [{"family": "Alder", "given": ["June", "May"]}, {"family": "Ash"}],
                "extension": [{"url": "https://a.example/x", "valueString": "one"}],
                "multipleBirthInteger": 2,
            }
        },
        {"resource": {"resourceType": "Observation", "id": "a"}},
        {"resource": {"resourceType": "Observation", "id": "b"}},
    ]
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("Patient.name.family", ["Alder", "Ash"]),
        ("Patient.name[1].family", ["Ash"]),
        ("Patient.name[0].given[1]", ["May"]),
        ("Patient.name[5].family", []),
        ("Patient.extension('https://a.example/x').valueString", ["one"]),
        ("Patient.extension('https://a.example/y').valueString", []),
        ("Patient.multipleBirthInteger", [2]),
        ("Observation.id", ["a", "b"]),
        ("Observation[1].id", ["b"]),
        ("Encounter.id", []),
    ],
)
def test_values(path: str, values: list[Any]) -> None:
    """A path means all that there are of a list, or the one of a number."""
    assert values_at(BUNDLE, path) == values


@pytest.mark.parametrize("path", ["", "Patient", "Patient.", ".name.x", "Patient..name", "Patient.name('x')", "a b.c"])
def test_no_path(path: str) -> None:
    """What is no path is said to be none."""
    with pytest.raises(ValueError, match="is no path"):
        steps(path)
