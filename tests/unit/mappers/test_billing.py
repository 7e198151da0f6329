from typing import Any

import orjson
import pytest

from hub.model import Json
from tests.unit.mappers.adt_messages import segment
from tests.unit.mappers.clinical import all_of, at, message, one_of

VISIT = segment("PV1", {1: "1", 2: "I", 19: "V1^^^MERCY^VN", 44: "202603021240-0500"})
DIAGNOSIS = segment("DG1", {1: "1", 3: "I20.0^Unstable angina^I10", 6: "A", 15: "1"})
COVERAGE = segment("IN1", {1: "1", 3: "60054^^^NAIC", 4: "Prairie Health", 16: "Andrews^Martha", 17: "SPO", 36: "P1"})


def bundle(kind: str, *segments: str) -> Json:
    """The bundle of a message, as a reader of the stream gets it."""
    read: Json = orjson.loads(orjson.dumps(message(kind, *segments).bundle))
    return read


def facts(components: list[Json]) -> dict[str, Any]:
    """The values of an Observation's components by their names."""
    return {one["code"]["text"]: next(v for n, v in one.items() if n.startswith("value")) for one in components}


def test_a_diagnosis_that_stands_alone_is_the_visits() -> None:
    """A DG1 names itself in the Encounter, wherever it stands."""
    made = bundle("ADT^A01", VISIT, DIAGNOSIS)
    (diagnosis,) = one_of(made, "Encounter")["diagnosis"]
    assert at(made, diagnosis["condition"])["code"]["text"] == "Unstable angina"
    assert (diagnosis["rank"], diagnosis["use"]["coding"][0]["code"]) == (1, "AD")


def test_use_of_a_diagnosis_without_a_visit() -> None:
    """Without an Encounter the use of a diagnosis is kept as a category of the Condition."""
    condition = one_of(bundle("BAR^P01", DIAGNOSIS), "Condition")
    assert condition["category"][1]["coding"][0]["code"] == "AD"


def test_old_coding_method_names_the_system() -> None:
    """DG1-2 and PR1-2 name the coding system of a code that comes without one."""
    made = bundle("BAR^P01", "DG1|1|I9C|413.9^Angina", "PR1|1|C4|92928^Stent||20260302")
    assert one_of(made, "Condition")["code"]["coding"][0]["system"] == "http://hl7.org/fhir/sid/icd-9-cm"
    assert one_of(made, "Procedure")["code"]["coding"][0]["system"] == "http://www.ama-assn.org/go/cpt"


def test_present_on_admission_is_in_the_claim() -> None:
    """Whether a diagnosis was there on admission is said in the draft Claim, with all coverages of the message."""
    made = bundle("ADT^A01", VISIT, segment("DG1", {3: "I20.0^^I10", 26: "Y"}), COVERAGE, COVERAGE.replace("P1", "P2"))
    claim = one_of(made, "Claim")
    assert claim["diagnosis"][0]["onAdmission"]["coding"][0]["code"] == "Y"
    assert [(line["sequence"], line["focal"]) for line in claim["insurance"]] == [(1, True), (2, False)]
    assert {at(made, line["coverage"])["subscriberId"] for line in claim["insurance"]} == {"P1", "P2"}


def test_minutes_end_a_procedure() -> None:
    """PR1-7 ends the time that PR1-5 begins, if that has a time of day."""
    made = bundle("BAR^P01", "PR1|1||92928^Stent^C4||20260302230000-0500||90", "PR1|2||31622^Scope^C4||20260302||30")
    first, second = all_of(made, "Procedure")
    assert first["performedPeriod"]["end"] == "2026-03-03T00:30:00-05:00"
    assert second["performedDateTime"] == "2026-03-02"


def test_note_after_a_segment_is_its_own() -> None:
    """An NTE belongs to the resource of the segment before it, and so does the next."""
    made = bundle("BAR^P01", DIAGNOSIS, "NTE|1||first", "NTE|2||second", "AL1|1|DA|^Penicillin", "NTE|1||third")
    assert [note["text"] for note in one_of(made, "Condition")["note"]] == ["first", "second"]
    assert [note["text"] for note in one_of(made, "AllergyIntolerance")["note"]] == ["third"]


def test_note_after_a_coverage_is_a_communication() -> None:
    """Where a resource has no notes, the comment becomes a Communication about it."""
    made = bundle("BAR^P01", COVERAGE, "NTE|1||Card not seen")
    said = one_of(made, "Communication")
    assert at(made, said["about"][0])["resourceType"] == "Coverage"
    assert said["payload"] == [{"contentString": "Card not seen"}]


