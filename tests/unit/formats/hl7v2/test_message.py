from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Refused, Unreadable
from hub.formats.hl7v2 import STANDARD, Delimiters, build, parse, patient_key, read_header, salvage_header, split_batch
from hub.formats.hl7v2.controls import without_controls
from tests import strategies

ADT = (
    b"MSH|^~\\&|EPIC|MERCY^1.2.3^ISO|HUB||20260302124000-0500||ADT^A01^ADT_A01|M1|P|2.5.1\r"
    b"EVN|A01|20260302124000-0500\r"
    b'PID|1||70045^^^MERCY&1.2.3&ISO^MR~999^^^SSA^SS||Andrews \\T\\ Co^Harold^^Jr||19550914|M||""|^^^~|||||""^x\r'
    b"OBX|1|TX|A||one\r"
    b"OBX|2|TX|B||two^three\\.br\\four\r"
)


def test_names_of_the_message() -> None:
    """Type, trigger, structure, control id and delimiters are those of the header."""
    message = parse(ADT)
    assert (message.type, message.trigger, message.structure, message.control_id) == ("ADT", "A01", "ADT_A01", "M1")
    assert message.delimiters == STANDARD


def test_header_fields_are_numbered_as_in_the_standard() -> None:
    """MSH-1 is the separator, MSH-2 the encoding characters as they stand, MSH-3 the application."""
    msh = parse(ADT).segments[0]
    assert [msh[n].text for n in (1, 2, 3, 10)] == ["|", "^~\\&", "EPIC", "M1"]


def test_repetitions_components_and_subcomponents() -> None:
    """Every level is reached by its number, counted from one."""
    pid = parse(ADT).first("PID")
    assert pid is not None
    first, second = pid[3]
    assert (first[1], first[4], first.sub(4, 2), first.whole(4)) == ("70045", "MERCY", "1.2.3", "MERCY&1.2.3&ISO")
    assert first.subcomponents(4) == ["MERCY", "1.2.3", "ISO"]
    assert (second[1], second.path, second[99], second.sub(9, 9)) == ("999", "PID-3[2]", "", "")


def test_segments_are_counted_by_name_and_by_line() -> None:
    """The second OBX has number two and says so in its path."""
    first, second = parse(ADT).all("OBX")
    assert (first.number, first.path(5), second.number, second.line, second.path(5)) == (1, "OBX-5", 2, 5, "OBX[2]-5")


def test_whole_text_keeps_delimiters() -> None:
    """A text value is the whole repetition, decoded, with the delimiters that stand in it."""
    assert parse(ADT).all("OBX")[1][5].first.text == "two^three\nfour"


def test_absent_is_empty_and_never_fails() -> None:
    """A segment that is not there is None; a field that is not there is falsy and without repetitions."""
    message = parse(ADT)
    assert message.first("ZZZ") is None
    field = message.segments[1][77]
    assert (bool(field), list(field), field.text, field.first[3], bool(field.first)) == (False, [], "", "", False)


def test_fields_of_a_segment_are_those_that_say_something() -> None:
    """Iterating gives the stated fields in order, each with its number and path; the header's delimiters are two."""
    message = parse(ADT)
    assert [field.number for field in message.segments[2]] == [1, 3, 5, 7, 8, 10, 11, 16]
    assert [field.path for field in message.segments[0]][:3] == ["MSH-1", "MSH-2", "MSH-3"]


def test_texts_are_named_at_once() -> None:
    """``texts`` gives so many components, without padding around a value, and with empty ones where there is none."""
    pid = parse(b'MSH|^~\\&|A\rPID| a ^b&c^\\T\\ \xc2\xa0^""^e|x^y').first("PID")
    assert pid is not None
    assert pid[1].first.texts(4) == ["a", "b", "&", ""]
    assert pid[2].first.texts(3) == ["x", "y", ""]


def test_null_is_a_statement_without_text() -> None:
    """The explicit null makes a field truthy and ``is_null``, but gives no text and no repetition."""
    pid = parse(ADT).first("PID")
    assert pid is not None
    assert (pid[10].is_null, bool(pid[10]), pid[10].text, list(pid[10])) == (True, True, "", [])
    assert pid[17].first[1] == ""


def test_only_delimiters_is_empty() -> None:
    """A field of nothing but delimiters says nothing."""
    pid = parse(ADT).first("PID")
    assert pid is not None
    assert not pid[11]
    assert list(pid[11]) == []


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n\n"])
def test_any_line_ending(ending: bytes) -> None:
    """CR, LF, CRLF, mixed, blank lines, a missing last one and a byte order mark are all read alike."""
    changed = b"\xef\xbb\xbf" + ending + ADT.replace(b"\r", ending).rstrip()
    assert [s.raw for s in parse(changed).segments] == [s.raw for s in parse(ADT).segments]


def test_a_broken_line_continues_the_segment_before() -> None:
    """A line that does not begin as a segment does is text of the one before, not a segment of its own."""
    message = parse(ADT + b"OBX|3|TX|C||first line\nsecond line, PID of none\r\rZZZ|1\r")
    assert message.all("OBX")[2][5].text == "first line\nsecond line, PID of none"
    assert [s.name for s in message.segments][-2:] == ["OBX", "ZZZ"]


