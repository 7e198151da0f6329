import pytest

from hub.errors import Held
from tests.unit.mappers.clinical import at, fixture, message, one_of

RF1 = "RF1|{}|R||||REF-1^^1.2.3.4^ISO"


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
def test_a_referral_that_cannot_be_followed_is_held(rf1: str, path: str) -> None:
    """A referral without RF1, or without a number, is held with the place that is missing."""
    with pytest.raises(Held) as held:
        message("REF^I12", rf1)
    assert held.value.path == path
