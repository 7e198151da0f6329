from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.formats.hl7v2 import parse
from hub.mappers.context import Context
from hub.mappers.profile import apply_profile
from hub.mappers.z_segment import z_segment
from hub.settings import Feed
from tests.unit.mappers.adt_messages import FEED, PID, adt, codes, only, pv1, raw, resources


def feed(**profile: Any) -> Feed:
    """The feed with a profile."""
    return Feed(**{**FEED.model_dump(), **profile})


def test_no_profile_is_nothing() -> None:
    """A feed without a profile changes no field."""
    assert FEED.profile == {}
    assert FEED.z_fields == {}


@pytest.mark.parametrize(
    ("repair", "sent", "made"),
    [
        ("strip", " 4711 ", "4711"),
        ("upper", "ab1", "AB1"),
        ("lower", "AB1", "ab1"),
        ("digits", "47-11", "4711"),
        ({"pad": 6}, "4711", "004711"),
        ({"replace": {"pattern": "^M0*(.*)", "by": r"\1"}}, "M0047", "47"),
        (["strip", {"clear": ["0000"]}, {"pad": 3}], " 12 ", "012"),
    ],
)
def test_repairs(repair: Any, sent: str, made: str) -> None:
    """A repair changes the value of every repetition before it is mapped, and says so with its path."""
    made_of = adt("A08", f"PID|1||1^^^MERCY^MR~{sent}^^^MERCY^PI||Andrews^Harold", feed=feed(repairs={"PID-3": repair}))
    assert only(made_of, "Patient")["identifier"][1]["value"] == made
    assert ("repaired", "PID-3[2]") in codes(made_of)


@pytest.mark.parametrize(
    ("form", "sent", "born"),
    [
        ("%m/%d/%Y", "09/14/1955", "1955-09-14"),
        ("%d.%m.%y", "14.09.55", "2055-09-14"),
        ("%m/%d/%Y", "19550914", "1955-09-14"),
    ],
)
def test_dates(form: str, sent: str, born: str) -> None:
    """A date of the sender's own form becomes one of HL7; what is of another form is left to the mapper."""
    made = adt("A08", f"PID|1||1^^^MERCY^MR||Andrews||{sent}", feed=feed(repairs={"PID-7": {"date": form}}))
    assert only(made, "Patient")["birthDate"] == born


def test_delimiters_in_a_repaired_value() -> None:
    """What a repair writes is one value, whatever is in it."""
    repairs = {"PID-5": {"replace": {"pattern": "and", "by": "&|^"}}}
    made = adt("A08", "PID|1||1^^^MERCY^MR||Sandman^Harold", feed=feed(repairs=repairs))
    assert only(made, "Patient")["name"][0]["family"] == "S&|^man"


def test_defaults() -> None:
    """An empty field, and an empty component beside others, has the default; an explicit null stays one."""
    profile = feed(defaults={"PV1-2": "O", "PID-3.4": "LAKESIDE", "PID-8": "U", "PID-18.4": "X"})
    made = adt("A08", 'PID|1||70045||Andrews^Harold|||""', pv1({2: ""}), feed=profile)
    patient = only(made, "Patient")
    assert patient["identifier"][0]["system"] == "urn:oid:2.16.840.1.113883.3.4471"
    assert "gender" not in patient
    assert only(made, "Encounter")["class"]["code"] == "AMB"
    assert {("defaulted", "PID-3.4"), ("defaulted", "PV1-2")} <= set(codes(made))
    assert not [path for code, path in codes(made) if code == "defaulted" and path.startswith("PID-18")]


def test_codes_of_a_field() -> None:
    """A local code is translated before it is mapped, and stands beside what it means."""
    profile = feed(codes={"PID-8": {"1": "M"}, "PV1-14": {"WALK": {"code": "7", "display": "Emergency room"}}})
    made = adt("A08", PID.replace("|M", "|1"), pv1({14: "WALK^Walked in"}), feed=profile)
    assert only(made, "Patient")["gender"] == "male"
    source = only(made, "Encounter")["hospitalization"]["admitSource"]
    assert [(c["code"], c["display"]) for c in source["coding"]] == [("7", "Emergency room"), ("WALK", "Walked in")]
    assert ("translated", "PV1-14") in codes(made)


