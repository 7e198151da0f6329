import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.formats.hl7v2 import STANDARD, Delimiters, escape, parse, unescape
from tests import strategies


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\F\ \S\ \T\ \R\ \E\ \P\ ", "| ^ & ~ \\ # "),
        (r"a\.br\b\.sp2\c", "a\nb\n\nc"),
        (r"a\.sk3\b\.ce\c", "a   b\nc"),
        (r"\.in+4\\.nf\a\.fi\\.ti-2\b", "ab"),
        (r"\H\bold\N\ text", "bold text"),
        (r"\X48\\X4142\!", "HAB!"),
        (r"\Zab\ \C2842\ ", r"\Zab\ \C2842\ "),
        (r"C:\temp", r"C:\temp"),
        (r"50\60 \T\ more", r"50\60 & more"),
        (r"\X4\ \XZZ\ \X\ ", r"\X4\ \XZZ\ \X\ "),
        (r"\XFF\ ", r"\XFF\ "),
        ("\\", "\\"),
        (r"\\", r"\\"),
        (r"a\F", r"a\F"),
        (r"\F\S\ ", r"|S\ "),
    ],
)
def test_sequences(written: str, meant: str) -> None:
    """Known sequences are decoded once; what is unknown, unterminated or odd stays as it is written."""
    assert unescape(written, STANDARD, "ascii") == meant


def test_a_decoded_carriage_return_makes_no_segment() -> None:
    r"""``\X0D\`` is a character of the text it stands in."""
    message = parse(b"MSH|^~\\&|A\rNTE|1||x\\X0D\\PID|1")
    assert [s.name for s in message.segments] == ["MSH", "NTE"]
    assert message.segments[1][3].text == "x\rPID"


def test_hex_is_read_in_the_messages_character_set() -> None:
    r"""``\XE9\`` is é in 8859/1, and ``\XC3A9\`` is é in UTF-8."""
    head = b"MSH|^~\\&|A||||||ADT^A01|1|P|2.5.1||||||%s\rNTE|1||caf\\X%s\\"
    for charset, code in ((b"8859/1", b"E9"), (b"UNICODE UTF-8", b"C3A9")):
        note = parse(head % (charset, code)).first("NTE")
        assert note is not None
        assert note[3].text == "café"


@given(strategies.texts(), strategies.delimiters())
def test_escape_and_back(text: str, delimiters: Delimiters) -> None:
    """Any text survives, and nothing that splits is left in what is written."""
    written = escape(text, delimiters)
    assert unescape(written, delimiters, "utf-8") == text
    assert not set(written) & {delimiters.field, delimiters.component, delimiters.repetition, "\r", "\n"}


@given(st.text("\\FSTREXZ0D.br ", max_size=30))
def test_no_escape_text_crashes(text: str) -> None:
    """Whatever stands between escape characters is decoded or kept."""
    assert isinstance(unescape(text, STANDARD, "ascii"), str)


def test_no_escape_character_to_escape_with() -> None:
    """A text that needs an escape character where there is none is not written wrongly."""
    with pytest.raises(ValueError, match="no escape character"):
        escape("a|b", Delimiters(escape=""))
