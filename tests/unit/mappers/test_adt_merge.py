from hub.model import Conversion, Json
from tests.unit.mappers.adt_messages import PID, adt, codes, only, pv1, resources, segment

MRG = "MRG|70099^^^MERCY^MR||A144^^^MERCY^AN||V899^^^MERCY^VN|X899^^^MERCY|Andros^Harold"
ACCOUNT = segment("PID", {3: "70045^^^MERCY^MR", 5: "Andrews^Harold", 18: "A145^^^MERCY^AN"})


def at(made: Conversion, reference: Json) -> Json:
    """The resource that a Reference of the bundle leads to."""
    found: Json = next(e["resource"] for e in made.bundle["entry"] if e["fullUrl"] == reference["reference"])
    return found


def numbers(resource: Json) -> list[tuple[str, str]]:
    """The values of its identifiers and their uses."""
    return [(one["value"], one.get("use", "")) for one in resource["identifier"]]


def test_accounts_merged() -> None:
    """The account that is given up is inactive and part of the one that stays."""
    made = adt("A41", ACCOUNT, "MRG|70045^^^MERCY^MR||A144^^^MERCY^AN")
    kept, retired = resources(made, "Account")
    assert (kept["status"], retired["status"]) == ("active", "inactive")
    assert at(made, retired["partOf"]) is kept
    assert len(resources(made, "Patient")) == 1


def test_patients_and_accounts_merged() -> None:
    """One event may merge both: the retired account is the retired patient's."""
    made = adt("A36", ACCOUNT, "MRG|70099^^^MERCY^MR||A144^^^MERCY^AN")
    survivor, retired = resources(made, "Patient")
    assert (survivor["active"], retired["active"]) == (True, False)
    account = resources(made, "Account")[1]
    assert at(made, account["subject"][0]) is retired
    assert at(made, account["partOf"])["identifier"][0]["value"] == "A145"


def test_account_number_changed() -> None:
    """The former number of an account is one of its identifiers."""
    assert numbers(only(adt("A49", ACCOUNT, MRG), "Account")) == [("A145", ""), ("A144", "old")]


def test_visit_numbers_changed() -> None:
    """The former numbers of a visit are among its identifiers, when two visits become one too."""
    for event in ("A42", "A50", "A51"):
        encounter = only(adt(event, PID, MRG, pv1()), "Encounter")
        assert numbers(encounter) == [("V1", ""), ("V899", "old"), ("X899", "old")]


def test_visits_moved() -> None:
    """Each visit that turns out to be another patient's is his from now on, and where it came from stays known."""
    other = "MRG|70099^^^MERCY^MR||||V2^^^MERCY^VN"
    made = adt("A45", PID, MRG, pv1(), other, pv1({19: "V2^^^MERCY^VN", 2: "O"}))
    patient, source = resources(made, "Patient")
    visits = resources(made, "Encounter")
    assert [numbers(visit)[0][0] for visit in visits] == ["V1", "V2"]
    assert all(at(made, visit["subject"]) is patient for visit in visits)
    moved = [p for p in resources(made, "Provenance") if p.get("activity", {}).get("text")]
    assert [at(made, p["target"][0]) for p in moved] == visits
    assert all(at(made, p["entity"][0]["what"]) is source for p in moved)
    assert "link" not in patient
    assert "link" not in source


def test_visit_moved_without_a_visit_segment() -> None:
    """A visit that only MRG names is moved all the same."""
    encounter = only(adt("A45", PID, MRG), "Encounter")
    assert numbers(encounter)[0] == ("V899", "")
    assert encounter["status"] == "unknown"


def test_account_moved() -> None:
    """An account that moves to another patient has him as its subject."""
    made = adt("A44", PID, MRG)
    account = only(made, "Account")
    assert at(made, account["subject"][0]) is resources(made, "Patient")[0]


def test_retired_patient_with_account_and_visit() -> None:
    """What else MRG says of the patient who is given up is not lost; his visit is the survivor's."""
    made = adt("A40", PID, MRG)
    survivor, retired = resources(made, "Patient")
    assert at(made, only(made, "Account")["subject"][0]) is retired
    assert at(made, only(made, "Encounter")["subject"]) is survivor


def test_linked_and_unlinked() -> None:
    """Two records are linked to each other; that they are unlinked is said in the outcome."""
    other = PID.replace("70045", "80045")
    patients = resources(adt("A24", PID, other), "Patient")
    assert [patient["link"][0]["type"] for patient in patients] == ["seealso", "seealso"]
    unlinked = adt("A37", PID, other)
    assert all("link" not in patient for patient in resources(unlinked, "Patient"))
    assert ("unlinked", "PID[2]") in codes(unlinked)


def test_two_merges_in_one_message() -> None:
    """Each MRG belongs to the PID before it, and each visit to the patient it follows."""
    second = PID.replace("70045", "80045")
    made = adt("A40", PID, "MRG|70044^^^MERCY^MR", second, "MRG|80044^^^MERCY^MR", pv1())
    retired = [p for p in resources(made, "Patient") if not p["active"]]
    kept = [at(made, p["link"][0]["other"])["identifier"][0]["value"] for p in retired]
    assert kept == ["70045", "80045"]
    assert at(made, only(made, "Encounter")["subject"])["identifier"][0]["value"] == "80045"


def test_prior_record_without_a_merge() -> None:
    """An MRG in a message that merges nothing is another record, and nothing is said to be one with it."""
    patients = resources(adt("A08", PID, MRG, pv1()), "Patient")
    assert [patient.get("active") for patient in patients] == [True, None]
    assert all("link" not in patient for patient in patients)
