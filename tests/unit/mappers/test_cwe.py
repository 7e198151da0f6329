from typing import Any

import pytest

from hub.fhir.codes import GENDER, LANGUAGE, MARITAL_STATUS, Table
from hub.formats.hl7v2.segment import STANDARD_SYNTAX, Segment
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.settings import Feed, Meaning
from tests.unit.mappers.adt_messages import FEED, context, repetition

V2 = "http://terminology.hl7.org/CodeSystem/v2-"
REFERENCE = "http://hl7.org/fhir/StructureDefinition/valueset-reference"


def codings(text: str, table: Table | None = None) -> list[dict[str, Any]]:
    """The codings that a CWE becomes."""
    found: list[dict[str, Any]] = cwe_codeableconcept(repetition(text), context(), table).get("coding", [])
    return found


def test_every_component() -> None:
    """No component of a CWE is lost: three codings with systems, versions and value sets, and the text."""
    first = "K^Potassium^99MCY^2823-3^Potassium SerPl^LN^1^2.77^Serum potassium^Kx^Potassium, serum^L^7"
    more = "1.2.1^1.2.2^20260101^2.16.840.1.113883.6.1^1.3.2^20250101^1.4.1^1.4.2^20240101"
    concept = cwe_codeableconcept(repetition(f"{first}^{more}"), context())
    assert concept == {
        "coding": [
            {
                "extension": [{"url": REFERENCE, "valueUri": "urn:oid:1.2.2|20260101"}],
                "system": "urn:oid:2.16.840.1.113883.3.7777",
                "version": "1",
                "code": "K",
                "display": "Potassium",
            },
            {
                "extension": [{"url": REFERENCE, "valueUri": "urn:oid:1.3.2|20250101"}],
                "system": "http://loinc.org",
                "version": "2.77",
                "code": "2823-3",
                "display": "Potassium SerPl",
            },
            {
                "extension": [{"url": REFERENCE, "valueUri": "urn:oid:1.4.2|20240101"}],
                "system": "urn:oid:1.4.1",
                "version": "7",
                "code": "Kx",
                "display": "Potassium, serum",
            },
        ],
        "text": "Serum potassium",
    }


def test_words_without_a_code() -> None:
    """Words without a code are a coding of their own when another text is that of the concept."""
    assert codings("^Haemolysed^99MCY^^^^^^cloudy and red") == [
        {"system": "urn:oid:2.16.840.1.113883.3.7777", "display": "Haemolysed"}
    ]
    assert codings("A^Alpha^99MCY^^Beta") == [
        {"system": "urn:oid:2.16.840.1.113883.3.7777", "code": "A", "display": "Alpha"},
        {"display": "Beta"},
    ]


def test_an_ampersand_that_was_not_escaped() -> None:
    """A display in which an ampersand was not escaped is kept whole."""
    assert codings("1^HEAD & NECK^99MCY")[0]["display"] == "HEAD & NECK"


def test_the_name_of_a_v2_code() -> None:
    """A code that stays in its v2 table has the table's own words where the sender gives none."""
    assert codings("7", Table("0023")) == [{"system": V2 + "0023", "code": "7", "display": "Emergency room"}]
    assert codings("MR^^HL70203") == [{"system": V2 + "0203", "code": "MR", "display": "Medical record number"}]
    assert codings("7^Planned", Table("0023"))[0]["display"] == "Planned"


def test_the_code_as_sent_stands_beside_its_meaning() -> None:
    """A translated code keeps what the sender wrote in a second coding, unless it would say no more."""
    meant, sent = codings("P^Domestic partner^HL70002", MARITAL_STATUS)
    assert (meant["code"], meant["display"]) == ("T", "Domestic partner")
    assert sent == {"system": V2 + "0002", "code": "P", "display": "Domestic partner"}
    assert [c["code"] for c in codings("M", MARITAL_STATUS)] == ["M"]
    assert [c["display"] for c in codings("M^Wed^^^^^^^Happily wed", MARITAL_STATUS)] == ["Married", "Wed"]


def test_a_code_of_the_target_system() -> None:
    """A language by its three letters means that of two, also when ISO 639 is named as its system."""
    assert [c["code"] for c in codings("eng^English^ISO639", LANGUAGE)] == ["en", "eng"]
    assert [c["code"] for c in codings("en^English^ISO639", LANGUAGE)] == ["en"]
    assert [c["code"] for c in codings("SPANISH", LANGUAGE)] == ["es", "SPANISH"]


@pytest.mark.parametrize(
    ("table", "severity"), [(MARITAL_STATUS, "warning"), (Table("0069"), "information"), (Table("0018"), "")]
)
def test_unknown_codes_are_reported(table: Table, severity: str) -> None:
    """A code that is not in its table is a warning where it was to be translated, else an information; a table of the
    site has all codes."""
    ctx = context()
    (sent,) = cwe_codeableconcept(repetition("ZZ9"), ctx, table)["coding"]
    assert sent == {"system": V2 + table.number, "code": "ZZ9"}
    assert [(i.code, i.severity.value) for i in ctx.issues] == ([("unmapped-code", severity)] if severity else [])


def test_a_local_code_with_a_meaning() -> None:
    """A code of a system that the feed's profile translates has its meaning first, and itself beside it."""
    codes = {"99MCY": {"K": Meaning(code="2823-3", system="LN", display="Potassium")}}
    feed = Feed(**{**FEED.model_dump(), "codes": codes})
    concept = cwe_codeableconcept(repetition("K^Kalium^99MCY"), context(feed=feed))
    assert concept["coding"] == [
        {"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"},
        {"system": "urn:oid:2.16.840.1.113883.3.7777", "code": "K", "display": "Kalium"},
    ]


def test_a_required_code_and_what_came_with_it() -> None:
    """An element of a required binding has the code, and what the sender wrote more in the extension beside it."""
    segment = Segment("PID||||||||F^Female^HL70001", "PID", 1, 2, STANDARD_SYNTAX)
    made = cwe_code("gender", segment[8], GENDER, context())
    assert made["gender"] == "female"
    (beside,) = made["_gender"]["extension"]
    assert beside["valueCodeableConcept"]["coding"] == [{"system": V2 + "0001", "code": "F", "display": "Female"}]
    plain = Segment("PID||||||||F", "PID", 1, 2, STANDARD_SYNTAX)
    assert cwe_code("gender", plain[8], GENDER, context()) == {"gender": "female"}


def test_the_words_of_a_single_coding() -> None:
    """Where only one Coding can stand, words that it does not say itself are kept with it."""
    assert cwe_coding(repetition("^by foot"), context()) == {"display": "by foot"}
    assert cwe_coding(repetition("A^Ambulance"), context(), Table("0430"))["display"] == "Ambulance"
    (said,) = cwe_coding(repetition("A^Ambulance^HL70430^^^^^^came by helicopter"), context(), Table("0430"))[
        "extension"
    ]
    assert said == {
        "url": "http://hl7.org/fhir/StructureDefinition/originalText",
        "valueString": "came by helicopter",
    }
