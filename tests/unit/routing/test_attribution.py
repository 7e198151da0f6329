from typing import Any

from hub.model import CareEvent, NotTold, Role
from hub.routing.attribution import Known, OpenReferral, PanelRow, Practices, attribute
from hub.routing.facts import facts
from hub.settings import Clinician, Practice

BUSY, LOVE, OTHER = "1234567893", "1111111112", "2222222228"
PRACTICES = Practices(
    [
        Practice(id="panel-busy", name="Busy Family Medicine", clinicians=(Clinician(npi=BUSY, name="Dr. Busy"),)),
        Practice(id="love", name="Love Cardiology Group", clinicians=(Clinician(npi=LOVE, name="Dr. Love"),)),
        Practice(id="second", name="Second Office", clinicians=(Clinician(npi=OTHER, name="Dr. Other"),)),
    ]
)
ON_BUSY = PanelRow("panel-busy", BUSY, "2021-05-01")


def event(event_type: str = "encounter.admitted", **said: Any) -> CareEvent:
    at = "2026-03-02T12:40:00-05:00"
    corrects = said.pop("corrects", "")
    return CareEvent("key", event_type, "kind", "person", "subject", "message", at, facts(said), corrects=corrects)


def told(role: Role, known: Known, of: CareEvent | None = None) -> tuple[list[str], list[str]]:
    """The practices that are told and the reasons why others are not."""
    recipients, not_told = attribute((role,), of or event(), known, PRACTICES)
    return [r.practice_id for r in recipients], [n.reason for n in not_told]


def test_the_panel_comes_first() -> None:
    """A practice whose panel has the patient is told, with the panel and the agreeing message as reasons."""
    recipients, not_told = attribute((Role.PCP,), event(), Known((ON_BUSY,), (("PD1-4", BUSY),)), PRACTICES)
    assert [(r.practice_id, r.npi) for r in recipients] == [("panel-busy", BUSY)]
    assert recipients[0].reasons == (
        "on the panel of Busy Family Medicine since 2021-05-01, PCP Dr. Busy (NPI 1234567893)",
        "PD1-4 names Dr. Busy (NPI 1234567893), a clinician of Busy Family Medicine",
    )
    assert not_told == ()


def test_panel_and_message_that_disagree_are_both_told() -> None:
    """When PD1-4 names a clinician of another practice both are told, and the second says so."""
    recipients, _ = attribute((Role.PCP,), event(), Known((ON_BUSY,), (("PD1-4", OTHER),)), PRACTICES)
    assert [r.practice_id for r in recipients] == ["panel-busy", "second"]
    assert "both are told" in recipients[1].reasons[-1]


def test_a_role_of_primary_care_wins_over_pd1() -> None:
    """Without a panel the ROL names the PCP, and the one of PD1-4 is not told."""
    known = Known(named_pcps=(("ROL", BUSY), ("PD1-4", OTHER)))
    assert told(Role.PCP, known) == (["panel-busy"], ["named in PD1-4, but ROL names the PCP"])


def test_a_panel_row_counts_only_while_it_is_active() -> None:
    """A row that has ended, or not begun, tells nobody and says so."""
    ended, future = PanelRow("panel-busy", BUSY, "", "2026-01-31"), PanelRow("second", OTHER, "2026-04-01")
    practices, reasons = told(Role.PCP, Known((ended, future)))
    assert (practices, len(reasons)) == ([], 2)
    assert reasons[0] == "on its panel, but not on 2026-03-02"


def test_two_active_panels_are_both_told_the_latest_first() -> None:
    """Two active relationships are both told; the one that began last comes first."""
    assert told(Role.PCP, Known((ON_BUSY, PanelRow("second", OTHER, "2025-01-01"))))[0] == ["second", "panel-busy"]


