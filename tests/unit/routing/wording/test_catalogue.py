from typing import Any

import pytest

from hub.model import CareEvent
from hub.routing.facts import facts
from hub.routing.wording.catalogue import WORDINGS, word
from hub.routing.wording.phrases import Words


def said(name: str, **known: Any) -> Words:
    at = known.get("occurred_at", "2026-03-09T16:05:00-04:00")
    return word(name, CareEvent("key", "type", "kind", "person", "subject", "message", at, facts(known)))


@pytest.mark.parametrize("name", sorted(WORDINGS))
def test_every_wording_can_tell_any_event(name: str) -> None:
    """A wording finds words even for an event of which nothing is known."""
    assert said(name).title


def test_a_discharge_says_what_is_to_be_done_by_when() -> None:
    """A discharge names where to, how long, and the days of transitional care (contact, 99496, 99495)."""
    words = said(
        "discharge",
        occurred_at="2026-03-09T16:05:00-04:00",
        discharged_at="2026-03-09T16:05:00-04:00",
        facility="MERCY",
        disposition_group="home",
        length_of_stay="6 d 22 h",
        ordinal=2,
        **{"class": "IMP"},
    )
    assert words.title == "Discharged home from MERCY (v2)"
    assert "Discharged home 9 Mar 2026 16:05 after 6 d 22 h." in words.text
    assert "Contact the patient by Wed 11 Mar. Visit by 16 Mar (99496) or 23 Mar (99495)." in words.text


def test_a_facilitys_patient_needs_no_transitional_care() -> None:
    """A discharge to post-acute care asks the practice for no visit."""
    words = said("discharge", discharged_at="2026-03-09", disposition_group="post-acute", **{"class": "IMP"})
    assert "Visit by" not in words.text


def test_an_admission_that_was_not_seen_is_said() -> None:
    """A discharge without a known admission says so."""
    assert "The admission was not seen." in said("discharge", admission_seen=False).text


@pytest.mark.parametrize("name", ["admit_cancelled", "discharge_cancelled", "transfer_cancelled", "document_retracted"])
def test_cancellations_begin_with_the_word(name: str) -> None:
    """A cancellation begins with CANCELLED, in title and text."""
    assert all(part.startswith("CANCELLED:") for part in said(name))


def test_a_corrected_result_shows_old_and_new() -> None:
    """A corrected result has both values in its title and begins with the word."""
    words = said(
        "result_corrected",
        report="Potassium",
        old_value="6.1",
        new_value="5.1",
        corrections=["Potassium was 6.1 mmol/L (HH), is 5.1 mmol/L (N)"],
    )
    assert words.title == "CORRECTED 6.1→5.1: Potassium"
    assert words.text.startswith("CORRECTED: Potassium was 6.1 mmol/L (HH), is 5.1 mmol/L (N).")


@pytest.mark.parametrize("name", ["document", "treatment_change", "discharge_summary", "death"])
def test_amendments_begin_with_the_word(name: str) -> None:
    """What is restated begins with CORRECTED."""
    assert said(name, amended=True).title.startswith("CORRECTED:")


def test_a_referral_says_what_comes_next() -> None:
    """A missed appointment says which one it was and what the referrer is to do."""
    words = said(
        "referral",
        referral_step="no-show",
        referral_number="REF-2207",
        referred_to="Dr. Love",
        appointment_at="2026-03-17T10:00:00-04:00",
        occurred_at="2026-03-17T10:45:00-04:00",
    )
    assert words.title == "Referral REF-2207 to Dr. Love: appointment missed"
    assert "Appointment: 17 Mar 2026 10:00. Reach the patient and find a new date." in words.text
