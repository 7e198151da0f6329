import orjson
import pytest

from hub.model import Json, Severity
from tests.unit.mappers.clinical import PATIENT, all_of, at, fixture, message, one_of

OBR = "OBR|1||L55^LAB|2823-3^Potassium^LN|||202603120915-0400"


def observed(kind: str, value: str, rest: str = "|mmol/L^mmol/L^UCUM|||||F") -> Json:
    """The Observation of one OBX."""
    bundle = message("ORU^R01", OBR, f"OBX|1|{kind}|2823-3^Potassium^LN||{value}{rest}").bundle
    return one_of(orjson.loads(orjson.dumps(bundle)), "Observation")


def test_a_correction_meets_what_it_corrects() -> None:
    """A corrected result has the same report and observation as the first one, with the new value and status."""
    first, second = fixture("oru_r01/potassium_critical"), fixture("oru_r01/potassium_corrected")
    for kind in ("DiagnosticReport", "Observation", "Patient"):
        assert one_of(first, kind)["id"] == one_of(second, kind)["id"]
    before, after = one_of(first, "Observation"), one_of(second, "Observation")
    assert (before["valueQuantity"]["value"], before["status"]) == (6.1, "final")
    assert (after["valueQuantity"]["value"], after["status"]) == (5.1, "corrected")
    assert before["interpretation"][0]["coding"][0]["code"] == "HH"
    assert one_of(second, "DiagnosticReport")["status"] == "corrected"


def test_numbers_keep_their_digits() -> None:
    """A decimal is written digit for digit as it was sent, without leading zeros."""
    made = message("ORU^R01", OBR, "OBX|1|NM|1^A^L||072.50||||||F").bundle
    assert b'"value":72.50' in orjson.dumps(made)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("NM", "<5", {"valueQuantity": {"value": 5, "comparator": "<", "unit": "mmol/L"}}),
        (
            "CQ",
            "81.5^kg&kilogram&UCUM",
            {
                "valueQuantity": {
                    "value": 81.5,
                    "unit": "kilogram",
                    "system": "http://unitsofmeasure.org",
                    "code": "kg",
                }
            },
        ),
        ("NM", "hemolyzed", {"valueString": "hemolyzed"}),
        ("SN", ">^100", {"valueQuantity": {"value": 100, "comparator": ">", "unit": "mmol/L"}}),
        (
            "SN",
            "^1^:^128",
            {"valueRatio": {"numerator": {"value": 1, "unit": "mmol/L"}, "denominator": {"value": 128}}},
        ),
        (
            "SN",
            "^2^-^5",
            {"valueRange": {"low": {"value": 2, "unit": "mmol/L"}, "high": {"value": 5, "unit": "mmol/L"}}},
        ),
        ("SN", "^2^+", {"valueString": "2 + mmol/L"}),
        ("ST", "a \\T\\ b^c", {"valueString": "a & b^c"}),
        ("CWE", "260385009^Negative^SCT", {"valueCodeableConcept": {"coding": [...], "text": "Negative"}}),
        ("IS", "YELLOW", {"valueCodeableConcept": {"coding": [{"code": "YELLOW"}]}}),
        ("DT", "20260801", {"valueDateTime": "2026-08-01"}),
        ("TS", "202603120915", {"valueDateTime": "2026-03-12T09:15:00-04:00"}),
        ("TM", "0745", {"valueTime": "07:45:00"}),
        ("DR", "20260801^20260803", {"valuePeriod": {"start": "2026-08-01", "end": "2026-08-03"}}),
        (
            "NR",
            "58^92",
            {"valueRange": {"low": {"value": 58, "unit": "mmol/L"}, "high": {"value": 92, "unit": "mmol/L"}}},
        ),
        ("XX", "a^b&c", {"valueString": "a^b&c"}),
    ],
)
def test_each_type_of_value(kind: str, value: str, expected: Json) -> None:
    """Each type of OBX-2 becomes the value that FHIR has for it."""
    rest = "|mmol/L|||||F"
    found = {name: part for name, part in observed(kind, value, rest).items() if name.startswith("value")}
    if kind == "CWE":
        found["valueCodeableConcept"]["coding"] = [...]
    assert found == expected


def test_repeated_values_are_components() -> None:
    """Every repetition of OBX-5 is kept, as a component of the observation's own code."""
    components = observed("CE", "GNR^Gram negative rods^L~WBC^White cells^L")["component"]
    assert [c["valueCodeableConcept"]["text"] for c in components] == ["Gram negative rods", "White cells"]


def test_an_attachment_is_in_the_report() -> None:
    """A document in OBX-5 is the report's presented form, with its media type, size and hash."""
    form = one_of(fixture("oru_r01/pdf_embedded"), "DiagnosticReport")["presentedForm"][0]
    assert (form["contentType"], form["size"]) == ("application/pdf", 15)
    assert form["data"].startswith("JVBERi0")


def test_broken_attachment_data_is_reported() -> None:
    """Data that is not in the encoding that it declares is left out and reported by its path."""
    made = message("ORU^R01", OBR, "OBX|1|ED|1^A^L||LAB^application^pdf^Base64^%%%||||||F")
    assert [(i.path, i.code) for i in made.issues] == [("OBX-5.5", "value")]


def test_unmapped_status_is_unknown() -> None:
    """A result without a status that FHIR knows has the status unknown, and the outcome names the place."""
    made = message("ORU^R01", OBR, "OBX|1|NM|1^A^L||5||||||q")
    assert one_of(made.bundle, "Observation")["status"] == "unknown"
    assert [i.path for i in made.issues] == ["OBX-11"]


