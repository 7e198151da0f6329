import pytest

from hub.model import Json
from tests.unit.mappers.clinical import LOVE, all_of, at, fixture, message, one_of

REFERRAL = "OBR|1|REF-1^^1.2.3.4^ISO||57133-1^Referral note^LN"


def task_of(orc: str, *segments: str, kind: str = "OSU^O51") -> Json:
    return one_of(message(kind, orc, *segments).bundle, "Task")


def test_a_referral_request() -> None:
    """An OMG with OBR-4 57133-1 is a referral: number, parties, due date, reason, and a Task that is requested."""
    bundle = fixture("omg_o19/referral_request")
    request, task = one_of(bundle, "ServiceRequest"), one_of(bundle, "Task")
    assert (request["identifier"][0]["system"], request["identifier"][0]["value"]) == ("urn:oid:1.2.3.4", "REF-2207")
    assert request["category"][0]["coding"][0]["code"] == "3457005"
    assert request["occurrencePeriod"] == {"start": "2026-03-09", "end": "2026-03-23"}
    assert request["priority"] == "routine"
    requester = at(bundle, request["requester"])
    assert at(bundle, requester["practitioner"])["identifier"][0]["value"] == "1234567893"
    assert [at(bundle, p)["resourceType"] for p in request["performer"]] == ["Practitioner", "Organization"]
    assert request["reasonCode"][0]["text"] == "Heart failure: titrate treatment?"
    assert at(bundle, task["focus"]) is request
    assert (task["status"], task["restriction"]["period"]["end"]) == ("requested", "2026-03-23")


def test_the_request_of_360x() -> None:
    """The request as IHE 360X writes it has the number, the requester and the due time, and no recipient."""
    request = one_of(fixture("omg_o19/referral_of_360x"), "ServiceRequest")
    assert request["identifier"][0]["value"] == "889342"
    assert request["occurrencePeriod"] == {"end": "2026-03-23T23:59:59+00:00"}
    assert "performer" not in request


def test_one_referral_whoever_tells_of_it() -> None:
    """The answer, the cancellation and a plain REF speak of the same ServiceRequest and Task as the request."""
    names = (
        "omg_o19/referral_request",
        "osu_o51/referral_accepted",
        "osu_o51/referral_cancelled",
        "ref_i12/referral_request",
    )
    bundles = [fixture(name) for name in names]
    for kind in ("ServiceRequest", "Task"):
        assert len({one_of(bundle, kind)["id"] for bundle in bundles}) == 1


@pytest.mark.parametrize(
    ("control", "status", "expected", "business"),
    [
        ("OK", "", "accepted", "3.0"),
        ("OK", "IP", "accepted", "3.0"),
        ("SC", "IP", "accepted", "3.0"),
        ("UA", "", "rejected", "4.0"),
        ("OC", "", "rejected", "4.0"),
        ("CA", "", "cancelled", "5.2"),
        ("DC", "CA", "cancelled", "5.2"),
        ("CR", "", "cancelled", "6.0"),
        ("SC", "CA", "cancelled", "6.0"),
        ("RE", "A", "in-progress", "5.1.4"),
        ("RE", "CM", "completed", "7.0"),
        ("NA", "", "received", "2.0"),
    ],
)
def test_what_an_answer_does(control: str, status: str, expected: str, business: str) -> None:
    """ORC-1, and ORC-5 where ORC-1 only announces it, say how far the referral is."""
    task = task_of(f"ORC|{control}|REF-1^^1.2.3.4^ISO|F-1^CN||{status}")
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == (expected, business)


def test_a_refusal_says_why() -> None:
    """The reason of a refusal or a cancellation (ORC-16) is the Task's reason."""
    assert one_of(fixture("osu_o51/referral_declined"), "Task")["statusReason"]["text"] == "Not taking new patients"
    assert one_of(fixture("osu_o51/referral_cancelled"), "Task")["statusReason"]["text"] == "Patient is seen elsewhere"


def test_an_answer_without_a_patient() -> None:
    """An answer that leaves the patient out still says what becomes of the referral, by its number."""
    made = message("OSU^O51", "ORC|OK|REF-1^^1.2.3.4^ISO", patient="")
    assert one_of(made.bundle, "Task")["focus"]["identifier"]["value"] == "REF-1"
    assert not all_of(made.bundle, "ServiceRequest")


def test_an_answer_that_says_nothing_is_reported() -> None:
    """Codes that do not say what happened make no Task, and the outcome names the place."""
    made = message("OSU^O51", "ORC|ZZ|REF-1^^1.2.3.4^ISO")
    assert not all_of(made.bundle, "Task")
    assert "ORC-1" in [issue.path for issue in made.issues]


def test_an_ordinary_order_has_no_task() -> None:
    """A laboratory order is a ServiceRequest with what supports it, and no referral."""
    bundle = fixture("omg_o19/laboratory_order")
    request = one_of(bundle, "ServiceRequest")
    assert not all_of(bundle, "Task")
    assert "category" not in request
    assert (request["intent"], request["priority"]) == ("reflex-order", "stat")
    assert at(bundle, request["supportingInfo"][0])["valueQuantity"]["value"] == 81.5
    assert at(bundle, request["specimen"][0])["resourceType"] == "Specimen"
    assert at(bundle, request["reasonReference"][0])["code"]["coding"][0]["code"] == "I10"