def test_a_code_of_another_system() -> None:
    """A local code may mean one of a standard system."""
    diagnosis = {"CHF": {"system": "SCT", "code": "42343007", "display": "Congestive heart failure"}}
    made = adt("A08", PID, "DG1|1||CHF^Heart failure^L", feed=feed(codes={"DG1-3": diagnosis}))
    meant, sent = only(made, "Condition")["code"]["coding"]
    assert (meant["system"], meant["code"]) == ("http://snomed.info/sct", "42343007")
    assert (sent["code"], sent["display"]) == ("CHF", "Heart failure")


Z_FIELDS = {
    "ZPI-2": {"of": "Patient", "extension": "https://mercy.example/cohort", "type": "CodeableConcept"},
    "ZPI-3.2": {"of": "Patient", "extension": "https://mercy.example/portal", "type": "boolean"},
    "ZPI-4": {"of": "Patient", "element": "identifier"},
    "ZPI-5": {"of": "Patient", "element": "birthDate"},
    "ZPI-6": {"of": "Appointment", "extension": "https://mercy.example/x"},
}


def test_z_fields() -> None:
    """Fields of Z segments become extensions and elements, with all repeats, and no Basic is left."""
    made = adt(
        "A08",
        PID,
        "ZPI|1|KID^Kidney^L~HRT|x&y^Y|C-77^^^MERCY^PI",
        feed=feed(z_segments={**Z_FIELDS, "ZPI-3.1": Z_FIELDS["ZPI-3.2"] | {"type": "string"}}),
    )
    patient = only(made, "Patient")
    said = [(e["url"].rpartition("/")[2], *[v for k, v in e.items() if k != "url"]) for e in patient["extension"]]
    assert [(name, value.get("text", value["coding"][0]["code"])) for name, value in said[:2]] == [
        ("cohort", "Kidney"),
        ("cohort", "HRT"),
    ]
    assert ("portal", True) in said
    assert [i["value"] for i in patient["identifier"]] == ["70045", "C-77"]
    assert resources(made, "Basic") == []


def test_what_a_z_segment_says_more_is_kept() -> None:
    """A field without a place, a value that is none and a resource that there is not leave the segment in a Basic."""
    for sent, noticed in (("|||||||more", ""), ("|||^maybe", "value"), ("|||||||", ""), ("|||||x", "no-target")):
        made = adt("A08", PID, f"ZPI|1{sent}", feed=feed(z_segments=Z_FIELDS))
        assert bool(resources(made, "Basic")) == bool(sent.strip("|"))
        assert not noticed or noticed in [code for code, _ in codes(made)]


def test_an_element_that_has_a_value_keeps_it() -> None:
    """A Z field does not replace what the message says in a standard field."""
    made = adt("A08", PID, "ZPI|1||||19600101", feed=feed(z_segments=Z_FIELDS))
    assert only(made, "Patient")["birthDate"] == "1955-09-14"
    assert ("value", "ZPI-5") in codes(made)
    assert resources(made, "Basic")


ANYTHING = feed(
    repairs={"PID-3.4.2": ["strip", {"pad": 4}], "PID-5": "upper", "PID-7": {"date": "%d.%m.%Y"}, "MSH-3": "lower"},
    defaults={"PID-3.4": "MERCY", "PID-8": "^~&", "PV1-2": "O"},
    codes={"PID-8": {"1": {"code": "M|", "system": "LN", "display": "a^b"}}},
    z_segments=Z_FIELDS,
)
text = st.text('aZ1.^~&\\"#T ', max_size=12)


@given(st.sampled_from(("^~\\&", "^~\\&#", "^~", "^~\\", "*%!@")), st.lists(st.lists(text, max_size=9), max_size=4))
def test_any_message_stands_a_profile(marks: str, fields: list[list[str]]) -> None:
    """Whatever is in the fields, and whatever delimiters the message has, a profile changes it without an error."""
    names = ("PID", "ZPI", "PV1", "PID")
    lines = ["|".join((name, *rest)) for name, rest in zip(names, fields, strict=False)]
    message = parse("\r".join([f"MSH|{marks}|HIS|MERCY|||||ADT{marks[0]}A08|1|P|2.5", *lines]).encode())
    ctx = Context(raw("MSH|^~\\&|HIS|MERCY"), ANYTHING, message)
    apply_profile(message, ctx.feed.profile, ctx)
    for segment in message.all("ZPI"):
        z_segment(segment, ctx)
    assert all(issue.path for issue in ctx.issues)
