from pathlib import Path
from typing import Any

import pytest

from hub import registry
from hub.services.checks.check import check, message_folders
from hub.services.checks.feed_tests import Difference, run_tests
from hub.services.checks.feeds import complaints
from hub.settings import DEFAULT_CONFIG, DEFAULT_FIXTURES, Feed, PluginUse, Settings, files_of, load_file

EXAMPLES = Path(__file__).parents[4] / "fixtures" / "feeds"
FEEDS = [*files_of(DEFAULT_CONFIG, "feeds"), *sorted(EXAMPLES.glob("*.yaml"))]


@pytest.mark.parametrize("file", FEEDS, ids=lambda file: file.stem)
def test_a_feed_passes_its_own_tests(file: Path) -> None:
    """Each feed that ships, and each example, is sound and passes the tests that it carries."""
    registry.load_all()
    feed = load_file(file, Feed)
    assert list(complaints(feed)) == []
    assert list(run_tests(feed, message_folders(Settings(config=DEFAULT_CONFIG)))) == []


def differences(given: str, expect: dict[str, Any]) -> list[Difference]:
    """How a feed's only test comes out otherwise."""
    feed = Feed(name="mercy", adapter=PluginUse(kind="mllp"), tests=[{"given": given, "expect": expect}])  # type: ignore[arg-type]
    return list(run_tests(feed, [DEFAULT_FIXTURES]))


def test_a_difference_says_what_stands_there() -> None:
    """A test that comes out otherwise names the path, what it expected and what is there."""
    found = differences(
        "adt_a04/ed_arrival.hl7",
        {"Patient.gender": "unknown", "Patient.birthDate": None, "Encounter.class": "EMER", "Encounter.length": 1},
    )
    assert [(d.number, d.path) for d in found] == [
        (0, "Patient.gender"), (0, "Patient.birthDate"), (0, "Encounter.class"), (0, "Encounter.length"),
    ]  # fmt: skip
    assert found[0].text.startswith("must be 'unknown', but is '")
    assert found[1].text.startswith("must be nothing, but is '")
    assert found[2].text == "must be 'EMER', but is an object"
    assert found[3].text == "must be 1, but is nothing"


def test_a_missing_message_is_a_difference() -> None:
    """A message that is not there is what is wrong with its test."""
    (found,) = differences("nowhere.hl7", {"Patient.gender": "male"})
    assert found.path == "given"
    assert "nowhere.hl7: no such message" in found.text


def test_hub_check_runs_the_tests_of_feeds(tmp_path: Path) -> None:
    """A feed's test that fails is a problem of its file."""
    (tmp_path / "feeds").mkdir()
    tests = 'tests: [{given: adt_a04/ed_arrival.hl7, expect: {"Patient.active": false}}]'
    (tmp_path / "feeds" / "mercy.yaml").write_text(f"name: mercy\nadapter: {{kind: mllp}}\n{tests}\n")
    report = check(Settings(config=tmp_path))
    (problem,) = report.problems
    assert (problem.key, problem.text) == ("tests.0.Patient.active", "must be False, but is True")
    assert str(report).endswith("tests: 1 problem")


@pytest.mark.parametrize(
    ("profile", "key", "text"),
    [
        ("repairs: {PID-7: {from: x}}", "repairs.PID-7", "no repair is called 'from'; there are: clear, date"),
        ("repairs: {PID-7: {date: '%m/%d'}}", "repairs.PID-7", "'%m/%d' is no form of a day"),
        ("repairs: {PID-7: pad}", "repairs.PID-7", "pad needs an option"),
        ("repairs: {PID-7: {upper: 1}}", "repairs.PID-7", "upper has no such option"),
        ("repairs: {PID-7: {pad: 0}}", "repairs.PID-7", "pad needs a width"),
        ("repairs: {PID-3: {replace: {pattern: '(', by: ''}}}", "repairs.PID-3", "replace: missing )"),
        ("repairs: {PID-3: {replace: x}}", "repairs.PID-3", "replace needs a pattern and by"),
        ("repairs: {pid.3: upper}", "repairs.pid.3", "'pid.3' is no path such as PID-3"),
        ("defaults: {MSH-9: ADT}", "defaults.MSH-9", "MSH-9 is read before the profile is"),
        ("codes: {SUNLAB: {K: X}}", "codes.SUNLAB.K", "needs a system"),
        ("codes: {DG1-3: {K: {code: X, system: SUN}}}", "codes.DG1-3.K.system", "'SUN' is no URI and no name"),
        ("codes: {PV1-2: {K: {cod: X}}}", "codes.PV1-2.K.code", "Field required"),
        ("z_segments: {PID-3: {of: Patient, element: id}}", "z_segments.PID-3", "PID-3 is no field of a Z segment"),
        ("z_segments: {ZPI-3: {of: Patient}}", "z_segments.ZPI-3", "needs an extension or an element"),
        (
            "z_segments: {ZPI-3: {of: Person9, element: x}}",
            "z_segments.ZPI-3.of",
            "'Person9' is no resource of FHIR R4",
        ),
        ("z_segments: {ZPI-3: {of: Patient, element: x}}", "z_segments.ZPI-3.element", "Patient has no element 'x'"),
        ("z_segments: {ZPI-3: {of: Patient, element: contact}}", "z_segments.ZPI-3.element", "contact is a "),
        (
            "z_segments: {ZPI-3: {of: Patient, element: gender, type: date}}",
            "z_segments.ZPI-3.type",
            "gender is a code",
        ),
        ("z_segments: {ZPI-3: {of: Patient, extension: x}}", "z_segments.ZPI-3.extension", "'x' must be a URI"),
        ("z_segments: {ZPI-3: {of: Patient, extension: 'a:b', type: x}}", "z_segments.ZPI-3.type", "must be one of:"),
        ("tests: [{given: a, expect: {Patient: 1}}]", "tests.0.expect", "'Patient' is no path"),
        ("tests: [{given: a}]", "tests.0.expect", "Field required"),
    ],
)
def test_what_is_wrong_in_a_profile_is_named(tmp_path: Path, profile: str, key: str, text: str) -> None:
    """Everything wrong in a profile is a problem with its file, its key and what is allowed."""
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "mercy.yaml").write_text(f"name: mercy\nadapter: {{kind: mllp}}\n{profile}\n")
    (problem,) = check(Settings(config=tmp_path)).problems
    assert problem.file.endswith("mercy.yaml")
    assert problem.key.startswith(key)
    assert text in problem.text


def test_a_profile_is_for_hl7_messages(tmp_path: Path) -> None:
    """Rows and documents have no fields of segments that a profile could change."""
    (tmp_path / "feeds").mkdir()
    text = "name: fax\nadapter: {kind: folder, path: in}\nformat: document\ndefaults: {PV1-2: O}\n"
    (tmp_path / "feeds" / "fax.yaml").write_text(text)
    (problem,) = check(Settings(config=tmp_path)).problems
    assert (problem.key, problem.text) == ("defaults", "is for HL7 v2 messages only")
