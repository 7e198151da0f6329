import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from hub.identity import comparators


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("harold", "harold", "same"),
        ("robert", "bob", "nickname"),
        ("h", "harold", "initial"),
        ("maryann", "mary", "part"),
        ("margarte", "margaret", "typo"),
        ("liam", "ilam", "typo"),
        ("ana", "anna", "alike"),
        ("jing", "ying", "alike"),
        ("usha", "asha", "alike"),
        ("patrick", "peter", "other"),
        ("harold", "", ""),
    ],
)
def test_given_names_agree_by_degrees(a: str, b: str, level: str) -> None:
    """A slip of the pen is told from another name that people have, and a short form from both."""
    assert comparators.given(a, b) == comparators.given(b, a) == level


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [("andrews", "andrews", "same"), ("andrews", "andrewes", "typo"), ("smith", "jones", "other"), ("", "x", "")],
)
def test_family_names_agree_by_degrees(a: str, b: str, level: str) -> None:
    """Family names are the same, mistyped, or others."""
    assert comparators.family(a, b) == level


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("19550914", "19550914", "same"),
        ("19550904", "19550409", "swapped"),
        ("19550914", "19550941", "typo"),
        ("19550914", "19560914", "typo"),
        ("19550914", "19850914", "generation"),
        ("1955", "19550914", "partial"),
        ("19550914", "19550623", "other"),
        ("19550914", "19551214", "near"),
        ("19550914", "", ""),
    ],
)
def test_birth_dates_agree_by_the_kind_of_error(a: str, b: str, level: str) -> None:
    """A mistyped date is told from a parent's, and an exchange of day and month from both."""
    assert comparators.born(a, b) == comparators.born(b, a) == level


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("912345678", "912345678", "same"),
        ("912345678", "912345679", "neighbour"),
        ("912345678", "912435678", "typo"),
        ("912345678", "91234567", "typo"),
        ("912345678", "5678", "last4"),
        ("7364009", "1264771", "unlike"),
        ("912345678", "912999678", "other"),
        ("5678", "5678", "last4"),
    ],
)
def test_numbers_that_were_given_out_together_are_two(a: str, b: str, level: str) -> None:
    """A mistyped social security number is told from a twin's."""
    assert comparators.number(a, b) == comparators.number(b, a) == level


def test_streets_are_one_but_for_slips_and_blanks() -> None:
    """A blank more or less and a slip do not make another street; another street of the town is one."""
    assert comparators.road("pridham st", "pridhamst")
    assert comparators.road("elizabeth cres", "elizabeth xcres")
    assert not comparators.road("river rd", "quarry rd")
    assert not comparators.road("", "")


@any_of(st.text("abcdeimnory", max_size=9), st.text("abcdeimnory", max_size=9))
def test_the_order_of_two_names_does_not_matter(a: str, b: str) -> None:
    """Whoever came first, two names agree in the same way."""
    assert comparators.given(a, b) == comparators.given(b, a)
    assert comparators.family(a, b) == comparators.family(b, a)
