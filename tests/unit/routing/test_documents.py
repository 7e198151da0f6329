from dataclasses import replace

import orjson

from hub.model import CareEvent
from hub.routing.codec import decode
from hub.routing.documents import EXCERPT, IN_SUMMARY, DocumentRecord, tell
from hub.routing.encounters.projection import fold
from hub.routing.statements import Coded, DocumentStatement, Party, Source
from tests.unit.routing.encounters.test_projection import STORY

CONSULT = Coded("11488-4", "http://loinc.org", "Consult note")
SUMMARY = Coded("18842-5", "http://loinc.org", "Discharge summary")
LOVE = Party("1111111112", "Dr. Love")


def note(hour: int = 8, **said: object) -> DocumentStatement:
    moment = f"2026-03-20T{hour:02}:00:00.000000Z"
    source = Source(f"message-{hour}", "person-harold", moment, moment, moment)
    known: dict[str, object] = {"type": CONSULT, "text": "Stable.\nContinue", "author": LOVE} | said
    return DocumentStatement(source, "document-1", **known)  # type: ignore[arg-type]


def told(*arriving: DocumentStatement) -> list[CareEvent]:
    record = DocumentRecord("document-1")
    events: list[CareEvent] = []
    for statement in arriving:
        record, happened = tell(record, statement)
        record = decode(DocumentRecord, orjson.loads(orjson.dumps(record)))
        events += happened
    return events


def test_a_final_note_is_told_once() -> None:
    """A note is told when it is final, and the same note again is not."""
    events = told(note(8, final=False), note(9), note(10))
    assert [(e.kind, e.version) for e in events] == [("specialist-finding", 1)]
    assert (events[0].facts["author_npi"], events[0].facts["excerpt"]) == (LOVE.npi, "Stable. Continue.")


def test_a_changed_note_corrects_the_first() -> None:
    """A note that says something else is version 2 of the same document."""
    first, second = told(note(8), note(9, text="Worse."))
    assert (second.version, second.corrects, second.facts["amended"]) == (2, first.event_key, True)


def test_an_older_statement_changes_nothing() -> None:
    """What arrives late about a document tells nothing."""
    assert [e.version for e in told(note(9), note(8, text="Older."))] == [1]


def test_a_retracted_note_is_taken_back() -> None:
    """A retraction is told of a note that was told, and of no other."""
    first, second = told(note(8), note(9, retracted=True))
    assert (second.type, second.corrects) == ("document.retracted", first.event_key)
    assert told(note(9, retracted=True)) == []


def test_changes_of_treatment_are_an_event_of_their_own() -> None:
    """A consult note that names changes is told as a finding and as a change of treatment."""
    events = told(note(8, changes=("furosemide 40→80 mg",)))
    assert [e.kind for e in events] == ["specialist-finding", "treatment-change"]
    assert events[1].facts["changes"] == ["furosemide 40→80 mg"]


def test_a_discharge_summary_tells_its_changes_itself() -> None:
    """A discharge summary is told with the stay that it is about, and its changes of treatment only there."""
    statement = note(8, type=SUMMARY, changes=("NEW: spironolactone 25 mg",))
    _, events = tell(DocumentRecord("document-1"), statement, fold(STORY))
    assert [(e.kind, e.silent) for e in events] == [("discharge-summary", ""), ("treatment-change", IN_SUMMARY)]
    assert events[0].facts["length_of_stay"] == "6 d 22 h"


def test_an_excerpt_does_not_repeat_the_changes() -> None:
    """Changes of treatment are told by themselves and left out of the excerpt."""
    (event, _) = told(
        note(8, text="Stable.\nNEW: spironolactone 25 mg.\nReturn.", changes=("NEW: spironolactone 25 mg",))
    )
    assert event.facts["excerpt"] == "Stable. Return."


def test_a_long_note_is_cut() -> None:
    """A notice carries the beginning of a long note."""
    (event,) = told(note(8, text="word " * 500))
    assert len(event.facts["excerpt"]) <= EXCERPT
    assert event.facts["excerpt"].endswith("…")


def test_a_letter_is_quoted_from_its_findings_on() -> None:
    """The excerpt of a letter begins with its findings, not with the letterhead and the patient's data."""
    letter = "LOVE CARDIOLOGY\nPatient: Harold Andrews\nFindings\nNYHA II\nPlan:\nReturn in six weeks."
    (event,) = told(note(8, text=letter, title="CONSULTATION NOTE"))
    assert event.facts["excerpt"] == "Findings: NYHA II. Plan: Return in six weeks."
    assert event.facts["document"] == "Consultation note"


def test_an_untitled_note_is_called_by_its_type() -> None:
    """A document without a title is called by the words of its type."""
    (event,) = told(replace(note(8), title=""))
    assert event.facts["document"] == "Consult note"
