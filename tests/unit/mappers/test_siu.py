import pytest

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
    who = [(at(bundle, p["actor"])["resourceType"], p["status"]) for p in appointment["participant"][:6]]
    came = ("Patient", "HealthcareService", "Device", "Location", "Practitioner")
    assert who == [*((kind, "accepted") for kind in came), ("Practitioner", "declined")]
    assert appointment["serviceType"][0]["text"] == "Echocardiography"
    assert appointment["comment"] == "bring the medication list"


def test_an_appointment_without_a_patient() -> None:
    """A message that names no patient still says what becomes of the appointment and of whose order it is."""
    made = message("SIU^S26", "SCH||AP1^CN||||||||||||||||||||||||REF-1^^1.2.3.4^ISO", patient="")
    (order,) = one_of(made.bundle, "Appointment")["basedOn"]
    assert order.keys() == {"identifier"}
    assert (order["identifier"]["system"], order["identifier"]["value"]) == ("urn:oid:1.2.3.4", "REF-1")
    assert not all_of(made.bundle, "Patient")


@pytest.mark.parametrize(("segment", "path"), [("SCH|1", "SCH-2"), ("RGS|1", "SCH")])
def test_an_appointment_that_cannot_be_followed_is_said_to_be(segment: str, path: str) -> None:
    """A message without SCH, or without any number of the appointment, is converted with a warning of what is
    missing."""
    made = message("SIU^S12", segment.replace("SCH|1", "SCH||||||||30"))
    assert path in {issue.path for issue in made.issues}


@pytest.mark.parametrize("length", ["999999999999", "9" * 5000])
def test_a_length_that_no_appointment_has(length: str) -> None:
    """A length beyond what FHIR and the calendar can hold is left out, and the appointment stands without it."""
    made = booked(f"SCH|P-1|F-1|||||||{length}|M|^^^202603171000-0400")
    assert "minutesDuration" not in made
    assert made["start"] == "2026-03-17T10:00:00-04:00"


def participants(name: str) -> list[Json]:
    """Of the appointment of a fixture, those with a time of their own."""
    found: list[Json] = one_of(fixture(name), "Appointment")["participant"]
    return [one for one in found if "period" in one]


def test_a_resource_comes_for_its_own_time() -> None:
    """A resource takes part from its own start, or the offset from that of the appointment, for its own duration."""
    periods = [(p["period"]["start"][11:16], p["period"]["end"][11:16]) for p in participants("siu_s12/every_field")]
    assert periods == [
        ("10:00", "10:20"),
        ("10:00", "10:15"),
        ("10:10", "10:45"),
        ("10:10", "10:45"),
        ("10:15", "10:45"),
        ("10:15", "10:45"),
        ("10:45", "10:55"),
    ]


def test_the_status_of_a_resource() -> None:
    """The filler's status of a resource is that of its participant, and stands beside it as sent."""
    found = participants("siu_s12/every_field")
    assert [one["status"] for one in found] == ["accepted"] * 2 + ["tentative"] * 2 + ["accepted"] * 2 + ["declined"]
    sent = found[-1]["_status"]["extension"][0]["valueCodeableConcept"]["coding"][0]
    assert (sent["system"], sent["code"]) == ("http://terminology.hl7.org/CodeSystem/v2-0278", "Deleted")


def test_contacts_with_telephone_and_place() -> None:
    """Whom to ask is a role with a telephone and a place; the address is the person's."""
    bundle = fixture("siu_s12/every_field")
    role = next(r for r in all_of(bundle, "PractitionerRole") if r["code"][0]["text"] == "placer contact")
    assert role["telecom"][0]["value"].startswith("+1 845 5550199")
    assert at(bundle, role["location"][0])["name"] == "1"
    assert at(bundle, role["practitioner"])["address"][0]["line"] == ["14 Clinic Road", "Suite 3"]


def test_why_and_by_whom_it_was_entered() -> None:
    """The reason of the message and the person who entered the appointment are its Provenance."""
    entered = next(p for p in all_of(fixture("siu_s12/every_field"), "Provenance") if "activity" in p)
    assert entered["reason"][0]["text"] == "Routine notification"
    assert entered["agent"][0]["who"]["display"] == "Carla Clerk"


def test_two_patients_of_one_appointment() -> None:
    """Each patient of an appointment takes part, and what is known of one is never said of another."""
    bundle = fixture("siu_s12/two_patients")
    first, second = all_of(bundle, "Patient")
    weights = {at(bundle, o["subject"])["id"]: o["valueQuantity"]["value"] for o in all_of(bundle, "Observation")}
    assert weights == {first["id"]: 81.5, second["id"]: 64}
    people = [at(bundle, p["actor"])["id"] for p in one_of(bundle, "Appointment")["participant"][:2]]
    assert people == [first["id"], second["id"]]


def test_general_resources_in_words() -> None:
    """A general resource is a person or a place where its type says so, and a device otherwise."""
    bundle = fixture("siu_s12/general_resources_in_words")
    actors = [p["actor"] for p in one_of(bundle, "Appointment")["participant"][1:4]]
    assert [at(bundle, actor)["resourceType"] for actor in actors] == ["Practitioner", "Location", "Device"]


def test_a_request_for_an_appointment() -> None:
    """What is asked for (ARQ) is a proposed appointment with the times that would suit."""
    made = one_of(fixture("srm_s01/appointment_wanted"), "Appointment")
    assert made["status"] == "proposed"
    assert [one["start"][:10] for one in made["requestedPeriod"]] == ["2026-03-16", "2026-03-23"]
    assert "start" not in made


def test_further_times_are_wanted_too() -> None:
    """Of several timing quantities the first is the appointment's, the others are periods that are wanted as well."""
    made = one_of(fixture("siu_s12/hours_and_recurrence"), "Appointment")
    assert (made["minutesDuration"], made["end"]) == (240, "2026-03-19T11:00:00-04:00")


def test_an_appointment_that_is_said_twice() -> None:
    """Two SCH of one number that contradict each other leave the first one's status, and no reason to cancel it."""
    segments = [
        f"SCH||AP9^CN||||{reason}|||||^^^202603201400^202603201430||||||||||||||{status}"
        for reason, status in (("", "Booked"), ("ILL^Patient is ill^L", "Cancelled"))
    ]
    appointment = one_of(message("SIU^S12", *segments).bundle, "Appointment")
    assert appointment["status"] == "booked"
    assert "cancelationReason" not in appointment
