"""Drugs and vaccines: RXO, RXE, RXG, RXD and RXA with what surrounds them, and each of them alone."""

import pytest

from tests.unit.mappers.clinical import all_of, at, fixture, message, one_of

ORDER = "ORC|NW|ORD-1^EHR|RX-1^PHARM"
DRUG = "308182^Amoxicillin 250 mg^RXNORM"


def dosage_of(*segments: str) -> dict:
    """The first dosage of the one MedicationRequest of a message."""
    return one_of(message("RDE^O11", *segments).bundle, "MedicationRequest")["dosageInstruction"][0]


def timing_of(pattern: str) -> dict:
    """Timing.repeat of a TQ1 with that repeat pattern (TQ1-3)."""
    return dosage_of(ORDER, f"RXE||{DRUG}|1||CAP", f"TQ1|1||{pattern}")["timing"].get("repeat", {})


@pytest.mark.parametrize(
    ("pattern", "repeat"),
    [
        ("BID", {"frequency": 2, "period": 1, "periodUnit": "d"}),
        ("7ID", {"frequency": 7, "period": 1, "periodUnit": "d"}),
        ("Q6H", {"frequency": 1, "period": 6, "periodUnit": "h"}),
        ("Q4-6H", {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}),
        ("Q2L", {"frequency": 1, "period": 2, "periodUnit": "mo"}),
        ("QOD", {"frequency": 1, "period": 2, "periodUnit": "d"}),
        ("QHS", {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]}),
        ("PCM", {"when": ["PCM"]}),
        ("Q1J135", {"dayOfWeek": ["mon", "wed", "fri"]}),
        ("Once", {"count": 1}),
        ("^^^^12^h", {"frequency": 1, "period": 12, "periodUnit": "h"}),
        ("^DW^6^7", {"dayOfWeek": ["sat", "sun"]}),
        ("^^^^^^^AC^30^min", {"when": ["AC"], "offset": 30}),
        ("C", {}),
        ("Q0H", {}),
        ("AS THE DOCTOR SAYS", {}),
    ],
)
def test_repeat_patterns(pattern: str, repeat: dict) -> None:
    """A repeat pattern of table 0335 says how often; one without a meaning keeps its code alone."""
    assert timing_of(pattern) == repeat


def test_as_needed() -> None:
    """PRN makes a dosage one as needed, whatever pattern stands beside it."""
    dosage = dosage_of(ORDER, f"RXE||{DRUG}|1||CAP", "TQ1|1||Q6H PRN")
    assert dosage["asNeededBoolean"] is True
    assert dosage["timing"]["repeat"]["period"] == 6


def test_hour_displaces_event() -> None:
    """R4 allows an hour or a meal: the hour stays, and the meal is said in words."""
    dosage = dosage_of(ORDER, f"RXE||{DRUG}|1||CAP", "TQ1|1||^^^^^^^ACM^30^min|0730")
    assert dosage["timing"]["repeat"] == {"timeOfDay": ["07:30:00"]}
    assert dosage["additionalInstruction"] == [{"text": "30 min ACM"}]


def test_end_follows_from_duration() -> None:
    """A start and a duration give the end; the duration stays readable in the words of the timing."""
    timing = dosage_of(ORDER, f"RXE||{DRUG}|1||CAP", "TQ1|1||BID|||10^d|20260301")["timing"]
    assert timing["repeat"]["boundsPeriod"] == {"start": "2026-03-01", "end": "2026-03-11"}
    assert timing["code"]["text"] == "BID for 10 d"


def test_timing_of_older_versions() -> None:
    """RXE-1 before version 2.5 says quantity, interval, duration and start as TQ1 does."""
    dosage = dosage_of(ORDER, f"RXE|2&TAB^Q8H^D5^202603011000-0500|{DRUG}")
    request = one_of(message("RDE^O01", ORDER, f"RXE|^Q8H^X3|{DRUG}").bundle, "MedicationRequest")
    assert dosage["timing"]["repeat"]["boundsPeriod"]["end"] == "2026-03-06T10:00:00-05:00"
    assert dosage["doseAndRate"] == [{"doseQuantity": {"value": 2, "unit": "TAB"}}]
    assert request["dosageInstruction"][0]["timing"]["repeat"]["count"] == 3


