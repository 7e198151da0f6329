import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.fhir.ids import identifier_key, is_npi, uri
from hub.model import NAMESPACE, Json, stable_id


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        ({"system": "urn:oid:1.2.3", "value": "7", "assigner": {"display": "M"}}, "urn:oid:1.2.3|7"),
        ({"value": "7", "assigner": {"display": "MERCY"}}, "urn:carering:namespace:MERCY|7"),
        ({"value": "7"}, "urn:carering:feed:mercy|7"),
    ],
)
def test_identifier_key(identifier: Json, key: str) -> None:
    """An identifier is known by its system, else its assigner, else the feed that sent it."""
    assert identifier_key(identifier, "mercy") == key


@pytest.mark.parametrize(
    ("number", "valid"),
    [("1234567893", True), ("1234567890", False), ("123456789", False), ("１２３４５６７８９３", False)],
)
def test_npi(number: str, valid: bool) -> None:
    """An NPI is ten digits with a check digit."""
    assert is_npi(number) is valid


@given(st.text(st.characters(codec="utf-8")))
def test_uri_has_no_white_space(text: str) -> None:
    """Any text becomes part of a URI without white space."""
    assert not any(character.isspace() for character in uri(text))


@given(st.lists(st.text(st.characters(codec="utf-8")), max_size=3))
def test_stable_id(parts: list[str]) -> None:
    """A stable id is the version 5 UUID over its parts (RFC 9562)."""
    assert stable_id(*parts) == str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))
