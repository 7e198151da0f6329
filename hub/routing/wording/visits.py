"""How admissions, transfers and discharges are told."""

from hub.model import Json
from hub.routing.encounters.dispositions import WORDS
from hub.routing.instants import spoken
from hub.routing.wording.phrases import Wording, Words, at, corrected, labelled, out_of, text
from hub.routing.wording.stay import after, left_at, transitional_care


def arrival(title: str, sentence: str) -> Wording:
    """An admission of one kind; ``sentence`` stands before the time."""

    def say(facts: Json) -> Words:
        began = f"{sentence} {spoken(facts['occurred_at'])}{_unit(facts)}"
        return Words(f"{title}{at(facts)}", text(began, _again(facts), *_clinical(facts)))

    return say


_BEFORE = {"EMER": "the emergency department", "AMB": "an outpatient visit", "OBSENC": "observation"}


def to_inpatient(facts: Json) -> Words:
    """A visit that became an inpatient stay."""
    before = _BEFORE.get(facts["class_before"], "another class of visit")
    began = f"Inpatient since {spoken(facts['occurred_at'])}{_unit(facts)}"
    return Words(f"Admitted from {before}{at(facts)}", text(began, _again(facts), *_clinical(facts)))


def to_outpatient(facts: Json) -> Words:
    """A stay that is an inpatient stay no longer."""
    since = f"No longer an inpatient since {spoken(facts['occurred_at'])}"
    return Words(f"Inpatient stay became an outpatient visit{at(facts)}", text(since, *_clinical(facts)))


def readmission(facts: Json) -> Words:
    """An inpatient stay soon after another one."""
    began = f"Inpatient since {spoken(facts['occurred_at'])}{_unit(facts)}"
    title = f"Readmitted after {facts['days_since_discharge']} days{at(facts)}"
    return Words(title, text(began, _again(facts), *_clinical(facts)))


def transfer(facts: Json) -> Words:
    """A patient who went to another hospital, or came from one."""
    when = spoken(facts["occurred_at"])
    if facts["kind"] == "transfer-out":
        return Words(f"Transferred to another hospital{out_of(facts)}", text(f"Left {when}", *_clinical(facts)))
    arrived = text(f"Arrived {when}{_unit(facts)}", *_clinical(facts))
    return Words(f"Transferred in from another facility{at(facts)}", arrived)


def discharge(facts: Json) -> Words:
    """The end of a stay, with what the practice is to do by when."""
    what = f"Discharged {WORDS.get(facts['disposition_group'], '')}".rstrip()
    left = f"{what} {spoken(left_at(facts))}{after(facts)}"
    again = facts["ordinal"] > 1
    replaces = f"Version {facts['ordinal']}: the discharge reported before was cancelled" if again else ""
    unseen = "" if facts["admission_seen"] else "The admission was not seen"
    version = f" (v{facts['ordinal']})" if again else ""
    said = text(left, replaces, unseen, *_clinical(facts), *transitional_care(facts))
    return Words(f"{what}{out_of(facts)}{version}", said)


def ed_discharge(facts: Json) -> Words:
    """The end of an emergency visit."""
    what = f"Left the emergency department {WORDS.get(facts['disposition_group'], '')}".rstrip()
    left = f"{what} {spoken(left_at(facts))}{after(facts)}"
    unseen = "" if facts["admission_seen"] else "The arrival was not seen"
    return Words(f"Emergency visit ended{at(facts)}", text(left, unseen, *_clinical(facts)))


def discharge_amended(facts: Json) -> Words:
    """A discharge to somewhere else than was said."""
    is_now = WORDS.get(facts["disposition_group"], f"disposition {facts['disposition']}")
    was = f" (was disposition {facts['disposition_before']})" if facts["disposition_before"] else ""
    said = text(f"CORRECTED: disposition {facts['disposition']}, {is_now}{was}", *_clinical(facts))
    return Words(f"CORRECTED: discharge{out_of(facts)}: {is_now}", said)


def death(facts: Json) -> Words:
    """A patient who died."""
    reported = f"{corrected(facts)}Reported {spoken(facts['occurred_at'])}"
    return Words(f"{corrected(facts)}Patient died{at(facts)}", text(reported, *_clinical(facts)))


def cancelled(what: str) -> Wording:
    """What was reported and is taken back."""

    def say(facts: Json) -> Words:
        when = spoken(facts["occurred_at"])
        taken_back = f"CANCELLED: the {what} that was reported did not stand; taken back {when}"
        return Words(f"CANCELLED: {what}{at(facts)}", text(taken_back, _still(facts)))

    return say


# --- parts -----------------------------------------------------------------------------------------------------


def _clinical(facts: Json) -> tuple[str, ...]:
    """Why the patient is there and who is in charge."""
    return (
        labelled("Reason", facts["reason"]),
        labelled("Diagnosis", _diagnosis(facts)),
        labelled("Attending", facts["attending"]),
    )


def _diagnosis(facts: Json) -> str:
    words, code = facts["diagnosis"], facts["diagnosis_code"]
    return f"{words} ({code})" if code and words != code else str(words)


def _unit(facts: Json) -> str:
    return f", {facts['unit']}" if facts["unit"] else ""


def _again(facts: Json) -> str:
    """What makes an admission remarkable."""
    if facts["readmission"]:
        return f"Readmission {facts['days_since_discharge']} days after an inpatient discharge"
    return "An earlier admission of this visit was cancelled" if facts["ordinal"] > 1 else ""


def _still(facts: Json) -> str:
    return f"The patient is still there{_unit(facts)}" if facts["status"] == "in-progress" else ""
