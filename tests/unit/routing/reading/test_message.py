from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from hub.mappers import convert
from hub.routing.reading.message import TEST_DATA, read
from hub.routing.statements import (
    DocumentStatement,
    EncounterStatement,
    MergeStatement,
    Reading,
    ReferralSignal,
    ResultStatement,
    Statement,
)
from hub.services.conversion.files import messages_in
from hub.settings import Feed, PluginUse

MESSAGES = Path(__file__).parents[4] / "fixtures" / "messages"
RECEIVED = datetime(2026, 3, 2, 18, tzinfo=UTC)
FEED = Feed(name="mercy", adapter=PluginUse(kind="mllp"), time_zone="America/Chicago")


def reading(fixture: str, *replacing: tuple[bytes, bytes]) -> Reading:
    """What the only message of a fixture states, after some replacements in its bytes."""
    ((_, raw),) = messages_in(MESSAGES / fixture, FEED, RECEIVED)
    body = raw.body
    for old, new in replacing:
        assert old in body
        body = body.replace(old, new)
    bundle = orjson.loads(orjson.dumps(convert(replace(raw, body=body), FEED).bundle))
    return read(bundle, "message-1", "person-1", "2026-03-02T18:00:00.000000Z", FEED.name)


def only(fixture: str, *replacing: tuple[bytes, bytes]) -> Statement:
    (statement,) = reading(fixture, *replacing).statements
    return statement


def test_a_visit_is_read_with_all_that_routing_needs() -> None:
    """An emergency arrival states class, times, place, reason, attending and the PCP that PD1-4 names."""
    statement = only("adt_a04/ed_arrival.hl7")
    assert isinstance(statement, EncounterStatement)
    assert (statement.trigger, statement.cls, statement.visit_number) == ("A04", "EMER", "V778899")
    assert statement.admitted_at == "2026-03-02T12:40:00-05:00"
    assert (statement.site, statement.unit) == ("MERCY", "ED 12 A")
    assert statement.reason.text == "dyspnea"
    assert statement.attending.name.endswith("Stone")
    assert statement.pcps == (("PD1-4", "1234567893"),)


def test_the_moment_is_when_it_happened() -> None:
    """The moment of a statement is EVN-6 with the sender's offset; its order is by UTC."""
    source = reading("adt_a04/ed_arrival.hl7").source
    assert (source.occurred_at, source.instant) == ("2026-03-02T12:40:00-05:00", "2026-03-02T17:40:00.000000Z")


def test_all_messages_of_a_visit_are_of_the_same_visit() -> None:
    """Arrival, conversion and discharge of one visit number are about one subject."""
    names = ("adt_a04/ed_arrival.hl7", "adt_a06/ed_to_inpatient.hl7", "adt_a03/inpatient_discharge.hl7")
    subjects = {s.subject for name in names for s in reading(name).statements if isinstance(s, EncounterStatement)}
    assert len(subjects) == 1


def test_a_role_of_primary_care_is_named_before_pd1() -> None:
    """A ROL of primary care names the PCP, before PD1-4."""
    assert reading("adt_a04/role_names_pcp.hl7").named_pcps[0][0] == "ROL"


def test_results_that_answer_a_query_are_no_news() -> None:
    """ORF^R04 states no results, so that nobody is told of what somebody looked up, and a later ORU^R01 is news."""
    answer = "orf_r04/result_found.hl7"
    assert reading(answer).statements == ()
    assert reading(answer, (b"ORF^R04", b"ORU^R01")).statements != ()


def test_persons_have_no_visit() -> None:
    """A28 and A31 say nothing of a visit."""
    assert reading("adt_a28/add_person.hl7").statements == reading("adt_a31/update_person.hl7").statements == ()


def test_a_merge_names_both_identifiers() -> None:
    """A40 states which identifier survives and which one is retired, and nothing of a visit."""
    statement = only("adt_a40/merge.hl7")
    assert isinstance(statement, MergeStatement)
    assert statement.survivor != statement.retired


def test_a_result_is_read_with_its_values() -> None:
    """A report states each observation with value, unit and flag; a correction is about the same observation."""
    critical, corrected = only("oru_r01/potassium_critical.hl7"), only("oru_r01/potassium_corrected.hl7")
    assert isinstance(critical, ResultStatement)
    assert isinstance(corrected, ResultStatement)
    assert [(v.value, v.unit, v.flag) for v in critical.values] == [("6.1", "mmol/L", "HH")]
    assert [v.key for v in critical.values] == [v.key for v in corrected.values]
    assert (critical.subject, corrected.status) == (corrected.subject, "corrected")


