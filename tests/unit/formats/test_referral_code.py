import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.formats.referral_code import ReferralCode, decode, encode, referral_key

CODE = ReferralCode("0f8fad5b-d9cb-469f-a165-70867728950e", "REF-2207")
QR_ALPHANUMERIC = set(string.digits + string.ascii_uppercase + " $%*+-./:")


@given(st.uuids(), st.text(max_size=30))
def test_what_was_encoded_is_read_again(referral_id: UUID, number: str) -> None:
    """Any id and number come back as they were."""
    code = ReferralCode(str(referral_id), number)
    assert decode(encode(code)) == code


@given(st.integers(0, 70), st.characters(codec="ascii"))
def test_a_misread_character_is_no_other_referral(at: int, other: str) -> None:
    """A code of which one character was misread names no referral, or the same one."""
    text = encode(CODE)
    damaged = text[: at % len(text)] + other + text[at % len(text) + 1 :]
    assert decode(damaged) in (None, CODE)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """The codes of others are no error."""
    decode(text)


def test_a_code_is_small_and_names_nobody() -> None:
    """The text is made of the characters that a QR code packs most tightly, and is short."""
    text = encode(CODE)
    assert text == "CARERING:REFERRAL:1:0F8FAD5BD9CB469FA16570867728950E:REF-2207:" + text[-8:]
    assert set(text) <= QR_ALPHANUMERIC
    assert len(text) == 70


@pytest.mark.parametrize("text", ["REF-2201", " ref-2201 "])
def test_a_bare_number_is_a_number(text: str) -> None:
    """A code of others that says nothing but the number of a referral is read as that number."""
    assert decode(text) == ReferralCode("", "REF-2201")
    assert ReferralCode("", "REF-2201").key == ""
    assert CODE.key == referral_key(CODE.referral_id) == f"urn:carering:referral|{CODE.referral_id}"


def test_an_id_that_is_none_is_refused() -> None:
    """A code is only made for an id of the hub."""
    with pytest.raises(ValueError, match="hexadecimal"):
        encode(ReferralCode("REF-2207"))
