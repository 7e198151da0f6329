import pytest

from hub.fhir.systems import V2
from hub.model import Json
from tests.unit.mappers.adt_messages import PID, adt, codes, only, pv1, resources, segment

SECOND = PID.replace("70045", "80045").replace("Harold", "Samuel")


def components(observation: Json) -> dict[str, Json]:
    """What an Observation states, by the name of each fact."""
    return {one["code"]["text"]: {k: v for k, v in one.items() if k != "code"} for one in observation["component"]}


def test_second_patient() -> None:
    """Segments after a second PID are the second patient's, also those before his PV1."""
    mother = "NK1|1|Brook^Ellen|MTH"
    made = adt("A08", PID, pv1(), "NK1|1|Andrews^Martha|SPO", SECOND, mother, "AL1|1|FA|1^Nuts^L", pv1({19: "V2"}))
    first, second = resources(made, "Patient")
    assert [contact["name"]["given"] for contact in first["contact"]] == [["Martha"]]
    assert [contact["name"]["given"] for contact in second["contact"]] == [["Ellen"]]
    subjects = [r["subject"]["reference"][9:] for r in resources(made, "Encounter")]
    assert subjects == [first["id"], second["id"]]
    assert only(made, "AllergyIntolerance")["patient"]["reference"] == f"urn:uuid:{second['id']}"


def test_swap() -> None:
    """Two patients who change beds have a visit each."""
    made = adt("A17", PID, pv1(), SECOND, pv1({19: "V2^^^MERCY", 3: "2E^7"}))
    assert len(resources(made, "Patient")) == len(resources(made, "Encounter")) == 2


def test_order_of_segments() -> None:
    """PV2 before PV1 and NK1 before PID say the same as in their places."""
    pv2 = segment("PV2", {3: "R07.9^Chest pain^I10C"})
    made = adt("A04", "NK1|1|Andrews^Martha|SPO", pv2, pv1(), PID)
    assert only(made, "Encounter")["reasonCode"][0]["text"] == "Chest pain"
    assert only(made, "Patient")["contact"][0]["name"]["family"] == "Andrews"


def test_no_number_but_a_name() -> None:
    """A patient without a number is nobody but the patient of his message, whatever his name."""

    def identity(control: str) -> str:
        made = adt("A28", "PID|1||||Andrews^Harold||19550914|M", msh={10: control})
        assert ("101", "PID-3") in codes(made)
        return str(only(made, "Patient")["id"])

    assert identity("1") == identity("1") != identity("2")


def test_account_and_visit_of_each_patient() -> None:
    """The account of one patient is not the account of the next one's visit."""
    with_account = segment("PID", {3: "70045^^^MERCY^MR", 5: "Andrews^Harold", 18: "A1"})
    made = adt("A17", with_account, pv1(), SECOND, pv1({19: "V2"}))
    assert ["account" in encounter for encounter in resources(made, "Encounter")] == [True, False]


def test_social_situation() -> None:
    """What PD1 says of a patient's life is one Observation of him, each fact by its name."""
    pd1 = segment("PD1", {1: "S", 2: "A", 8: "Y", 11: "N", 13: "20260101"})
    observation = only(adt("A28", PID, pd1), "Observation")
    found = components(observation)
    assert found["Living arrangement"]["valueCodeableConcept"]["coding"][0]["system"] == V2 + "0220"
    assert found["Protection since"] == {"valueDateTime": "2026-01-01"}
    assert observation["category"][0]["coding"][0]["code"] == "social-history"
    assert "focus" not in observation


def test_living_will() -> None:
    """A living will has the code of the HL7 v2-to-FHIR guide."""
    observation = only(adt("A28", PID, segment("PD1", {7: "Y"})), "Observation")
    assert observation["code"]["coding"][0]["code"] == "75320-2"
    assert observation["valueCodeableConcept"]["coding"][0]["code"] == "Y"


def test_duplicate_patient() -> None:
    """Another record of the same person (PD1-10) is linked by its number."""
    link = only(adt("A28", PID, segment("PD1", {10: "70046^^^MERCY^MR"})), "Patient")["link"]
    assert (link[0]["type"], link[0]["other"]["identifier"]["value"]) == ("seealso", "70046")


