import pytest

from hub.errors import Held
from hub.model import Json
from tests.unit.mappers.clinical import LOVE, all_of, at, fixture, message, one_of

PERSON = f"AIP|1||{LOVE}|ATND||202603171000-0400"


def booked(sch: str, *segments: str, event: str = "S12") -> Json:
    return one_of(message(f"SIU^{event}", sch, *segments).bundle, "Appointment")


def test_a_visit_is_tied_to_its_referral() -> None:
    """SCH-26 makes the appointment fulfil the ServiceRequest that the referral's own message has made."""
    bundle = fixture("siu_s12/visit_booked_for_referral")
    appointment = one_of(bundle, "Appointment")
    order = one_of(fixture("omg_o19/referral_request"), "ServiceRequest")
    assert at(bundle, appointment["basedOn"][0])["id"] == order["id"]
    assert appointment["basedOn"][0]["identifier"]["value"] == "REF-2207"
    assert (appointment["status"], appointment["start"]) == ("booked", "2026-03-17T10:00:00-04:00")


def test_the_appointment_number_alone_is_enough() -> None:
    """Later messages that carry only the filler's number (SCH-2) speak of the same appointment."""
    names = ("siu_s12/visit_booked_for_referral", "siu_s26/no_show_by_appointment_id_only", "siu_s15/cancelled")
    found = [one_of(fixture(name), "Appointment") for name in names]
    assert len({appointment["id"] for appointment in found}) == 1
    assert [appointment["status"] for appointment in found] == ["booked", "noshow", "cancelled"]
    assert "basedOn" not in found[1]


@pytest.mark.parametrize(
    ("event", "stated", "expected"),
    [
        ("S12", "", "booked"),
        ("S13", "", "booked"),
        ("S14", "", "booked"),
        ("S15", "", "cancelled"),
        ("S17", "", "entered-in-error"),
        ("S26", "", "noshow"),
        ("S14", "Started", "checked-in"),
        ("S14", "Complete", "fulfilled"),
        ("S12", "Waitlist", "waitlist"),
        ("S12", "NOSHOW", "noshow"),
        ("S12", "Sonstwas", "booked"),
    ],
)
def test_status(event: str, stated: str, expected: str) -> None:
    """SCH-25 says the status by its meaning; empty or unknown, the event does."""
    assert booked(f"SCH||AP1^CN|||||||||||||||||||||||{stated}", PERSON, event=event)["status"] == expected


@pytest.mark.parametrize(
    ("sch", "more"),
    [
        ("SCH||AP1^CN|||||||||^^30^202603171000-0400^202603171030-0400", ()),
        ("SCH||AP1^CN", ("TQ1|1||||||202603171000-0400|202603171030-0400",)),
        ("SCH||AP1^CN|||||||30|min", ("RGS|1", PERSON)),
        ("SCH||AP1^CN", ("RGS|1", "AIS|1||ECHO^Echo^L|202603171000-0400|||30|min")),
    ],
)
def test_start_and_end(sch: str, more: tuple[str, ...]) -> None:
    """Start and end come from SCH-11, TQ1 or the resources, the end from the duration where it is not sent."""
    appointment = booked(sch, *more)
    assert (appointment["start"], appointment["end"]) == ("2026-03-17T10:00:00-04:00", "2026-03-17T10:30:00-04:00")


def test_unknown_times_are_marked() -> None:
    """A missed visit without times is still valid FHIR: its start and end are marked as unknown."""
    missed = booked("SCH||AP1^CN", event="S26")
    assert missed["_start"]["extension"][0]["valueCode"] == "unknown"
    assert "start" not in missed


def test_participants_have_a_status() -> None:
    """The patient and every resource take part with a status; a deleted one declines."""
    bundle = fixture("siu_s12/several_resources")
    appointment = one_of(bundle, "Appointment")
    who = {at(bundle, p["actor"])["resourceType"]: p["status"] for p in appointment["participant"][:4]}
    assert who == dict.fromkeys(("Patient", "Device", "Location", "Practitioner"), "accepted")
    assert appointment["participant"][4]["status"] == "declined"
    assert appointment["serviceType"][0]["text"] == "Echocardiography"
    assert appointment["comment"] == "bring the medication list"


def test_an_appointment_without_a_patient() -> None:
    """A message that names no patient still says what becomes of the appointment and of whose order it is."""
    made = message("SIU^S26", "SCH||AP1^CN||||||||||||||||||||||||REF-1^^1.2.3.4^ISO", patient="")
    assert one_of(made.bundle, "Appointment")["basedOn"] == [
        {
            "identifier": {
                "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]},
                "value": "REF-1",
                "system": "urn:oid:1.2.3.4",
                "assigner": {"display": "1.2.3.4"},
            }
        }
    ]
    assert not all_of(made.bundle, "Patient")


@pytest.mark.parametrize(("segment", "path"), [("SCH|", "SCH-2"), ("RGS|1", "SCH")])
def test_an_appointment_that_cannot_be_followed_is_held(segment: str, path: str) -> None:
    """An appointment without SCH, or without any number, is held with the place that is missing."""
    with pytest.raises(Held) as held:
        message("SIU^S12", segment)
    assert held.value.path == path


@pytest.mark.parametrize("length", ["999999999999", "9" * 5000])
def test_a_length_that_no_appointment_has(length: str) -> None:
    """A length beyond what FHIR and the calendar can hold is left out, and the appointment stands without it."""
    made = booked(f"SCH|P-1|F-1|||||||{length}|M|^^^202603171000-0400")
    assert "minutesDuration" not in made
    assert made["start"] == "2026-03-17T10:00:00-04:00"
