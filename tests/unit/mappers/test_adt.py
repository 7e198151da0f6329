import pytest

from hub.errors import Unreadable
from hub.mappers import convert
from hub.model import Json, Severity
from tests.unit.mappers.adt_messages import FEED, PID, adt, codes, only, pv1, raw, resources, segment


@pytest.mark.parametrize(
    ("trigger", "status"),
    [
        ("A01", "in-progress"),
        ("A02", "in-progress"),
        ("A03", "finished"),
        ("A04", "in-progress"),
        ("A05", "planned"),
        ("A06", "in-progress"),
        ("A07", "in-progress"),
        ("A08", "in-progress"),
        ("A11", "cancelled"),
        ("A12", "in-progress"),
        ("A13", "in-progress"),
        ("A14", "planned"),
        ("A21", "onleave"),
        ("A27", "cancelled"),
        ("A31", "in-progress"),
        ("A38", "cancelled"),
        ("A53", "onleave"),
        ("A62", "in-progress"),
    ],
)
def test_status_of_the_event(trigger: str, status: str) -> None:
    """The trigger event decides the status of the visit."""
    assert only(adt(trigger, PID, pv1()), "Encounter")["status"] == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({45: "20260309"}, "finished"),
        ({2: "P", 44: ""}, "planned"),
        ({2: "E", 44: ""}, "in-progress"),
        ({2: "", 44: ""}, "unknown"),
    ],
)
def test_status_of_an_update(fields: dict[int, str], status: str) -> None:
    """An update says by times and class where the visit stands."""
    assert only(adt("A08", PID, pv1(fields)), "Encounter")["status"] == status


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("E", "EMER"),
        ("I", "IMP"),
        ("O", "AMB"),
        ("P", "PRENC"),
        ("V", "OBSENC"),
        ("OBS^Observation^99X", "OBSENC"),
        ("e", "EMER"),
        ("R", "R"),
        ("N", "N"),
    ],
)
def test_class(sent: str, code: str) -> None:
    """The class is the v3 ActCode where there is one, local words for observation included, else the v2 code."""
    encounter = only(adt("A01", PID, pv1({2: sent})), "Encounter")
    assert encounter["class"]["code"] == code
    assert encounter["class"]["system"].endswith("v2-0004" if code in "RN" else "v3-ActCode")


def test_class_not_stated() -> None:
    """A visit without a class is of unknown class, with a warning."""
    made = adt("A01", PID, pv1({2: ""}))
    assert only(made, "Encounter")["class"]["code"] == "UNK"
    assert ("required", "PV1-2") in codes(made)


def test_no_visit() -> None:
    """A person update whose PV1 says that there is no visit gives no encounter."""
    assert resources(adt("A31", PID, "PV1|1|N"), "Encounter") == []


def test_event_times() -> None:
    """Without PV1-44 and -45 the stay begins and ends when the event happened."""
    assert only(adt("A04", PID, pv1({44: ""})), "Encounter")["period"] == {"start": "2026-03-02T12:59:00-05:00"}
    assert only(adt("A03", PID, pv1({44: ""})), "Encounter")["period"] == {"end": "2026-03-02T12:59:00-05:00"}
    assert "period" not in only(adt("A08", PID, pv1({44: ""})), "Encounter")


def test_cancelled_discharge() -> None:
    """A visit whose discharge was cancelled has no end, whatever PV1-45 repeats."""
    assert "end" not in only(adt("A13", PID, pv1({45: "20260309"})), "Encounter")["period"]


@pytest.mark.parametrize("sent", ["1", "01", "01^Home^HL70112"])
def test_disposition(sent: str) -> None:
    """The discharge disposition has two digits, however it is sent."""
    stay = only(adt("A03", PID, pv1({36: sent})), "Encounter")["hospitalization"]
    assert stay["dischargeDisposition"]["coding"][0]["code"] == "01"


def test_visit_identity() -> None:
    """The visit number is the visit; without one the account, without that patient, facility and minute."""

    def visit(trigger: str, pid: str, fields: dict[int, str]) -> str:
        return str(only(adt(trigger, pid, pv1(fields)), "Encounter")["id"])

    account = PID + "|" * 10 + "ACC1^^^MERCY"
    assert visit("A01", PID, {2: "E"}) == visit("A03", PID, {44: ""})
    assert visit("A01", account, {19: ""}) == visit("A03", account, {19: "", 44: ""})
    assert visit("A01", PID, {19: "", 44: "20260302124001-0500"}) == visit(
        "A08", PID, {19: "", 44: "202603021240-0500"}
    )
    assert visit("A01", PID, {19: ""}) != visit("A01", PID, {19: "", 44: "202603031240-0500"})