def test_an_unknown_clinician_is_not_told() -> None:
    """A PCP whom no practice here has is named as not told."""
    practices, reasons = told(Role.PCP, Known(named_pcps=(("PD1-4", "1999999984"),)))
    assert (practices, reasons) == ([], ["named in PD1-4, but no practice here has this clinician"])


def test_nobody_known_is_unattributed() -> None:
    """Without panel and named PCP the event is unattributed, and says so."""
    practices, (reason,) = told(Role.PCP, Known())
    assert practices == []
    assert reason.startswith("unattributed")


def test_the_panel_says_in_which_of_two_practices_a_clinician_is_meant() -> None:
    """A clinician of two practices is told where the panel has the patient, not in the other one."""
    twice = Practices(
        [Practice(id=i, name=i, clinicians=(Clinician(npi=BUSY, name="Dr. Busy"),)) for i in ("one", "two")]
    )
    known = Known((PanelRow("two", BUSY),), (("PD1-4", BUSY),))
    assert [r.practice_id for r in attribute((Role.PCP,), event(), known, twice)[0]] == ["two"]


def test_open_referrals_make_specialists() -> None:
    """Whoever has an open referral is told, by clinician or by the name of the group; an unknown one is not."""
    known = Known(
        referrals=(
            OpenReferral("1", "REF-1", npi=LOVE),
            OpenReferral("2", "REF-2", organization="SECOND OFFICE"),
            OpenReferral("3", "REF-3", name="Dr. Nobody"),
        )
    )
    recipients, not_told = attribute((Role.SPECIALIST,), event(), known, PRACTICES)
    assert [r.practice_id for r in recipients] == ["love", "second"]
    assert [n.who for n in not_told] == ["Dr. Nobody"]


def test_a_referrals_event_is_for_its_own_specialist() -> None:
    """Of an event of a referral only its own specialist hears, whatever other referrals are open."""
    known = Known(referrals=(OpenReferral("2", "REF-2", npi=OTHER),))
    happened = event("referral.requested", referral="1", referral_number="REF-1", referred_to_npi=LOVE)
    assert told(Role.SPECIALIST, known, happened)[0] == ["love"]


def test_the_referrer_is_the_practice_of_who_sent_it() -> None:
    """The referrer is told where the clinician works; one whom nobody knows is named as not told."""
    assert told(Role.REFERRER, Known(), event("referral.accepted", referrer_npi=BUSY))[0] == ["panel-busy"]
    practices, reasons = told(Role.REFERRER, Known(), event("referral.accepted", referrer="Dr. Nobody"))
    assert (practices, len(reasons)) == ([], 1)


def test_corrections_go_to_those_who_were_told() -> None:
    """A correction goes to the original recipients, and says when there were none."""
    known = Known(originals=(("panel-busy", BUSY),))
    assert told(Role.ORIGINAL, known, event(corrects="first"))[0] == ["panel-busy"]
    assert told(Role.ORIGINAL, Known(), event(corrects="first"))[1] == ["nobody was told of what this corrects"]
    assert told(Role.ORIGINAL, Known(), event()) == ([], [])


def test_nobody_is_told_of_the_document_that_they_wrote() -> None:
    """The practice of a document's author does not hear of it."""
    known = Known(referrals=(OpenReferral("1", "REF-1", npi=LOVE),))
    recipients, not_told = attribute((Role.SPECIALIST,), event("document.posted", author_npi=LOVE), known, PRACTICES)
    assert recipients == ()
    assert not_told == (NotTold("Love Cardiology Group", "wrote the document"),)


def test_a_practice_in_two_roles_is_told_once() -> None:
    """A practice that is PCP and specialist is told once, with the reasons of both."""
    known = Known((ON_BUSY,), referrals=(OpenReferral("1", "REF-1", npi=BUSY),))
    recipients, _ = attribute((Role.PCP, Role.SPECIALIST), event(), known, PRACTICES)
    assert [(r.practice_id, r.role, len(r.reasons)) for r in recipients] == [("panel-busy", Role.PCP, 2)]