@pytest.mark.parametrize("fixture", sorted(str(p.relative_to(MESSAGES)) for p in MESSAGES.glob("oru_r01/*.hl7")))
def test_every_value_has_words(fixture: str) -> None:
    """Every observation that has a value says it in words, whatever its type."""
    for statement in reading(fixture).statements:
        if isinstance(statement, ResultStatement):
            said = [v for v in statement.values if v.status != "entered-in-error" and v.code.text != "CO2"]
            assert all(v.value for v in said), "only CO2 was not asked for"


def test_another_patients_report_is_left_out() -> None:
    """Of a message with two patients only the reports of the first one are stated."""
    reports = [s for s in reading("oru_r01/two_patients.hl7").statements if isinstance(s, ResultStatement)]
    assert len(reports) == 1


def test_a_note_is_read_with_author_text_and_changes() -> None:
    """A consult note states author, text, the numbers it names and the changes of treatment."""
    statement = only("mdm_t02/note_for_referral.hl7")
    assert isinstance(statement, DocumentStatement)
    assert (statement.type.code, statement.author.npi, statement.final) == ("11488-4", "1111111112", True)
    assert statement.referral_keys[0] == "urn:oid:1.2.3.4|REF-2207"
    assert "carvedilol" in statement.changes[0]
    assert "\\.br\\" not in statement.text


def test_a_cancelled_document_is_retracted() -> None:
    """T11 retracts the document that T02 posted."""
    retracted, posted = only("mdm_t11/document_cancelled.hl7"), reading("mdm_t02/consult_note_without_order.hl7")
    assert isinstance(retracted, DocumentStatement)
    assert retracted.retracted
    assert retracted.subject in {s.subject for s in posted.statements if isinstance(s, DocumentStatement)}


def test_a_preliminary_note_is_not_final() -> None:
    """A note that is not authenticated yet is not final."""
    notes = [s for s in reading("mdm_t02/preliminary_note.hl7").statements if isinstance(s, DocumentStatement)]
    assert [n.final for n in notes] == [False]


def test_a_referral_is_read_as_a_signal() -> None:
    """An order for a referral states its number, both sides, the due date and the question."""
    signal = only("omg_o19/referral_request.hl7")
    assert isinstance(signal, ReferralSignal)
    assert (signal.step, signal.number, signal.keys) == ("requested", "REF-2207", ("urn:oid:1.2.3.4|REF-2207",))
    assert (signal.referrer.npi, signal.referred_to.npi) == ("1234567893", "1111111112")
    assert (signal.due, signal.priority) == ("2026-03-23", "routine")
    assert reading("omg_o19/laboratory_order.hl7").statements == ()


@pytest.mark.parametrize(
    ("fixture", "step"),
    [
        ("osu_o51/referral_accepted.hl7", "accepted"),
        ("osu_o51/referral_declined.hl7", "declined"),
        ("rri_i12/referral_accepted.hl7", "accepted"),
        ("ref_i14/referral_cancelled.hl7", "cancelled"),
        ("siu_s12/visit_booked_for_referral.hl7", "scheduled"),
        ("siu_s15/cancelled.hl7", "appointment-cancelled"),
        ("siu_s26/no_show_by_appointment_id_only.hl7", "no-show"),
    ],
)
def test_answers_and_appointments_are_steps(fixture: str, step: str) -> None:
    """Each answer and each appointment is the step of a referral that it means."""
    assert [s.step for s in reading(fixture).statements if isinstance(s, ReferralSignal)] == [step]


def test_an_appointment_teaches_its_own_number() -> None:
    """A booked visit names the referral and its own number; a no-show may name the latter alone."""
    booked, missed = only("siu_s12/visit_booked_for_referral.hl7"), only("siu_s26/no_show_by_appointment_id_only.hl7")
    assert isinstance(booked, ReferralSignal)
    assert isinstance(missed, ReferralSignal)
    assert booked.keys == ("urn:oid:1.2.3.4|REF-2207",)
    assert set(missed.learned) & set(booked.learned)


def test_test_data_is_silent() -> None:
    """A message in processing mode T never tells anybody."""
    assert reading("adt_a01/test_data.hl7").silent == TEST_DATA