def test_names_of_pcp() -> None:
    """PD1-4 is a Practitioner, a ROL of primary care a PractitionerRole: one can tell who named the PCP."""
    role = segment("ROL", {2: "AD", 3: "PP", 4: "1234567893^Busy^Anna"})
    made = adt("A04", PID, "PD1||||1987654328^Love^Paula", role, pv1())
    by_url = {e["fullUrl"]: e["resource"] for e in made.bundle["entry"]}
    named = [by_url[r["reference"]] for r in only(made, "Patient")["generalPractitioner"]]
    assert [n["resourceType"] for n in named] == ["Practitioner", "PractitionerRole"]
    assert by_url[named[1]["practitioner"]["reference"]]["identifier"][0]["value"] == "1234567893"
    assert named[1]["code"][0]["coding"][0]["code"] == "PP"


def test_role_of_the_visit() -> None:
    """A ROL after PV1 takes part in the visit and is not the patient's PCP."""
    made = adt("A04", PID, pv1(), segment("ROL", {2: "AD", 3: "PP", 4: "1234567893^Busy^Anna"}))
    assert "generalPractitioner" not in only(made, "Patient")
    assert len(only(made, "Encounter")["participant"]) == 1


def test_role_that_ended() -> None:
    """A role that is deleted is not stated."""
    made = adt("A04", PID, segment("ROL", {2: "DE", 3: "PP", 4: "1234567893"}), pv1())
    assert resources(made, "PractitionerRole") == []


@pytest.mark.parametrize(
    ("fields", "member", "value"),
    [
        ({29: "202603070340-0500", 30: "Y"}, "deceasedDateTime", "2026-03-07T03:40:00-05:00"),
        ({30: "Y"}, "deceasedBoolean", True),
        ({30: "N"}, "deceasedBoolean", False),
        ({24: "Y", 25: "2"}, "multipleBirthInteger", 2),
        ({24: "N"}, "multipleBirthBoolean", False),
        ({8: "A"}, "gender", "other"),
    ],
)
def test_patient_choices(fields: dict[int, str], member: str, value: object) -> None:
    """A time of death wins over the indicator, a birth order over the indicator."""
    pid = segment("PID", {3: "1^^^MERCY", 8: "M", **fields})
    assert only(adt("A28", pid), "Patient")[member] == value


def test_unmapped_gender() -> None:
    """A sex that R4 does not have stays beside the empty code, with a warning."""
    made = adt("A28", segment("PID", {3: "1^^^MERCY", 8: "Q"}))
    patient = only(made, "Patient")
    assert "gender" not in patient
    assert patient["_gender"]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "Q"
    assert codes(made) == [("unmapped-code", "PID-8")]


def test_contact_and_related_person() -> None:
    """A relative is a contact and a related person, an employer a contact alone."""
    relative = segment("NK1", {1: "1", 2: "Andrews^Martha", 3: "SPO"})
    employer = segment("NK1", {1: "2", 3: "EMR", 13: "Rail Works"})
    made = adt("A01", PID, relative, employer, pv1())
    assert len(only(made, "Patient")["contact"]) == 2
    assert only(made, "RelatedPerson")["name"] == [{"family": "Andrews", "given": ["Martha"]}]


def test_diagnosis() -> None:
    """A diagnosis is a Condition of the visit with its use and rank; a deleted one is entered in error."""
    kept = segment("DG1", {3: "I50.9^^I10", 6: "F", 15: "1"})
    deleted = segment("DG1", {3: "J20.9^^I10", 6: "F", 21: "D"})
    made = adt("A03", PID, pv1(), kept, deleted)
    first, second = resources(made, "Condition")
    (diagnosis,) = only(made, "Encounter")["diagnosis"]
    assert diagnosis["condition"]["reference"] == f"urn:uuid:{first['id']}"
    assert (diagnosis["use"]["coding"][0]["code"], diagnosis["rank"]) == ("DD", 1)
    assert second["verificationStatus"]["coding"][0]["code"] == "entered-in-error"


def test_merge() -> None:
    """A merge links the surviving and the retired patient both ways."""
    made = adt("A40", PID, "MRG|70999^^^MERCY^MR")
    survivor, retired = resources(made, "Patient")
    assert survivor["link"] == [{"other": {"reference": f"urn:uuid:{retired['id']}"}, "type": "replaces"}]
    assert retired["link"] == [{"other": {"reference": f"urn:uuid:{survivor['id']}"}, "type": "replaced-by"}]
    assert (survivor["active"], retired["active"]) == (True, False)


def test_former_identifier() -> None:
    """A changed identifier list keeps the former number as an old one of the same patient."""
    identifiers = only(adt("A47", PID, "MRG|70044^^^MERCY^MR"), "Patient")["identifier"]
    assert [(i["value"], i.get("use")) for i in identifiers] == [("70045", None), ("70044", "old")]


@pytest.mark.parametrize(
    ("trigger", "segments", "path"),
    [
        ("A40", (PID,), "MRG"),
        ("A40", (PID, "MRG|"), "MRG-1"),
        ("A40", (PID, "MRG|70045^^^MERCY^MR"), "MRG-1"),
    ],
)
def test_a_merge_that_cannot_be_told(trigger: str, segments: tuple[str, ...], path: str) -> None:
    """A merge that does not say who is given up, or names the survivor, is unfit to be acted on and retires nobody."""
    made = adt(trigger, *segments)
    assert [(i.severity, i.path) for i in made.issues] == [(Severity.ERROR, path)]
    assert "link" not in only(made, "Patient")


