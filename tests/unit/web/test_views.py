from datetime import UTC, datetime

import pytest

from hub.web import hl7, wording
from hub.web.resources import resources


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-09T14:20:00-04:00", ">2026-03-09 18:20<"),
        ("2026-03-09T14:20Z", ">2026-03-09 14:20<"),
        ("2026-03-09", "<time>2026-03-09</time>"),
        ("2026-03-09T14:20:00", "<time>2026-03-09T14:20:00</time>"),
        ("<b>", "<time>&lt;b&gt;</time>"),
        ("", ""),
    ],
)
def test_times_are_shown_in_utc(text: str, shown: str) -> None:
    """A time with an offset is shown in UTC; a date, a time without one and what is no time stay as they are."""
    assert shown in str(wording.when(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-03-09T11:59:30Z", "just now"),
        ("2026-03-09T11:01:00Z", "59 min ago"),
        ("2026-03-08T11:00:00Z", "25 h ago"),
        ("2026-03-06T11:00:00Z", "3 d ago"),
        ("", ""),
    ],
)
def test_recent_times_are_told_in_words(text: str, said: str) -> None:
    """How long ago, in the largest unit that fits."""
    assert wording.ago(text, datetime(2026, 3, 9, 12, tzinfo=UTC)) == said


def test_fields_are_numbered_as_the_standard_does() -> None:
    """MSH-1 is the separator; empty fields are left out; a segment nobody knows has numbers only."""
    msh, z = hl7.segments("MSH#^~\\&#ADT##HUB\nZXX##a#\n", {})
    assert [(f.number, f.text) for f in msh.fields] == [(1, "#"), (2, "^~\\&"), (3, "ADT"), (5, "HUB")]
    assert msh.fields[2].name == "Sending Application"
    assert [(f.number, f.name, f.text) for f in z.fields] == [(2, "", "a")]


def test_remarks_stand_at_their_place() -> None:
    """A remark marks the field of the segment that its path names, also one that is empty, or the whole segment."""
    text = "MSH|^~\\&\nOBX|1\nOBX|2||x\nPID|1"
    first, second, pid = hl7.segments(text, {"OBX[2]-3.1": "why", "PID-3": "missing", "OBX": "all"})[1:]
    assert (first.notes, second.notes) == (("OBX: all",), ())
    assert [f.notes for f in second.fields if f.number == 3] == [("OBX[2]-3.1: why",)]
    assert [(f.number, f.text) for f in pid.fields] == [(1, "1"), (3, "")]


def test_a_resource_is_told_by_name_and_status() -> None:
    """The line of a resource says its name or code, and its status."""
    bodies = [
        {"resourceType": "Patient", "id": "1", "name": [{"family": "Andrews", "given": ["Harold", "J"]}]},
        {"resourceType": "Encounter", "class": {"code": "IMP"}, "status": "finished"},
        {"resourceType": "Condition", "code": {"coding": [{"code": "I50.9", "display": "Heart failure"}]}},
        {"resourceType": "Provenance", "name": []},
    ]
    found = resources({"entry": [{"resource": body} for body in bodies]})
    assert [r.label for r in found] == ["Harold J Andrews", "IMP · finished", "Heart failure", ""]
    assert resources(None) == []


def test_json_is_escaped() -> None:
    """Members and values of a resource are text."""
    (found,) = resources({"entry": [{"resource": {"resourceType": "Basic", "<i>": "<script>"}}]})
    assert "<i>" not in found.json
    assert "<script>" not in found.json