def test_in2_continues_the_in1_before_it() -> None:
    """What IN2 says goes to the coverage and the insured person of the IN1 before it."""
    second = COVERAGE.replace("IN1|1", "IN1|2").replace("P1", "P2").replace("Martha", "Amos").replace("SPO", "PAR")
    in2 = segment("IN2", {6: "1EG4", 39: "LUT", 61: "M7"})
    made = bundle("ADT^A01", COVERAGE, second, in2)
    first, other = all_of(made, "Coverage")
    assert ("dependent" in first, other["dependent"]) == (False, "M7")
    social = one_of(made, "Observation")
    assert at(made, social["focus"][0])["name"][0]["given"] == ["Amos"]
    assert facts(social["component"])["Religion"]["coding"][0]["code"] in {"LUT", "1028"}


def test_coverage_without_company() -> None:
    """A coverage that names no company has a payor that is not known, and one without IN1 a Coverage all the same."""
    made = bundle("ADT^A01", "IN1|1|MCR", segment("IN3", {2: "CERT-1", 9: "20260301"}))
    assert "extension" in one_of(made, "Coverage")["payor"][0]
    assert one_of(made, "ClaimResponse")["preAuthRef"] == "CERT-1"
    alone = bundle("ADT^A01", segment("IN2", {8: "MCD-1"}))
    assert one_of(alone, "Coverage")["identifier"][0]["value"] == "MCD-1"


@pytest.mark.parametrize(("name", "known"), [("andrews^harold", True), ("Andersen^Harold", False)])
def test_patient_who_is_insured_himself(name: str, known: bool) -> None:
    """A patient who is insured himself is the subscriber; what the insurer calls him otherwise is not lost."""
    made = bundle("ADT^A01", segment("IN1", {1: "1", 2: "MCR", 16: name, 17: "SEL", 18: "19550914"}))
    assert at(made, one_of(made, "Coverage")["subscriber"])["resourceType"] == "Patient"
    assert (not all_of(made, "RelatedPerson")) is known


@pytest.mark.parametrize(
    ("sent", "born", "means"),
    [
        ("PAR", "", "child"),
        ("CHD", "", "parent"),
        ("CHD", "19300101", "child"),
        ("PAR", "19800305", "parent"),
        ("SPO", "19300101", "spouse"),
    ],
)
def test_patient_is_to_the_insured(sent: str, born: str, means: str) -> None:
    """Coverage.relationship says what the patient is to the insured, IN1-17 the other way round. The elder is the
    parent, whatever the sender calls him; the sender's code stays with the insured person."""
    made = bundle("ADT^A01", segment("IN1", {1: "1", 2: "MCR", 16: "Andrews^Martha", 17: sent, 18: born}))
    coverage = one_of(made, "Coverage")
    assert coverage["relationship"]["coding"][0]["code"] == means
    insured = at(made, coverage["subscriber"])
    assert insured["relationship"][0]["coding"][-1]["code"] == sent


def test_relationship_that_the_bill_states() -> None:
    """IN2-72 is what R4 asks for: it goes before IN1-17, whose code stays beside it only if it means the same."""
    spouse = bundle("ADT^A01", COVERAGE, segment("IN2", {72: "02^Spouse"}))
    codes = [one["code"] for one in one_of(spouse, "Coverage")["relationship"]["coding"]]
    assert codes == ["spouse", "02", "SPO"]
    child = bundle("ADT^A01", COVERAGE, segment("IN2", {72: "03"}))
    assert [one["code"] for one in one_of(child, "Coverage")["relationship"]["coding"]] == ["child", "03"]


def test_deductible_keeps_the_type_of_its_price() -> None:
    """What the insured pays himself is a deductible, with the type of price that the sender gives."""
    made = bundle("ADT^A01", segment("IN1", {1: "1", 2: "MCR", 37: "150&USD^DC"}))
    (cost,) = one_of(made, "Coverage")["costToBeneficiary"]
    assert [one["code"] for one in cost["type"]["coding"]] == ["deductible", "DC"]
    assert cost["valueMoney"] == {"value": 150, "currency": "USD"}


def test_guarantor_who_is_insured_is_one_person() -> None:
    """The guarantor and the insured person are one RelatedPerson when name and relationship say so."""
    gt1 = segment("GT1", {1: "1", 2: "G1", 3: "Andrews^Martha", 11: "SPO", 20: "1"})
    made = bundle("BAR^P01", gt1, COVERAGE)
    person = one_of(made, "RelatedPerson")
    assert at(made, one_of(made, "Account")["guarantor"][0]["party"]) == person
    assert at(made, one_of(made, "Coverage")["subscriber"]) == person