@pytest.mark.parametrize(
    ("segments", "code", "path"),
    [((pv1(),), "100", "PID"), (("PID|1||^^^MERCY||Andrews^Harold", pv1()), "101", "PID-3")],
)
def test_unfit(segments: tuple[str, ...], code: str, path: str) -> None:
    """Without a patient, or a number to know him by, a message is converted by what it has and marked as unfit."""
    made = adt("A01", *segments)
    assert [(i.severity, i.code, i.path) for i in made.issues] == [(Severity.ERROR, code, path)]
    assert only(made, "Encounter")["status"] == "in-progress"


def test_removals() -> None:
    """A value that the sender deletes is no text but a removal of its field."""
    patient = only(adt("A08", segment("PID", {3: "1^^^MERCY", 5: "A^B", 16: '""'}), pv1()), "Patient")
    assert patient["extension"] == [{"url": "urn:carering:removed", "valueString": "PID-16"}]
    assert "maritalStatus" not in patient


def test_unknown_segments() -> None:
    """A segment that nothing maps stays in the bundle field by field, and the outcome says so."""
    made = adt("A01", PID, pv1(), "ZPI|1|PORTAL^Y")
    (kept,) = resources(made, "Basic")
    assert kept["extension"][1] == {"url": "urn:carering:segment:ZPI-2", "valueString": "PORTAL^Y"}
    assert ("unmapped-segment", "ZPI") in codes(made)


def test_unknown_type() -> None:
    """A message type without a mapping gives the patient and the visit, and the outcome says so."""
    made = convert(raw(f"MSH|^~\\&|HIS|MERCY|||20260302||QQQ^Q99|1|P|2.5\r{PID}\r{pv1()}\rXYZ|1"), FEED)
    assert only(made, "Encounter")["class"]["code"] == "IMP"
    assert [r["code"]["coding"][0]["code"] for r in resources(made, "Basic")] == ["XYZ"]
    assert ("unmapped-type", "MSH-9") in codes(made)


def test_test_data() -> None:
    """Training and debugging data are tagged as test data."""
    tags = only(adt("A01", PID, pv1(), msh={11: "T"}), "MessageHeader")["meta"]["tag"]
    assert [t["code"] for t in tags] == ["T", "ADT", "2.5.1", "HTEST"]


def test_event_time() -> None:
    """The event happened at EVN-6, else EVN-2, else MSH-7; it was recorded at EVN-2, else MSH-7, else when it was
    received."""

    def times(*segments: str) -> tuple[Json, Json]:
        made = convert(raw("\r".join(segments)), FEED)
        provenance = only(made, "Provenance")
        return provenance.get("occurredDateTime"), provenance["recorded"]

    head, event = "MSH|^~\\&|HIS|MERCY|||202603021300||ADT^A01|1|P|2.5", "EVN|A01|202603021259||||202603021240"
    sent = "2026-03-02T13:00:00-05:00"
    entered = "2026-03-02T12:59:00-05:00"
    assert times(head, event, PID) == ("2026-03-02T12:40:00-05:00", entered)
    assert times(head, "EVN|A01|202603021259", PID) == (entered, entered)
    assert times(head, PID) == (sent, sent)
    assert times(head.replace("202603021300", ""), PID) == (None, "2026-03-01T12:00:00.000Z")


def test_envelope() -> None:
    """The bundle is a message: header first, focus on patient and visit, the control id of the sender."""
    made = adt("A01", PID, pv1())
    header = made.bundle["entry"][0]["resource"]
    assert header["eventCoding"] == {"system": "http://terminology.hl7.org/CodeSystem/v2-0003", "code": "A01"}
    assert header["sender"]["display"] == "MERCY"
    focus = [only(made, kind)["id"] for kind in ("Patient", "Encounter")]
    assert [f["reference"] for f in header["focus"]] == [f"urn:uuid:{i}" for i in focus]
    assert made.bundle["identifier"] == {"system": "urn:carering:sender:HIS|MERCY", "value": "C1"}


def test_bed_status() -> None:
    """A bed status is about no patient but about a place."""
    made = adt("A20", "NPU|ICU^3^A|U")
    assert resources(made, "Patient") == []
    bed = next(place for place in resources(made, "Location") if place["name"] == "A")
    assert bed["operationalStatus"]["code"] == "U"
    assert only(made, "MessageHeader")["focus"] == [{"reference": f"urn:uuid:{bed['id']}"}]


def test_unreadable() -> None:
    """Bytes without a header are unreadable."""
    with pytest.raises(Unreadable):
        convert(raw("hello"), FEED)


def test_event_that_is_called_otherwise() -> None:
    """Where EVN-1 names another event than the message, the message's Provenance keeps it."""
    plain, other = (resources(adt("A04", PID, evn={1: event}), "Provenance")[-1] for event in ("A04", "A08"))
    assert "activity" not in plain
    assert other["activity"]["coding"][0]["code"] == "A08"
