import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.mappers.datatypes.nm_decimal import compared, nm_decimal


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("72.50", b"72.50"),
        ("065.88", b"65.88"),
        ("+140", b"140"),
        (".5", b"0.5"),
        ("5.", b"5"),
        ("000", b"0"),
        ("-2.0", b"-2.0"),
        ("0.0000001", b"0.0000001"),
        ("12345678901234567890.12345", b"12345678901234567890.12345"),
    ],
)
def test_digits_as_sent(text: str, written: bytes) -> None:
    """A number is written with the digits that were sent, in the form that JSON allows."""
    assert orjson.dumps(nm_decimal(text)) == written


@pytest.mark.parametrize("text", ["", ".", "-", "abc", "1e5", "1,5", "5 mg", "٣", "--1", "1.2.3"])
def test_no_number(text: str) -> None:
    """What is no number of HL7 is none."""
    assert nm_decimal(text) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_every_decimal_survives(number: object) -> None:
    """Any decimal that is sent plainly is written as it was sent."""
    text = f"{number:f}"
    assert orjson.dumps(nm_decimal(text)).decode() == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("<5", ("<", 5)), (">= 60", (">=", 60)), ("5", ("", 5)), ("< x", ("<", None)), ("", ("", None))],
)
def test_comparators(text: str, expected: tuple[str, int | None]) -> None:
    """A comparator before a number is told from it."""
    assert compared(text) == expected