def test_organization_that_pays() -> None:
    """A guarantor without a person's name is the organization of GT1-21, with the address as no home."""
    gt1 = segment("GT1", {1: "1", 5: "1 Main St^^Peoria^IL^61602^^H", 21: "Oakridge County"})
    made = bundle("BAR^P01", gt1)
    party = at(made, one_of(made, "Account")["guarantor"][0]["party"])
    assert (party["resourceType"], party["name"]) == ("Organization", "Oakridge County")
    assert "use" not in party["address"][0]


def test_accident_of_a_visit() -> None:
    """ACC is what the visit is for, and the accident of the bill."""
    made = bundle("ADT^A04", VISIT, "ACC|20260301|AA|Elm St|OH|N||||Bike fell")
    condition = at(made, one_of(made, "Encounter")["reasonReference"][0])
    assert condition["onsetDateTime"] == one_of(made, "Claim")["accident"]["date"] == "2026-03-01"
    assert [note["text"] for note in condition["note"]] == ["Elm St"]


def test_values_and_occurrences_of_a_bill() -> None:
    """UB1 and UB2 give supporting information: a code with its amount, a code with its days."""
    made = bundle("BAR^P01", "UB2|1|||||80^12.50&USD|01^20260228|74^20260203^20260205")
    value, occurrence, span = one_of(made, "Claim")["supportingInfo"]
    assert (value["code"]["coding"][0]["code"], value["valueQuantity"]["value"]) == ("80", 12.5)
    assert occurrence["timingDate"] == "2026-02-28"
    assert span["timingPeriod"] == {"start": "2026-02-03", "end": "2026-02-05"}


def test_charge_and_its_services() -> None:
    """An FT1 is a charge, and each PR1 after it a service of it."""
    ft1 = segment("FT1", {2: "T1", 4: "20260302", 6: "CG", 7: "M1", 8: "Room", 11: "10.50&USD", 12: "5.25&USD"})
    made = bundle("DFT^P03", VISIT, ft1, "PR1|1||92928^Stent^C4||20260302")
    charge = one_of(made, "ChargeItem")
    assert (charge["status"], charge["priceOverride"]) == ("billable", {"value": 10.5, "currency": "USD"})
    assert at(made, charge["service"][0])["resourceType"] == "Procedure"
    assert one_of(made, "Invoice")["lineItem"][0]["priceComponent"][0]["amount"]["value"] == 5.25


def test_words_in_place_of_a_time() -> None:
    """What should be a time and is none is kept as a note."""
    made = bundle("DFT^P03", segment("FT1", {4: "yesterday", 6: "PY", 7: "M1"}))
    charge = one_of(made, "ChargeItem")
    assert charge["status"] == "unknown"
    assert charge["note"] == [{"text": "Date of the transaction: yesterday"}]


@pytest.mark.parametrize(("trigger", "status"), [("P01", "active"), ("P02", "inactive"), ("P06", "inactive")])
def test_account_of_the_event(trigger: str, status: str) -> None:
    """An account that is purged or ended is inactive."""
    pid = "PID|1||70045^^^MERCY^MR||Andrews^Harold|||||||||||||A1^^^MERCY^AN"
    read = orjson.loads(orjson.dumps(message(f"BAR^{trigger}", patient=pid).bundle))
    assert one_of(read, "Account")["status"] == status


def test_allergy_without_code() -> None:
    """An allergy that is not named is one still, of its category and with its reaction."""
    allergy = one_of(bundle("ADT^A01", "AL1|1|FA||MO|Hives"), "AllergyIntolerance")
    assert (allergy["category"], allergy["reaction"][0]["severity"]) == (["food"], "moderate")


def test_allergy_that_is_taken_back() -> None:
    """An allergy that is deleted after it was told has no clinical status any more."""
    iam = "IAM|1|DA|^Penicillin|SV||{}|A1^MERCY||||||||||C"
    allergy = one_of(bundle("ADT^A60", iam.format("A"), iam.format("D")), "AllergyIntolerance")
    assert "clinicalStatus" not in allergy


def test_billing_without_a_patient() -> None:
    """In a message without a patient each resource says that he is not stated."""
    lines = (DIAGNOSIS, COVERAGE, "PR1|1||92928^^C4", "GT1|1||X", "ACC|20260301", "UB2|1|5", "FT1|1|T1", "DRG|280")
    made = orjson.loads(orjson.dumps(message("DFT^P03", *lines, patient="").bundle))
    nobody = {"display": "not stated"}
    assert not all_of(made, "Basic")
    assert one_of(made, "Coverage")["beneficiary"] == one_of(made, "Claim")["patient"] == nobody
    assert [condition["subject"] for condition in all_of(made, "Condition")] == [nobody, nobody]