def test_what_was_not_asked_has_a_reason() -> None:
    """A result that was not asked for is final without a value, and says why there is none."""
    absent = observed("NM", "", "||||||N")
    assert absent["status"] == "final"
    assert absent["dataAbsentReason"]["coding"][0]["code"] == "not-asked"


def test_an_explicit_null_is_a_removal() -> None:
    """A value that the sender deletes is no text: its place is handed on as removed."""
    withdrawn = one_of(fixture("oru_r01/report_withdrawn"), "Observation")
    assert not [name for name in withdrawn if name.startswith("value")]
    assert {"url": "urn:carering:removed", "valueString": "OBX-5"} in withdrawn["extension"]
    assert withdrawn["status"] == "entered-in-error"


@pytest.mark.parametrize(
    ("text", "low", "high"), [("3.5-5.1", 3.5, 5.1), ("<106", None, 106), (">=60", 60, None), ("negative", None, None)]
)
def test_reference_range(text: str, low: float | None, high: float | None) -> None:
    """A reference range is kept as text, and as numbers where it reads as numbers."""
    (found,) = observed("NM", "5", f"|mmol/L|{text}||||F")["referenceRange"]
    assert found["text"] == text
    assert (found.get("low", {}).get("value"), found.get("high", {}).get("value")) == (low, high)


def test_version_2_only_flags_stay_in_their_table() -> None:
    """An interpretation that version 3 does not know stays in table 0078."""
    flag = observed("NM", "5", "|mmol/L||TOX|||F")["interpretation"][0]["coding"][0]
    assert (flag["system"], flag["code"]) == ("http://terminology.hl7.org/CodeSystem/v2-0078", "TOX")


def test_notes_belong_to_what_they_follow() -> None:
    """A note after an OBX is the observation's, one after an OBR or before it is the order's."""
    bundle = fixture("oru_r01/specimen_and_notes")
    first, second = all_of(bundle, "Observation")
    assert [n["text"] for n in first["note"]] == ["checked twice", "no clot"]
    assert "note" not in second
    order = one_of(bundle, "ServiceRequest")
    assert [n["text"] for n in order["note"]] == ["fasting since midnight", "sample arrived warm"]


def test_the_specimen_is_named_by_its_observations() -> None:
    """The only specimen of a report is that of its observations."""
    bundle = fixture("oru_r01/specimen_and_notes")
    specimen = one_of(bundle, "Specimen")
    assert all(at(bundle, o["specimen"]) is specimen for o in all_of(bundle, "Observation"))
    assert specimen["collection"]["collectedDateTime"] == "2026-03-12T09:15:00-04:00"


def test_a_report_has_its_interpreter_and_visit() -> None:
    """A report names who read it (OBR-32) and the visit that it belongs to."""
    bundle = fixture("oru_r01/text_report")
    report = one_of(bundle, "DiagnosticReport")
    interpreter = at(bundle, report["resultsInterpreter"][0])
    assert interpreter["identifier"][0]["value"] == "1555666670"
    assert at(bundle, report["encounter"])["identifier"][0]["value"] == "V778899"


def test_results_of_two_patients_are_kept_apart() -> None:
    """Each patient of a message has his own results, and the message is about the first."""
    bundle = fixture("oru_r01/two_patients")
    subjects = [at(bundle, report["subject"])["name"][0]["family"] for report in all_of(bundle, "DiagnosticReport")]
    assert subjects == ["Andrews", "Okafor"]
    provenance = one_of(bundle, "Provenance")
    assert at(bundle, provenance["target"][1])["name"][0]["family"] == "Andrews"


def test_the_same_test_several_times() -> None:
    """Results of the same code in one report are several observations, in order."""
    found = all_of(fixture("oru_r01/same_code_twice"), "Observation")
    assert [o["valueQuantity"]["value"] for o in found] == [5.1, 9.8, 7.2]


def test_reports_that_share_an_accession_number() -> None:
    """Two reports of one message with the same filler number and another code are two reports."""
    bundle = message("ORU^R01", OBR, "OBR|2||L55^LAB|2951-2^Sodium^LN").bundle
    assert [r["code"]["text"] for r in all_of(bundle, "DiagnosticReport")] == ["Potassium", "Sodium"]


def test_results_without_a_request_are_not_acted_on() -> None:
    """Results without an OBR are converted to a report that does not say what was asked for, with an error."""
    for lines in (["ORC|RE|O-1^BUSY"], []):
        made = message("ORU^R01", *lines, "OBX|1|NM|1^A^L||5||||||F")
        report = one_of(made.bundle, "DiagnosticReport")
        assert report["code"] == {"text": "not stated"}
        assert at(made.bundle, report["result"][0]) is one_of(made.bundle, "Observation")
        assert [(issue.severity, issue.code) for issue in made.issues] == [(Severity.ERROR, "100")]


def test_results_without_a_patient_are_not_acted_on() -> None:
    """Results without a PID are converted for nobody, with the segment that is missing as an error."""
    made = message("ORU^R01", OBR, "OBX|1|NM|1^A^L||5||||||F", patient="")
    assert "subject" not in one_of(made.bundle, "Observation")
    assert [(issue.severity, issue.code, issue.path) for issue in made.issues] == [(Severity.ERROR, "100", "PID")]


def test_one_patient_for_the_same_number() -> None:
    """The same patient number in two messages is the same Patient, whatever else the messages say."""
    renamed = PATIENT.replace("Harold", "Harry")
    ids = {one_of(message("ORU^R01", OBR, patient=pid).bundle, "Patient")["id"] for pid in (PATIENT, renamed)}
    assert len(ids) == 1
