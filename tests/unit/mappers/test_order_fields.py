"""What orders and results say beyond number, service and value: who, when, why, of what and for whom."""

from typing import Any

import pytest

from hub.model import Json
from tests.unit.mappers.clinical import all_of, at, fixture, message, one_of

EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
OBR = "OBR|1|O-1^BUSY|L-1^LAB|2823-3^Potassium^LN|||202603120915-0400"


def extensions(resource: Json, name: str) -> list[Any]:
    """The values of HL7's extension of that name."""
    found = [e for e in resource.get("extension", ()) if e["url"] == EXTENSION + name]
    return [e.get("extension") or next(value for key, value in e.items() if key.startswith("value")) for e in found]


def events(resource: Json) -> list[tuple[str, str]]:
    """Business events: what happened (code or words), and when."""
    found = []
    for parts in extensions(resource, "businessEvent"):
        said = {part["url"]: part for part in parts}
        value = said["value"]["valueCodeableConcept"]
        words = value.get("text") or value["coding"][0]["code"]
        found.append((words, said.get("date", {}).get("valueDateTime", "")))
    return found


def test_an_order_tells_what_happened_to_it() -> None:
    """ORC-1 with ORC-9 is a business event, and ORC-16 the reason of the status."""
    made = message("ORM^O01", "ORC|DC|O-1^BUSY|||||||202603120800-0400|||||||DUP^Duplicate^L", OBR)
    order = one_of(made.bundle, "ServiceRequest")
    assert ("DC", "2026-03-12T08:00:00-04:00") in events(order)
    assert extensions(order, "request-statusReason")[0]["text"] == "Duplicate"


def test_who_entered_and_verified_an_order() -> None:
    """ORC-10, -11 and -19 are agents of a Provenance of the order, with ORC-17 as the organization."""
    orc = "ORC|NW|O-1^BUSY|||||||202603120800-0400|7701^Clerk^Carol|7702^Verne^Vera||||||BFM^Busy^L||7703^Actor^Ada"
    bundle = message("OMG^O19", orc, OBR).bundle
    provenance = next(p for p in all_of(bundle, "Provenance") if at(bundle, p["target"][0]) is not bundle["entry"][0])
    kinds = [agent["type"]["coding"][0]["code"] for agent in provenance["agent"]]
    assert kinds == ["enterer", "verifier", "performer"]
    assert at(bundle, provenance["agent"][0]["onBehalfOf"])["name"] == "Busy"
    assert at(bundle, provenance["target"][0])["resourceType"] == "ServiceRequest"


def test_the_ordering_facility_is_an_organization_with_address_and_telephone() -> None:
    """ORC-21 to -23 are the organization of the requester, and ORC-24 the address of the clinician."""
    bundle = fixture("omg_o19/every_field")
    role = at(bundle, one_of(bundle, "ServiceRequest")["requester"])
    facility = at(bundle, role["organization"])
    assert (facility["address"][0]["city"], facility["telecom"][0]["value"]) == ("Fairview", "+1 845 5550100")
    assert at(bundle, role["practitioner"])["address"][0]["line"] == ["9 Oak Street"]


@pytest.mark.parametrize(
    ("tq1", "expected"),
    [
        ("TQ1|1||||||202603120900-0400", {"occurrenceDateTime": "2026-03-12T09:00:00-04:00"}),
        (
            "TQ1|1||||||202603120900-0400|202603121000-0400",
            {"occurrencePeriod": {"start": "2026-03-12T09:00:00-04:00", "end": "2026-03-12T10:00:00-04:00"}},
        ),
    ],
)
def test_when_a_service_is_wanted(tq1: str, expected: Json) -> None:
    """TQ1-7 alone is a moment, with TQ1-8 a period."""
    order = one_of(message("OMG^O19", "ORC|NW|O-1^BUSY", tq1, OBR).bundle, "ServiceRequest")
    assert {name: value for name, value in order.items() if name.startswith("occurrence")} == expected


def test_how_often_a_service_is_wanted() -> None:
    """A repeat pattern (TQ1-3) and times of day (TQ1-4) make a Timing."""
    tq1 = "TQ1|1||BID^Twice a day^HL70335|0800~2000|||202603120900-0400"
    order = one_of(message("OMG^O19", "ORC|NW|O-1^BUSY", tq1, OBR).bundle, "ServiceRequest")
    assert order["occurrenceTiming"]["repeat"]["timeOfDay"] == ["08:00:00", "20:00:00"]


def test_parents_of_an_order_are_named_by_number() -> None:
    """ORC-8 and OBR-29 are orders that this one is based on, each once."""
    obr = f"{OBR}{'|' * 22}O-0&BUSY^L-0&LAB"
    order = one_of(message("ORM^O01", "ORC|NW|O-1^BUSY||||||O-0&BUSY", obr).bundle, "ServiceRequest")
    assert [parent["identifier"]["value"] for parent in order["basedOn"]] == ["O-0", "L-0"]


def test_copies_of_a_result_are_requested() -> None:
    """OBR-28 asks to tell these people, too."""
    bundle = message("ORU^R01", f"{OBR}{'|' * 21}88^Copy^Cora~89^Second^Sam").bundle
    asked = one_of(bundle, "CommunicationRequest")
    assert [at(bundle, who)["name"][0]["family"] for who in asked["recipient"]] == ["Copy", "Second"]