def test_facts_of_the_visit() -> None:
    """Accounting data of a visit is an Observation about the visit."""
    made = adt("A01", PID, pv1({20: "MC^20260101", 46: "120.50", 51: "V"}))
    observation = only(made, "Observation")
    found = components(observation)
    assert found["Financial class"]["valueCodeableConcept"]["coding"][0]["code"] == "MC"
    assert found["Financial class since"] == {"valueDateTime": "2026-01-01"}
    assert observation["focus"][0]["reference"][9:] == only(made, "Encounter")["id"]


def test_precautions() -> None:
    """Precautions are flags of the patient for the visit."""
    flags = resources(adt("A01", PID, pv1(), segment("PV2", {41: "A~P"})), "Flag")
    assert [flag["code"]["coding"][0]["code"] for flag in flags] == ["A", "P"]


def test_relative_with_facts() -> None:
    """What is known of a relative's life is about the relative, and not about the patient."""
    nk1 = segment("NK1", {2: "Andrews^Martha", 3: "SPO", 10: "Teacher", 14: "M"})
    made = adt("A28", PID, nk1)
    observation = only(made, "Observation")
    assert observation["focus"][0]["reference"][9:] == only(made, "RelatedPerson")["id"]
    assert components(observation)["Job title"] == {"valueString": "Teacher"}


def test_employer_with_a_person_to_speak_to() -> None:
    """An employer is a contact, the person there another, and the job the patient's own."""
    nk1 = segment(
        "NK1", {2: "Rail Works", 3: "EMR", 4: "1 Station Rd", 10: "Signalman", 30: "Boss^Bea", 32: "2 Hill St"}
    )
    made = adt("A28", PID, nk1)
    contacts = only(made, "Patient")["contact"]
    assert [contact["name"]["family"] for contact in contacts] == ["Rail Works", "Boss"]
    assert [contact["address"]["line"] for contact in contacts] == [["1 Station Rd"], ["2 Hill St"]]
    assert "focus" not in only(made, "Observation")


def test_mother_of_a_newborn() -> None:
    """The mother of a newborn is a related person under her own numbers."""
    mother = only(adt("A28", segment("PID", {3: "1^^^MERCY", 5: "Baby", 21: "9^^^MERCY~10^^^STATE"})), "RelatedPerson")
    assert [number["value"] for number in mother["identifier"]] == ["9", "10"]
    assert mother["relationship"][0]["coding"][0]["code"] == "MTH"


def test_last_update() -> None:
    """When and where the record last changed is the Provenance of the patient."""
    made = adt("A31", segment("PID", {3: "1^^^MERCY", 5: "A", 33: "202603010900-0500", 34: "LAKESIDE"}))
    update = resources(made, "Provenance")[0]
    assert update["occurredDateTime"] == "2026-03-01T09:00:00-05:00"
    assert update["agent"][0]["who"]["display"] == "LAKESIDE"


@pytest.mark.parametrize(
    ("race", "parts"),
    [
        ("2106-3^White^CDCREC", ["ombCategory", "text"]),
        ("2106-3~2028-9", ["ombCategory", "ombCategory", "text"]),
        ("2108-9^European^CDCREC", ["detailed", "text"]),
        ("W^White^L", ["text"]),
    ],
)
def test_race(race: str, parts: list[str]) -> None:
    """A race is a category or a detail of the CDC's codes, else words alone, and then its code is an Observation."""
    made = adt("A28", segment("PID", {3: "1^^^MERCY", 5: "A", 10: race}))
    (extension,) = only(made, "Patient")["extension"]
    assert [part["url"] for part in extension["extension"]] == parts
    assert bool(resources(made, "Observation")) == (parts == ["text"])


def test_hour_of_birth_of_a_related_person() -> None:
    """A relative's hour of birth stands beside his birth date, as the patient's own."""
    made = adt("A04", PID, segment("NK1", {2: "Andrews^Ann", 3: "CHD", 16: "19920110045504-0500"}))
    person = only(made, "RelatedPerson")
    assert person["birthDate"] == "1992-01-10"
    assert person["_birthDate"]["extension"][0]["valueDateTime"] == "1992-01-10T04:55:04-05:00"


