import orjson
import pytest

from hub.identity.demographics import Demographics, read
from hub.identity.normal import letters
from hub.model import Json


def patient(**members: object) -> Json:
    return {"resourceType": "Patient", **members}


def test_names_are_compared_without_accents_case_and_marks() -> None:
    """A name is its letters: accents, case, apostrophes and hyphens do not tell people apart."""
    assert letters("O'Brien-Núñez") == letters("OBRIEN NUNEZ") == "obriennunez"


def test_the_primary_name_counts() -> None:
    """Maiden and former names are not the name that is compared."""
    names = [{"use": "maiden", "family": "Stone", "given": ["Ruth"]}, {"family": "Okafor", "given": ["Ruth", "A"]}]
    said = read(patient(name=names), "any")
    assert (said.family, said.given, said.name) == ("okafor", "ruth", "Ruth A Okafor")


def test_phones_are_their_last_ten_digits() -> None:
    """A country code, blanks and brackets do not make another number; one repeated digit is no number."""
    numbers = ["+1 845 5550142", "(845) 555-0142", "999-999-9999"]
    said = read(patient(telecom=[{"system": "phone", "value": n} for n in numbers]), "any")
    assert said.phones == ("8455550142",)


def test_only_a_systems_own_number_is_a_key() -> None:
    """Social security, insurance and account numbers corroborate, but they are no key of a source record."""
    identifiers = [
        {"system": "urn:oid:1.2.3", "value": "70045"},
        {"assigner": {"display": "LAKESIDE"}, "value": "70045"},
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "219-09-9998"},
        {"type": {"coding": [{"code": "MC"}]}, "value": "1EG4"},
    ]
    said = read(patient(identifier=identifiers), "mercy")
    assert said.keys == ("urn:oid:1.2.3|70045", "urn:carering:namespace:LAKESIDE|70045")
    assert said.ssn == "219099998"
    assert said.others == ("urn:carering:feed:mercy|1EG4",)


def test_placeholders_say_nothing() -> None:
    """A filled-in birth date is none, and a newborn's placeholder is no name to match by."""
    assert read(patient(birthDate="1900-01-01"), "any").birth_date == ""
    numbers = [{"system": "phone", "value": "123-456-7890"}]
    nowhere = [{"line": ["Homeless"], "postalCode": "12508"}]
    social = [{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "123-45-6789"}]
    said = read(patient(telecom=numbers, address=nowhere, identifier=social), "any")
    assert (said.phones, said.address, said.ssn) == ((), "", "")


@pytest.mark.parametrize(
    ("family", "given", "named"),
    [
        ("Moss", "BABY GIRL A", False),
        ("Moss", "BB Anna", False),
        ("Moss", "Boy", False),
        ("Unknown", "Unknown", False),
        ("Doe", "John", False),
        ("Doe", "Harold", True),
        ("Moss", "Boyd", True),
    ],
)
def test_a_name_that_was_filled_in_is_none(family: str, given: str, named: bool) -> None:
    """Newborns without a name yet and patients whom nobody knows are matched by no name; people called Boyd are."""
    said = read(patient(name=[{"family": family, "given": [given]}], birthDate="2026-03-01"), "any")
    assert said.named is named


def test_demographics_survive_json() -> None:
    """What is written to the database is read back as it was."""
    said = read(patient(name=[{"family": "Andrews", "given": ["Harold"]}], telecom=[{"value": "8455550142"}]), "any")
    assert Demographics.from_json(orjson.loads(orjson.dumps(said))) == said
