"""The text of FHIR JSON."""

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Unreadable
from hub.fhir.posted.text import DEEPEST, read_json, written


@pytest.mark.parametrize("literal", ["1.50", "6.10", "1e3", "0.00", "-0", "123456789012345678901234567890", "1.5", "7"])
def test_numbers_keep_their_digits(literal: str) -> None:
    """A number is written again as it was sent: precision matters."""
    text = f'{{"value":{literal}}}'.encode()
    assert written(read_json(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "not JSON"),
        (b"<Patient/>", "not JSON"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b'{"a": "\\ud800"}', "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"a": 1, "a": 2}', "names a member twice"),
        (b'{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}", "nested deeper"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "not JSON|nested deeper"),
    ],
)
def test_what_is_no_fhir_json(text: bytes, says: str) -> None:
    """What is no JSON object is refused, with what is wrong and never what stands there."""
    with pytest.raises(Unreadable, match=says):
        read_json(text)


def test_a_byte_order_mark_is_passed_over() -> None:
    """A mark that some systems put before UTF-8 says nothing."""
    assert read_json(b"\xef\xbb\xbf{}") == {}


@given(st.binary(max_size=200))
def test_any_bytes(text: bytes) -> None:
    """Any bytes are an object or refused."""
    with suppress(Unreadable):
        assert isinstance(read_json(text), dict)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_any_object(tree: dict[str, object]) -> None:
    """Any object is read as the same one."""
    try:
        text = orjson.dumps(tree)
    except TypeError:  # a text that is none in Unicode
        return
    assert orjson.loads(written(read_json(text))) == tree
