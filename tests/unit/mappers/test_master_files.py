"""Master files: staff, places, tests and charges of the sender's."""

from hub.model import Json
from tests.unit.mappers.clinical import all_of, at, fixture, message, one_of


def test_member_of_the_staff() -> None:
    """STF is a Practitioner; what follows adds languages, degrees, certificates and privileges."""
    joined, left = all_of(fixture("mfn_m02/staff_added_and_left"), "Practitioner")
    assert (joined["name"][0]["family"], joined["gender"], joined["birthDate"]) == ("Okafor", "male", "1975-04-12")
    assert {one["value"] for one in joined["identifier"]} >= {"S100", "1942", "1234567893", "1234567", "D123"}
    assert {"system": "email", "value": "okafor@example.org"} in joined["telecom"]
    assert joined["communication"][0]["text"].startswith("Spanish (")
    texts = [one["code"]["text"] for one in joined["qualification"]]
    assert texts[:3] == ["Cardiology", "Internal medicine", "Catheterization"]
    assert "active" in joined
    assert left["active"] is False


def test_work_of_the_staff() -> None:
    """Each department, group, unit and association that somebody works for is a PractitionerRole of his."""
    bundle = fixture("mfn_m02/staff_added_and_left")
    roles = [one for one in all_of(bundle, "PractitionerRole") if "organization" in one]
    names = {at(bundle, one["organization"])["name"] for one in roles}
    assert names >= {"Cardiology", "Internal medicine", "Heart group", "Unit 7", "American College", "Mercy Hospital"}
    (unit,) = [one for one in roles if at(bundle, one["organization"])["name"] == "Unit 7"]
    assert unit["period"] == {"start": "2020-01-01", "end": "2029-12-31"}
    assert at(bundle, unit["organization"])["type"][0]["coding"][0]["code"] == "D"


def test_instruction_for_an_entry() -> None:
    """What is to be done with each entry is said in Parameters, and how it went in the answer."""
    codes = [
        one["valueCodeableConcept"]["coding"][0]["code"]
        for name in ("mfn_m02/staff_added_and_left", "mfk_m02/staff_accepted")
        for made in all_of(fixture(name), "Parameters")
        for one in made["parameter"]
        if one["name"] in {"MFE-1", "MFA-4"}
    ]
    assert codes == ["MAD", "MDC", "S"]


def test_place() -> None:
    """LOC, LCH and LRL describe a Location: address, features, other names, its like."""
    bundle = fixture("mfn_m05/place_added")
    (bed,) = [one for one in all_of(bundle, "Location") if "description" in one]
    features = [one["valueCodeableConcept"]["text"] for one in bed["extension"]]
    assert features == ["Cardiac monitor", "Accessible", "Smoking: No", "Location alias(es): Window bed", features[-1]]
    assert (bed["alias"], bed["address"]["city"], bed["status"]) == (["Window bed"], "Peoria", "active")


def test_what_is_done_at_a_place() -> None:
    """LDP is a HealthcareService with its hours, and the times at which it does not exist."""
    service = one_of(fixture("mfn_m05/place_added"), "HealthcareService")
    weekdays, sunday = service["availableTime"]
    assert weekdays["daysOfWeek"] == ["mon", "tue", "wed", "thu", "fri"]
    assert (sunday["daysOfWeek"], sunday["availableEndTime"]) == (["sun"], "12:00:00")
    assert service["notAvailable"][1] == {"description": "building closes", "during": {"start": "2030-12-31"}}


def test_definition_of_a_test() -> None:
    """OM1 and OM2 are an ObservationDefinition with units and ranges; a range knows for whom it holds."""
    defined = one_of(fixture("mfn_m08/test_changed"), "ObservationDefinition")
    assert defined["permittedDataType"] == ["Quantity"]
    assert defined["quantitativeDetails"]["conversionFactor"] == 0.0555
    first, second, critical, absolute = defined["qualifiedInterval"]
    assert (first["range"]["high"]["value"], first["gender"], first["condition"]) == (105, "male", "fasting")
    assert (second["gender"], critical["gestationalAge"]["low"]["value"]) == ("female", 24)
    assert (critical["category"], absolute["category"]) == ("critical", "absolute")


def test_charge_and_its_price() -> None:
    """CDM and PRC are a ChargeItemDefinition with its prices, their limits and where they hold."""
    charge: Json = one_of(fixture("mfn_m04/charge_priced"), "ChargeItemDefinition")
    (group,) = charge["propertyGroup"]
    assert [one["amount"]["value"] for one in group["priceComponent"]] == [120.50, 100, 200, 80.10]
    assert "Facility: Mercy Hospital MERCY" in [one["description"] for one in group["applicability"]]
    assert (charge["status"], charge["effectivePeriod"]["end"]) == ("active", "2026-12-31")


def test_statistics_of_a_system() -> None:
    """What a system says of its clock, its traffic and its changes (NMD) are parameters by their fields."""
    told = message("NMD^N02", "NCK|20260302121500-0500", "NST|Y|LAB||20260301|20260302|12|3", "NSC|M", patient="")
    clock, traffic, change = all_of(told.bundle, "Parameters")
    assert clock["parameter"] == [{"name": "NCK-1", "valueDateTime": "2026-03-02T12:15:00-05:00"}]
    assert {"name": "NST-6", "valueString": "12"} in traffic["parameter"]
    assert change["parameter"][0]["valueCodeableConcept"]["coding"][0]["code"] == "M"