@pytest.mark.parametrize(
    "written",
    [b"And\x00rews", b"And\x0brews", b"And\\X00\\rews", *("And\u00a0rews".encode(), "And\u3000rews".encode())],
)
def test_control_characters_are_blanks(written: bytes) -> None:
    """A control character is a blank, as it is written and as it is escaped, and so are blanks that HL7's schema of
    FHIR refuses (no-break, wide); a tab stays."""
    message = parse(b"MSH|^~\\&|A\rPID|||||" + written + b"^\tHarold\r", "utf-8")
    assert message.segments[1][5].text == "And rews"
    assert message.segments[1][5].first[2] == "\tHarold"


def test_two_messages_are_never_one() -> None:
    """A second MSH makes the bytes unreadable rather than one message of both."""
    with pytest.raises(Unreadable) as caught:
        parse(ADT + ADT)
    assert caught.value.path == "MSH[2]"


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (b"", "MSH"),
        (b"PID|1", "MSH"),
        (b"MSH", "MSH-1"),
        (b"MSHx^~\\&x", "MSH-1"),
        (b"MSH|^|", "MSH-2"),
        (b"MSH||A", "MSH-2"),
        (b"MSH|^^\\&|A", "MSH-2"),
        (b"MSH|^~a&|A", "MSH-2"),
        (b"MSH|^~\\&#!|A", "MSH-2"),
        (b"MSH|^~\xe9&|A", "MSH-2"),
    ],
)
def test_unusable_headers_are_named(head: bytes, path: str) -> None:
    """Bytes without a usable header are unreadable, and the place is named."""
    with pytest.raises(Unreadable) as caught:
        parse(head)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (b"^~\\&", Delimiters()),
        (b"^~\\&#", Delimiters(truncation="#")),
        (b"^~&", Delimiters(escape="")),
        (b"^~ &", Delimiters(escape="")),
        (b"^~\\\\&", Delimiters()),
        (b"^~", Delimiters(escape="", subcomponent="")),
        (b"^~\\", Delimiters(subcomponent="")),
        (b"@#!*", Delimiters("|", "@", "#", "!", "*")),
    ],
)
def test_declared_delimiters(declared: bytes, expected: Delimiters) -> None:
    """Two to five encoding characters are taken as declared; what is known as a mistake, as what was meant."""
    assert parse(b"MSH|" + declared + b"|A").delimiters == expected


def test_without_escape_character_a_backslash_is_text() -> None:
    """Where no escape character is declared, nothing is decoded."""
    pid = parse(b"MSH|^~&|A\rPID|1|a\\F\\b&c").first("PID")
    assert pid is not None
    assert (pid[2].text, pid[2].first.sub(1, 2)) == ("a\\F\\b", "c")


def test_trigger_of_old_messages_is_in_evn() -> None:
    """When MSH-9 has one component, EVN-1 says the trigger."""
    assert parse(b"MSH|^~\\&|A|||||||ADT|1|P|2.1\rEVN|A08").trigger == "A08"


@given(strategies.segments(), strategies.delimiters())
def test_round_trip(segments: strategies.Segments, delimiters: Delimiters) -> None:
    """``parse`` gives back the values that ``build`` was given, in any delimiters and characters; blanks are none, and
    those of any kind are ordinary ones."""
    message = parse(build(segments, delimiters))
    assert [s.name for s in message.segments] == [name for name, _ in segments]
    for read, (_, written) in zip(message.segments[1:], segments[1:], strict=True):
        for number, repetitions in written.items():
            seen = {r.number: r for r in read[number]}
            for position, repetition in enumerate(repetitions, 1):
                for component, subcomponents in enumerate(repetition, 1):
                    for place, text in enumerate(subcomponents, 1):
                        got = seen[position].sub(component, place) if position in seen else ""
                        assert got == ("" if text.isspace() else without_controls(text))


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda tail: ADT[:60] + tail)))
def test_no_bytes_crash(data: bytes) -> None:
    """Any bytes are either read to the last subcomponent or named unreadable or refused."""
    salvage_header(data)
    for read in (_read_all, lambda d: patient_key(d, read_header(d)), split_batch):
        with suppress(Unreadable, Refused):
            read(data)


@given(strategies.messages(strategies.delimiters), st.data())
def test_no_damaged_message_crashes(message: bytes, data: st.DataObject) -> None:
    """A message with some bytes overwritten or cut off is still read, or named unreadable."""
    at = data.draw(st.integers(0, len(message)))
    damaged = message[:at] + data.draw(st.binary(max_size=4)) + message[at + data.draw(st.integers(0, 4)) :]
    with suppress(Unreadable):
        _read_all(damaged)


def _read_all(data: bytes) -> None:
    message = parse(data)
    assert isinstance(message.type + message.trigger + message.structure + message.control_id, str)
    for segment in message.segments:
        for field in segment:
            assert isinstance(field.text, str)
            for repetition in field:
                texts = [repetition.whole(n) + repetition[n] for n in range(len(repetition) + 2)]
                assert isinstance("".join(texts) + repetition.text, str)
