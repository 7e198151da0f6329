import pytest

from hub.errors import Unreadable
from hub.formats.hl7v2 import parse


def _message(declared: bytes, name: bytes) -> bytes:
    return b"MSH|^~\\&|A||||||ADT^A01|1|P|2.5.1||||||" + declared + b"\rPID|||1||" + name + b"^X"


def _name(data: bytes, default: str = "ascii") -> str:
    pid = parse(data, default).first("PID")
    assert pid is not None
    return pid[5].text


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("UNICODE UTF-8", "utf-8"),
        ("UTF-8", "utf-8"),
        ("unicode", "utf-8"),
        ("GB 18030-2000", "gb18030"),
        ("BIG-5", "big5"),
        ("KS X 1001", "euc_kr"),
        ("~ISO IR87", "iso2022_jp"),
        ("ASCII~ISO IR87", "iso2022_jp"),
        ("ISO-8859-1", "latin-1"),
        ("ISO8859/15", "iso8859-15"),
        ("8859-1", "latin-1"),
        ("WINDOWS-1252", "cp1252"),
        ("CP1250", "cp1250"),
        ("ISO-IR-100", "latin-1"),
        ("UNICODE UTF8", "utf-8"),
        ("ASCII", "utf-8"),
    ],
)
def test_declared_sets(declared: str, codec: str) -> None:
    """The bytes are read in the character set that MSH-18 names."""
    name = {"big5": "許功蓋", "gb18030": "许功", "euc_kr": "홍길동", "iso2022_jp": "山田"}.get(codec, "Müller")
    assert _name(_message(declared.encode(), name.encode(codec))) == name


def test_a_delimiter_byte_within_a_character_does_not_split() -> None:
    r"""Half of a Big5 character may be the byte of ``\\``; decoding comes before splitting."""
    name = "許功蓋"
    assert b"\\" in name.encode("big5")
    assert _name(_message(b"BIG-5", name.encode("big5"))) == name


def test_empty_is_ascii_or_valid_utf8() -> None:
    """Without a declaration, bytes that are valid UTF-8 as a whole are read as UTF-8."""
    assert _name(_message(b"", "Müller".encode())) == "Müller"
    assert _name(_message(b'""', "Müller".encode())) == "Müller"


@pytest.mark.parametrize("default", ["8859/1", "latin-1", "cp1252"])
def test_the_feeds_default(default: str) -> None:
    """Without a declaration, the feed's character set holds."""
    assert _name(_message(b"", "Müller".encode("latin-1")), default) == "Müller"


@pytest.mark.parametrize("declared", [b"", b"UNICODE UTF-8", b"ASCII"])
def test_invalid_bytes_are_unreadable_and_placed(declared: bytes) -> None:
    """Bytes that are not valid in the character set are never replaced; the offset is named, the text is not."""
    data = _message(declared, b"M\xfcller")
    with pytest.raises(Unreadable) as caught:
        parse(data)
    assert (caught.value.code, caught.value.path) == ("charset", "MSH-18")
    assert f"byte {data.index(0xFC)} " in str(caught.value)


@pytest.mark.parametrize("declared", [b"KLINGON", b"UNICODE UTF-16", b"ASCII~KLINGON", b"unicode_escape"])
def test_unknown_labels(declared: bytes) -> None:
    """A label that is not in table 0211, or cannot be, is a table value not found (103)."""
    with pytest.raises(Unreadable) as caught:
        parse(_message(declared, b"M\xfcller"))
    assert caught.value.code == "103"


@pytest.mark.parametrize("name", ["Muller", "Müller"])
def test_unknown_label_of_a_text_that_needs_none(name: str) -> None:
    """Letters that are the same in every set, or valid UTF-8, are read whatever MSH-18 says; an answer may still refuse
    the label."""
    assert _name(_message(b"KLINGON", name.encode())) == name


@pytest.mark.parametrize("default", ["no-such-set", "utf-16", "hex", "cp037"])
def test_a_default_that_cannot_be(default: str) -> None:
    """A feed's default that is no superset of ASCII text is named, not guessed around."""
    with pytest.raises(Unreadable) as caught:
        parse(_message(b"", b"A"), default)
    assert caught.value.code == "103"