def test_race_in_other_codes_beside_the_category() -> None:
    """US Core has room for one code of a category: the sender's others stand beside it, and are no Observation."""
    sent = "2106-3^White^HL70005^W^White^L~W^White^HL70005"
    made = adt("A28", segment("PID", {3: "1^^^MERCY", 5: "A", 10: sent, 22: "N^Not Hispanic^HL70189"}))
    race, ethnicity = only(made, "Patient")["extension"]
    category = race["extension"][0]["valueCoding"]
    (beside,) = category["_code"]["extension"]
    codes = [one["code"] for one in beside["valueCodeableConcept"]["coding"]]
    assert (category["code"], codes) == ("2106-3", ["2106-3", "W"])
    (beside,) = ethnicity["extension"][0]["valueCoding"]["_code"]["extension"]
    assert beside["valueCodeableConcept"]["coding"][0]["system"].endswith("v2-0189")


def test_deleted_person() -> None:
    """A person who is deleted is not active any more."""
    assert only(adt("A29", PID), "Patient")["active"] is False


def test_announced() -> None:
    """The time of an event that is only announced (EVN-3) is the planned start or end of the visit."""

    def planned(event: str, pv2: str = "PV2") -> list[tuple[str, str]]:
        encounter = only(adt(event, PID, pv1(), pv2, evn={3: "20260310"}), "Encounter")
        return [(e["url"].rpartition(".")[2], e["valueDateTime"]) for e in encounter.get("extension", ())]

    assert planned("A14") == [("plannedStartDate", "2026-03-10")]
    assert planned("A16") == [("plannedEndDate", "2026-03-10")]
    assert planned("A01") == []
    assert planned("A14", segment("PV2", {8: "20260311"})) == [("plannedStartDate", "2026-03-11")]


def test_restricted_access() -> None:
    """A restriction before PV1 labels the patient, one after it the visit; one that is taken away labels nothing."""
    arv = "ARV|1|A|DEM||||R"
    made = adt("A08", PID, arv, pv1(), arv.replace("DEM", "LOC"), "ARV|3|D|ALL")
    labels = [[one["code"] for one in only(made, kind)["meta"]["security"]] for kind in ("Patient", "Encounter")]
    assert labels == [["DEM", "R"], ["LOC", "R"]]


def test_participation() -> None:
    """Who takes part is of the visit after PV1, and before it the primary care provider or of the care team."""
    doctor = "1122334459^Quick^Ben"
    made = adt("A08", PID, f"PRT|1|AD||PP|{doctor}", f"PRT|2|AD||CP|{doctor}", pv1(), f"PRT|3|AD||AT|{doctor}")
    assert len(only(made, "Patient")["generalPractitioner"]) == 1
    assert len(only(made, "CareTeam")["participant"]) == 1
    assert len(only(made, "Encounter")["participant"]) == 1


def test_header() -> None:
    """The header says to whom the message goes, of which type and version it is, and which software made it."""
    fields = {5: "HUB", 6: "CARE", 8: "SEC", 15: "AL", 16: "NE", 17: "USA", 19: "en", 21: "P-1^MERCY"}
    made = adt("A01", "SFT|Soft|1.2|HIS", PID, pv1(), msh=fields)
    header = only(made, "MessageHeader")
    assert header["destination"][0]["name"] == "HUB"
    assert header["destination"][0]["receiver"]["display"] == "CARE"
    assert header["source"]["software"] == "HIS"
    assert header["language"] == "en"
    assert {"P", "ADT", "2.5.1", "AL", "NE", "P-1"} <= {tag["code"] for tag in header["meta"]["tag"]}
    assert header["extension"][0]["valueCode"] == "never"


def test_credential() -> None:
    """A sender's credential is in no bundle."""
    made = adt("A01", "UAC|KERB|^TEXT^^A^hush-hush", PID, pv1())
    assert "hush-hush" not in str(made.bundle)
    assert ("not-kept", "UAC") in codes(made)