@pytest.mark.parametrize(
    ("low", "high", "dose"),
    [
        ("1", "", {"doseQuantity": {"value": 1, "unit": "CAP"}}),
        ("1", "2", {"doseRange": {"low": {"value": 1, "unit": "CAP"}, "high": {"value": 2, "unit": "CAP"}}}),
        ("1-2", "", {"doseRange": {"low": {"value": 1, "unit": "CAP"}, "high": {"value": 2, "unit": "CAP"}}}),
        ("2", "2", {"doseQuantity": {"value": 2, "unit": "CAP"}}),
    ],
)
def test_dose(low: str, high: str, dose: dict) -> None:
    """One amount is a dose, two are the ends of a range."""
    stated = dosage_of(ORDER, f"RXE||{DRUG}|{low}|{high}|CAP")["doseAndRate"][0]
    assert {name: stated[name] for name in stated if name != "type"} == dose


def test_dose_in_words() -> None:
    """An amount that is no number is what the patient reads, and no dose."""
    dosage = dosage_of(ORDER, f"RXE||{DRUG}|as directed||CAP")
    assert dosage == {"text": "as directed CAP"}


@pytest.mark.parametrize(
    ("per", "amount", "unit", "rate"),
    [
        ("H8", "", "", {"rateRatio"}),
        ("H1", "125", "mL", {"rateRatio"}),
        ("H1", "125", "mL/h", {"rateQuantity"}),
        ("", "100-125", "mL/h", {"rateRange"}),
        ("soon", "", "", set()),
    ],
)
def test_rate(per: str, amount: str, unit: str, rate: set) -> None:
    """A rate is an amount per time, a quantity when its unit says the time, or a range."""
    fields = f"RXE||{DRUG}|1000||mL" + "|" * 17 + f"{per}|{amount}|{unit}"
    stated = dosage_of(ORDER, fields)["doseAndRate"][0]
    assert {name for name in stated if name.startswith("rate")} == rate


@pytest.mark.parametrize(
    ("orc", "status"),
    [
        ("ORC|NW|ORD-1", "active"),
        ("ORC|CA|ORD-1", "active"),
        ("ORC|OC|ORD-1", "cancelled"),
        ("ORC|OD|ORD-1", "stopped"),
        ("ORC|NW|ORD-1|||DC", "stopped"),
        ("ORC|SC|ORD-1|||CM", "completed"),
        ("ORC|SC|ORD-1|||HD", "on-hold"),
        ("ORC|SC|ORD-1|||ER", "entered-in-error"),
        ("ORC|RE|ORD-1", "unknown"),
    ],
)
def test_request_status(orc: str, status: str) -> None:
    """ORC-5 says the status of a prescription, else ORC-1; what had begun is stopped, what had not is cancelled."""
    assert one_of(message("RDE^O11", orc, f"RXE||{DRUG}|1").bundle, "MedicationRequest")["status"] == status


def test_order_and_encoded_order() -> None:
    """The order as written (RXO) and as the pharmacy encodes it (RXE) are two requests, one based on the other."""
    bundle = message("RDE^O11", ORDER, "RXO|^Amoxicillin", f"RXE||{DRUG}|1").bundle
    written, encoded = all_of(bundle, "MedicationRequest")
    assert (written["intent"], encoded["intent"]) == ("original-order", "filler-order")
    assert at(bundle, encoded["basedOn"][0]) is written


def test_chain_of_an_order() -> None:
    """A dispense is authorized by the request of its order, and an administration fulfils it."""
    dispensed = message("RDS^O13", ORDER, f"RXE||{DRUG}|1", f"RXD|1|{DRUG}|20260301").bundle
    given = message("RAS^O17", ORDER, f"RXO|{DRUG}|1", f"RXA|0|1|20260301||{DRUG}|1").bundle
    request = at(dispensed, one_of(dispensed, "MedicationDispense")["authorizingPrescription"][0])
    assert request is one_of(dispensed, "MedicationRequest")
    assert at(given, one_of(given, "MedicationAdministration")["request"]) is one_of(given, "MedicationRequest")


