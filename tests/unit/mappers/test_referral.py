import pytest

from hub.model import Json
from tests.unit.mappers.clinical import all_of, at, fixture, message, one_of

RF1 = "RF1|{}|R||||REF-1^^1.2.3.4^ISO"


def referral_of(bundle: Json) -> Json:
    """The request that is a referral, among the orders of results that come with it."""
    requests = all_of(bundle, "ServiceRequest")
    return next(one for one in requests if any("3457005" in str(kind) for kind in one.get("category", ())))


def test_a_referral_message() -> None:
    """A REF^I12 is a ServiceRequest with the parties of its PRD segments, the period of RF1 and a requested Task."""
    bundle = fixture("ref_i12/referral_request")
    request = one_of(bundle, "ServiceRequest")
    assert request["occurrencePeriod"]["end"] == "2026-03-23"
    role = at(bundle, request["performer"][0])
    assert at(bundle, role["practitioner"])["identifier"][0]["value"] == "1111111112"
    assert at(bundle, role["organization"])["name"] == "Love Cardiology Group"
    assert at(bundle, request["reasonReference"][0])["code"]["coding"][0]["code"] == "I50.9"
    assert one_of(bundle, "Task")["status"] == "requested"


def test_the_primary_care_provider() -> None:
    """A provider in the role PP is the patient's general practitioner."""
    bundle = fixture("ref_i12/urgent_with_pcp")
    patient = one_of(bundle, "Patient")
    assert at(bundle, patient["generalPractitioner"][0])["identifier"][0]["value"] == "1777888896"


@pytest.mark.parametrize(
    ("kind", "status", "order", "task"),
    [
        ("REF^I12", "P", "active", "requested"),
        ("REF^I12", "A", "active", "requested"),
        ("REF^I12", "E", "revoked", "cancelled"),
        ("REF^I13", "P", "active", "requested"),
        ("REF^I14", "P", "revoked", "cancelled"),
        ("RRI^I12", "A", "active", "accepted"),
        ("RRI^I12", "R", "revoked", "rejected"),
    ],
)
def test_what_a_message_does(kind: str, status: str, order: str, task: str) -> None:
    """The event and RF1-1 say how far the referral is; only an answer accepts."""
    bundle = message(kind, RF1.format(status)).bundle
    assert (one_of(bundle, "ServiceRequest")["status"], one_of(bundle, "Task")["status"]) == (order, task)


def test_a_question_changes_nothing() -> None:
    """A request for the status (I15) has no Task."""
    bundle = message("REF^I15", RF1.format("P")).bundle
    assert "Task" not in {e["resource"]["resourceType"] for e in bundle["entry"]}


@pytest.mark.parametrize(("rf1", "path"), [("RF1|P|R", "RF1-6"), ("NTE|1||no referral here", "RF1")])
def test_a_referral_that_cannot_be_followed_is_said_to_be(rf1: str, path: str) -> None:
    """A message without RF1, or without a number of the referral, is converted with a warning of what is missing."""
    assert path in {issue.path for issue in message("REF^I12", rf1).issues}


def test_what_the_referral_is_good_for() -> None:
    """The treatments that are authorized, used and planned, and the stop date, are what the Task goes by."""
    task = one_of(fixture("ref_i12/every_field"), "Task")
    known = {one["type"]["text"]: one for one in task["input"]}
    assert known["Used treatments or units"]["valueQuantity"]["value"] == 1
    assert known["Planned treatment stop date"]["valueDateTime"] == "2026-09-30"


def test_an_authorization() -> None:
    """AUT is an authorization beforehand (ClaimResponse) under the coverage of its plan, and the referral names it."""
    bundle = fixture("ref_i12/every_field")
    response = at(bundle, referral_of(bundle)["insurance"][0])
    assert (response["use"], response["preAuthRef"]) == ("preauthorization", "AUTH-5567")
    assert at(bundle, response["insurer"])["name"] == "HealthCo Insurance Inc."
    granted = {one["category"]["text"]: one.get("value") for one in response["adjudication"]}
    assert (granted["Requested treatments"], granted["Authorized treatments"]) == (8, 6)


def test_the_parties_of_a_referral() -> None:
    """A provider keeps all names, addresses, numbers and places, his role its codes and times."""
    bundle = fixture("ref_i12/every_field")
    role = at(bundle, referral_of(bundle)["requester"])
    who, employer = at(bundle, role["practitioner"]), at(bundle, role["organization"])
    assert {coding["code"] for code in role["code"] for coding in code["coding"]} == {"RP", "PP"}
    assert role["period"] == {"start": "2020-01-01", "end": "2030-12-31"}
    assert (len(who["name"]), len(who["address"]), len(who["identifier"])) == (2, 2, 2)
    assert next(point for point in who["telecom"] if point.get("rank") == 1)["system"] == "fax"
    assert employer["telecom"][0]["value"] == "+1 845 5550100"


def test_a_practice_at_home() -> None:
    """What a sender calls the home address and telephone of an organization is hers without that use (org-2, org-3)."""
    prd = "PRD|RT|||||||||Mercy Clinic^L^77|1 Elm St^^Ada^MI^^^H||^PRN^PH^^1^555^5550100"
    organizations = all_of(message("REF^I12", RF1.format("A"), prd).bundle, "Organization")
    employer = next(one for one in organizations if one["name"] == "Mercy Clinic")
    assert "use" not in employer["address"][0]
    assert employer["telecom"][0]["value"] == "+1 555 5550100"
    assert "use" not in employer["telecom"][0]


def test_comments_have_their_places() -> None:
    """A comment on the referral is its note; one after a result is the result's."""
    bundle = fixture("ref_i12/every_field")
    notes = [note["text"] for note in referral_of(bundle)["note"]]
    assert notes == ["first referral of this patient", "please call the spouse", "Patient prefers mornings"]
    (creatinine,) = [o for o in all_of(bundle, "Observation") if o["code"].get("text") == "Creatinine"]
    assert creatinine["note"] == [{"text": "repeat in two weeks"}]


def test_an_answer_without_the_patient() -> None:
    """An answer that names the referral by its number alone still says what becomes of it."""
    bundle = fixture("rri_i12/answer_without_patient")
    assert one_of(bundle, "Task")["status"] == "accepted"
    assert "reference" not in one_of(bundle, "ServiceRequest")["subject"]