def test_the_specimen_of_an_older_order() -> None:
    """OBR-9 to -15 are the Specimen where no SPM says it."""
    obr = f"{OBR}||5^mL|77^Draw^Dora||||202603121000-0400|BLD&Blood&HL70070^^^LA&Left arm&HL70163"
    bundle = message("ORU^R01", obr, "OBX|1|NM|1^A^L||5||||||F").bundle
    specimen = one_of(bundle, "Specimen")
    assert (specimen["type"]["text"], specimen["collection"]["bodySite"]["text"]) == ("Blood", "Left arm")
    assert specimen["collection"]["quantity"] == {"value": 5, "unit": "mL"}
    assert specimen["receivedTime"] == "2026-03-12T10:00:00-04:00"
    assert at(bundle, one_of(bundle, "Observation")["specimen"]) is specimen


def test_specimens_that_come_before_their_orders() -> None:
    """In an OUL^R22 each specimen is that of the orders after it, with what was observed of it."""
    bundle = fixture("oul_r22/specimen_with_two_orders")
    blood, urine = all_of(bundle, "Specimen")
    of = [at(bundle, report["specimen"][0]) for report in all_of(bundle, "DiagnosticReport")]
    assert of == [blood, blood, urine]
    appearance = next(o for o in all_of(bundle, "Observation") if o["code"].get("text") == "Appearance")
    assert at(bundle, appearance["specimen"]) is blood


def test_results_are_grouped_by_their_sub_ids() -> None:
    """Results with sub-ids 1.1 and 1.2 are members of the result with sub-id 1."""
    bundle = fixture("oru_r01/grouped_by_sub_id")
    first = all_of(bundle, "Observation")[0]
    assert [at(bundle, m)["valueString"] for m in first["hasMember"]] == ["two fragments", "benign"]


def test_a_result_that_led_to_another_order_has_its_results_as_members() -> None:
    """Susceptibilities (OBR-26) are members of the isolate that they were found of."""
    bundle = fixture("oru_r01/susceptibilities_of_isolate")
    isolate, *tested = all_of(bundle, "Observation")
    assert [at(bundle, member) for member in isolate["hasMember"]] == tested


def test_a_device_measures_and_does_not_perform() -> None:
    """Equipment (OBX-18) is the device of an observation, by all its numbers."""
    made = message("ORU^R01", OBR, "OBX|1|NM|1^A^L||5||||||F|||||||AU-1^LAB~SN-2^MAKER").bundle
    device = at(made, one_of(made, "Observation")["device"])
    assert [number["value"] for number in device["identifier"]] == ["AU-1", "SN-2"]


def test_a_unit_beside_a_text_is_kept_in_words() -> None:
    """A number that comes as text keeps its unit as a note."""
    made = message("ORU^R01", OBR, "OBX|1|ST|1^A^L||68|/min|||||F").bundle
    observation = one_of(made, "Observation")
    assert (observation["valueString"], observation["note"]) == ("68", [{"text": "Unit: /min"}])


def test_an_observation_stands_alone() -> None:
    """An OBX of a message without results is an Observation of the patient in the visit."""
    bundle = fixture("adt_a01/vital_signs")
    weight, height = all_of(bundle, "Observation")
    assert (weight["valueQuantity"]["value"], height["valueQuantity"]["value"]) == (81.5, 181)
    assert at(bundle, weight["encounter"])["resourceType"] == "Encounter"


def test_an_imaging_order_has_its_study() -> None:
    """An IPC completes the order with its numbers, and tells of the study by its instance UID."""
    bundle = fixture("omi_o23/imaging_order")
    order, study = one_of(bundle, "ServiceRequest"), one_of(bundle, "ImagingStudy")
    assert "ACC-77" in [number["value"] for number in order["identifier"]]
    uid = study["identifier"][0]
    assert (uid["system"], uid["value"]) == ("urn:dicom:uid", "urn:oid:1.2.840.99.77")
    assert at(bundle, study["basedOn"][0]) is order


def test_an_order_without_a_patient() -> None:
    """An order for a control specimen names no patient, and says that he is not known."""
    order = one_of(message("OML^O21", "ORC|NW|O-1^BUSY", OBR, patient="").bundle, "ServiceRequest")
    assert order["subject"]["extension"][0]["valueCode"] == "unknown"


def test_a_comment_says_whose_it_is() -> None:
    """NTE-2 and NTE-4 are types of the Annotation."""
    made = message("ORU^R01", OBR, "OBX|1|NM|1^A^L||5||||||F", "NTE|1|L|repeated|RE^Remark^HL70364").bundle
    (note,) = one_of(made, "Observation")["note"]
    assert [kind["coding"][0]["code"] for kind in extensions(note, "annotationType")] == ["L", "RE"]


def test_an_order_in_a_message_about_something_else() -> None:
    """ORC, OBR and TQ1 of a message that is not about orders are one ServiceRequest by their number."""
    lines = ("PV1|1|O", "ORC|NW|O-1^BUSY", "TQ1|1||||||202603120900-0400", OBR)
    order = one_of(message("ADT^A08", *lines).bundle, "ServiceRequest")
    assert (order["code"]["text"], order["occurrenceDateTime"]) == ("Potassium", "2026-03-12T09:00:00-04:00")