def test_nothing_leaks_between_drugs() -> None:
    """Route, component and comment belong to the drug before them."""
    segments = (ORDER, f"RXE||{DRUG}|1", "RXR|PO", "NTE|1||first", "ORC|NW|ORD-2", "RXE||X^Other^L|1", "RXR|IV")
    first, second = all_of(message("RDE^O11", *segments).bundle, "MedicationRequest")
    assert first["dosageInstruction"][0]["route"]["coding"][0]["code"] == "PO"
    assert second["dosageInstruction"][0]["route"]["coding"][0]["code"] == "IV"
    assert "note" not in second


def test_alternative_route() -> None:
    """Several RXR are ways to choose from: the first is that of the dose, the others stand beside it."""
    request = one_of(message("RDE^O11", ORDER, f"RXE||{DRUG}|1", "RXR|PO", "RXR|IV").bundle, "MedicationRequest")
    usual, other = request["dosageInstruction"]
    assert "doseAndRate" in usual
    assert other["text"] == "Alternative route"


def test_compound() -> None:
    """The components of a compound are the ingredients of its Medication, additives the active ones."""
    medications = all_of(fixture("rde_o11/compound_infusion"), "Medication")
    base, additive = medications[-1]["ingredient"]
    assert "isActive" not in base
    assert additive["isActive"] is True
    assert additive["strength"]["numerator"]["value"] == 20


def test_dea_number() -> None:
    """RXE-13 is the DEA number of the clinician who orders: one Practitioner with both numbers."""
    segments = (
        "ORC|NW|ORD-1||||||||||1111111112^Okafor^Ada^^^^^^NPI",
        f"RXE||{DRUG}|1" + "|" * 10 + "AO1234563^Okafor",
    )
    practitioner = one_of(message("RDE^O11", *segments).bundle, "Practitioner")
    assert [number["value"] for number in practitioner["identifier"]] == ["1111111112", "AO1234563"]


def test_order_without_drug() -> None:
    """An answer that names an order by its number alone is a request whose drug is not stated."""
    request = one_of(message("RRE^O12", "MSA|AA|1", "ORC|OK|ORD-1^EHR", patient="").bundle, "MedicationRequest")
    assert request["medicationCodeableConcept"]["text"] == "not stated"
    assert request["identifier"][0]["value"] == "ORD-1"


@pytest.mark.parametrize(
    ("segment", "kind"),
    [
        (f"RXO|{DRUG}|1", "MedicationRequest"),
        (f"RXE||{DRUG}|1", "MedicationRequest"),
        (f"RXG|1||^BID|{DRUG}|1", "MedicationRequest"),
        (f"RXD|1|{DRUG}|20260301", "MedicationDispense"),
        (f"RXA|0|1|20260301||{DRUG}|1", "MedicationAdministration"),
        ("RXA|0|1|20260301||03^MMR^CVX|1", "Immunization"),
        (f"RXC|A|{DRUG}|1|g", "Medication"),
    ],
)
def test_alone(segment: str, kind: str) -> None:
    """Each segment of a drug is mapped wherever it stands, also in messages that have no place for it."""
    assert len(all_of(message("ADT^A08", segment).bundle, kind)) == 1


def test_route_alone() -> None:
    """An RXR speaks of the drug before it, wherever both stand."""
    request = one_of(message("ADT^A08", f"RXE||{DRUG}|1", "RXR|PO").bundle, "MedicationRequest")
    assert any("route" in dosage for dosage in request["dosageInstruction"])


@pytest.mark.parametrize(
    ("status", "action", "expected"),
    [
        ("CP", "A", "completed"),
        ("PA", "A", "completed"),
        ("RE", "A", "not-done"),
        ("NA", "", "not-done"),
        ("", "", "completed"),
        ("CP", "D", "entered-in-error"),
    ],
)
def test_vaccination_status(status: str, action: str, expected: str) -> None:
    """RXA-21 D takes back what was sent; else RXA-20 says whether the vaccine was given."""
    rxa = "RXA|0|1|20260301||03^MMR^CVX|0.5" + "|" * 14 + f"{status}|{action}"
    assert one_of(message("VXU^V04", rxa).bundle, "Immunization")["status"] == expected