def test_a_referral_in_words() -> None:
    """An ORM whose service is called a referral is one, without the LOINC code."""
    task = task_of("ORC|NW|R-7^BUSY", "OBR|1|R-7^BUSY||CARD^Referral to cardiology^L", kind="ORM^O01")
    assert task["status"] == "requested"


@pytest.mark.parametrize(
    ("orc", "expected"),
    [
        ("ORC|NW|O-1^B", "active"),
        ("ORC|NW|O-1^B|||CM", "completed"),
        ("ORC|SC|O-1^B|||HD", "on-hold"),
        ("ORC|DC|O-1^B", "revoked"),
        ("ORC|CA|O-1^B", "active"),
        ("ORC|CA|O-1^B|||CA", "revoked"),
        ("ORC|NW|O-1^B|||ER", "entered-in-error"),
    ],
)
def test_status_of_an_order(orc: str, expected: str) -> None:
    """ORC-5 wins over ORC-1; a request to cancel does not cancel yet."""
    made = message("ORM^O01", orc, "OBR|1|O-1^B||1^Test^L")
    assert one_of(made.bundle, "ServiceRequest")["status"] == expected


def test_a_deleted_recipient_is_none() -> None:
    """A participation that is deleted (PRT-2) refers to nobody."""
    made = message("OMG^O19", "ORC|NW|REF-1^^1.2.3.4^ISO", REFERRAL, f"PRT||DE||RT|{LOVE}")
    assert "performer" not in one_of(made.bundle, "ServiceRequest")


def test_orders_without_numbers_are_apart() -> None:
    """Orders that carry no number are separate orders."""
    made = message("ORM^O01", "ORC|NW", "OBR|1|||1^A^L", "ORC|NW", "OBR|2|||2^B^L")
    assert len(all_of(made.bundle, "ServiceRequest")) == 2


def test_recipients_of_an_order_without_control() -> None:
    """Who takes part in an order (PRT) is said also where the order has no ORC."""
    prt = "PRT|1|AD||RCT^Results copies to^HL70912|77^Copy^Carla|||||||||7 Lane^^Warren^MI^48089|^PRN^PH^^^586^5550108"
    bundle = message("OML^O21", "OBR|1|O1^A||6532-6^Rabies^LN", prt).bundle
    (order,) = [one for one in all_of(bundle, "Provenance") if one.get("activity") == {"text": "Order"}]
    who = at(bundle, order["agent"][0]["who"])
    assert at(bundle, order["target"][0])["resourceType"] == "ServiceRequest"
    assert order["agent"][0]["type"]["coding"][0]["code"] == "RCT"
    assert "48089" in str(who) or "48089" in str([at(bundle, who["practitioner"]), who])


@pytest.mark.parametrize("kind", ["ORM^O01", "OMP^O09"])
def test_a_service_beside_a_drug(kind: str) -> None:
    """An OBR in the order of a drug is a service that is ordered with it, under the same number."""
    segments = ("ORC|NW|77^P", "OBR|1|77^P||35669-1^Gentamicin peak^LN", "RXO|1^Gentamicin^L|80||mg")
    bundle = message(kind, *segments).bundle
    request, drug = one_of(bundle, "ServiceRequest"), one_of(bundle, "MedicationRequest")
    assert request["code"]["coding"][0]["code"] == "35669-1"
    assert request["identifier"][0]["value"] == drug["identifier"][0]["value"] == "77"


def test_a_service_without_a_number() -> None:
    """In a message that is not about orders, an OBR without a number is of the ORC before it, and of no other."""
    orders = ("ORC|RE|1^P", "OBR|1|||A^First^L", "OBR|2|||B^Nobody's^L", "ORC|RE|2^P", "TQ1|1", "OBR|1|||C^Second^L")
    first, second = all_of(message("DFT^P03", *orders).bundle, "ServiceRequest")
    assert [(one["identifier"][0]["value"], one["code"]["coding"][0]["code"]) for one in (first, second)] == [
        ("1", "A"),
        ("2", "C"),
    ]


@pytest.mark.parametrize(("kind", "made"), [("ORF^R04", "DiagnosticReport"), ("ORI^O24", "ServiceRequest")])
def test_answers_with_results_and_orders(kind: str, made: str) -> None:
    """What answers a query for results is a report of them; what answers an order is that order."""
    bundle = message(kind, "ORC|OK|1^P", "OBR|1|||A^First^L", "OBX|1|NM|B^Value^L||7||||||F").bundle
    assert one_of(bundle, made)["code"]["coding"][0]["code"] == "A"
    assert one_of(bundle, "Observation")["valueQuantity"] == {"value": 7}


def test_further_schedules_of_an_order() -> None:
    """An order occurs by its first schedule; the others are notes (OBR-27, else ORC-7, else TQ1)."""
    request = one_of(fixture("orm_o01/repeated_timings"), "ServiceRequest")
    assert request["occurrenceTiming"]["code"]["coding"][0]["code"] == "Q6H"
    assert {"text": "Also: QD from 2026-03-06T08:00:00-05:00"} in request["note"]
