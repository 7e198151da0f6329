import pytest

from hub.formats.treatment import treatment_changes


@pytest.mark.parametrize(
    "line",
    [
        "furosemide 40 → 80 mg",
        "Furosemide 40 -> 80 mg daily",
        "Increase carvedilol from 6.25 mg to 12.5 mg twice daily",
        "We started dapagliflozin 10 mg",
        "Reduced lisinopril to 5 mg",
        "NEW: spironolactone 25 mg daily",
        "Discontinue ibuprofen",
        "STOPPED: ibuprofen",
    ],
)
def test_a_change_is_kept_in_its_own_words(line: str) -> None:
    """A sentence that changes a treatment is a change, word for word."""
    assert treatment_changes([line]) == (line,)


@pytest.mark.parametrize(
    "line",
    [
        "Continue furosemide 80 mg daily",
        "No changes to furosemide 80 mg",
        "Consider increasing lisinopril to 10 mg",
        "Do not start amlodipine 5 mg",
        "Stop smoking",
        "If oedema returns, increase furosemide to 120 mg",
        "Weight 81 kg, no oedema",
        "Return in 2 weeks",
        "",
    ],
)
def test_no_change(line: str) -> None:
    """A sentence that negates, continues or only considers a treatment is no change."""
    assert treatment_changes([line]) == ()


def test_a_list_under_a_heading() -> None:
    """Every line under a heading of changes is one, to the next heading, without its bullet."""
    lines = ["Medication changes", "- Furosemide 80 mg", "2. Ibuprofen stopped", "None else", "Plan", "Walk daily."]
    assert treatment_changes(lines) == ("Furosemide 80 mg", "Ibuprofen stopped")


def test_wrapped_lines_are_one_sentence() -> None:
    """A sentence that goes on in the next line is one change; two sentences in a line are two."""
    lines = ["Increase carvedilol from 6.25 mg", "to 12.5 mg. Start aspirin 81 mg."]
    assert treatment_changes(lines) == ("Increase carvedilol from 6.25 mg to 12.5 mg", "Start aspirin 81 mg")


def test_each_change_once() -> None:
    """A change that is named twice is one change."""
    assert treatment_changes(["NEW: aspirin 81 mg", "", "NEW: aspirin 81 mg"]) == ("NEW: aspirin 81 mg",)