def test_unknown_amount_is_no_dose() -> None:
    """RXA-6 999 says that the amount is not known: no one can read it as a dose."""
    dose = one_of(message("VXU^V04", "RXA|0|1|20260301||03^MMR^CVX|999").bundle, "Immunization")["doseQuantity"]
    assert "value" not in dose


def test_numbers_that_are_none() -> None:
    """Vaccinations under the filler's number 9999 stay apart, and the number is marked as temporary."""
    refused = all_of(fixture("vxu_v04/refused"), "Immunization")
    assert len({one["id"] for one in refused}) == 2
    assert {one["identifier"][0]["use"] for one in refused} == {"temp"}


def test_deletion_meets_the_vaccination() -> None:
    """A vaccination that is taken back has the id under which it was reported."""
    reported = all_of(fixture("vxu_v04/new_and_historical"), "Immunization")[0]
    deleted = one_of(fixture("vxu_v04/deleted"), "Immunization")
    assert deleted["id"] == reported["id"]


def test_information_statements() -> None:
    """Each sub-id is one information statement: its document, when it was published and when it was handed over."""
    reported = all_of(fixture("vxu_v04/new_and_historical"), "Immunization")[0]
    assert [one["documentType"] for one in reported["education"]] == ["MMRV VIS", "MMR", "Varicella"]
    assert reported["education"][1]["publicationDate"] == "2021-08-06"


def test_observations_are_part_of_the_vaccination() -> None:
    """What is observed of a vaccination is part of it, also where it has an element of its own."""
    bundle = fixture("vxu_v04/new_and_historical")
    vaccination = all_of(bundle, "Immunization")[0]
    observations = [one for one in all_of(bundle, "Observation") if "partOf" in one]
    assert len(observations) == 13
    assert all(at(bundle, one["partOf"][0])["id"] == vaccination["id"] for one in observations)


def test_forecast() -> None:
    """What a registry says is due is a recommendation, and not a vaccine that was not given."""
    bundle = fixture("rsp_k11/evaluated_history_and_forecast")
    (due,) = one_of(bundle, "ImmunizationRecommendation")["recommendation"]
    assert len(all_of(bundle, "Immunization")) == 1
    assert due["vaccineCode"][0]["coding"][0]["code"] == "10"


@pytest.mark.parametrize("kind", ["RAS^O17", "VXU^V04"])
def test_no_patient_is_an_error(kind: str) -> None:
    """A message about nobody is converted, and an error says that nobody is to act on it."""
    made = message(kind, f"RXA|0|1|20260301||{DRUG}|1", patient="")
    assert ("PID", "error") in {(issue.path, issue.severity.value) for issue in made.issues}


def test_dose_that_an_organization_ordered() -> None:
    """An organization that ordered a dose (ORC-21 without ORC-12) is named: R4 refers to persons alone there."""
    order = "ORC|RE|ORD-1^MERCY" + "|" * 19 + "Mercy Clinic^L^77"
    made = message("RAS^O17", order, f"RXA|0|1|20260301||{DRUG}|1").bundle
    assert one_of(made, "MedicationAdministration")["performer"][0]["actor"] == {"display": "Mercy Clinic"}


def test_pump_in_progress() -> None:
    """A dose whose order is in process (ORC-5 IP) is not done, unless RXA-20 says so."""
    under_way, done = all_of(fixture("ras_o17/pump_in_progress"), "MedicationAdministration")
    assert under_way["status"] == "in-progress"
    assert done["status"] == "completed"


def test_repeated_number() -> None:
    """Several vaccines or drugs under one number are several, and the same one is the same."""
    vaccine = "RXA|0|1|20260301||{0}^{0}^CVX|0.5"
    order = "ORC|RE||R-1^LAB"
    vaccines = message("VXU^V04", *(s for code in ("03", "21", "03") for s in (order, vaccine.format(code)))).bundle
    drugs = message("RDE^O11", *(s for code in ("A", "B") for s in (ORDER, f"RXE||{code}^{code}^L|1"))).bundle
    assert len(all_of(vaccines, "Immunization")) == 2
    assert len(all_of(drugs, "MedicationRequest")) == 2
