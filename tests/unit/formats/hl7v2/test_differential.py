"""Against python-hl7, which was written by others."""

import hl7
from hypothesis import given
from hypothesis import strategies as st

from hub.formats.hl7v2 import STANDARD, build, parse
from tests import strategies

PLAIN = st.text("abcXYZ 0123456789.,-äßμ", max_size=8).map(str.strip)


@given(strategies.segments(PLAIN))
def test_same_leaves_as_python_hl7(segments: strategies.Segments) -> None:
    """Every subcomponent of every field is the one that python-hl7 finds."""
    data = build(segments)
    ours, theirs = parse(data), hl7.parse(data.decode())
    assert [s.name for s in ours.segments] == [str(s[0]) for s in theirs]
    for segment, there, (_, written) in zip(ours.segments[1:], list(theirs)[1:], segments[1:], strict=True):
        for number in written:
            for repetition in segment[number]:
                for component in range(1, len(repetition) + 1):
                    for place, text in enumerate(repetition.subcomponents(component), 1):
                        assert text == there.extract_field(1, number, repetition.number, component, place)


@given(st.text("ab|^~\\&", max_size=20))
def test_python_hl7_reads_what_we_escape(text: str) -> None:
    """A text that we escape is, unescaped by python-hl7, the same text."""
    data = build([("MSH", {9: ("ADT", "A01"), 10: "1"}), ("NTE", {3: text})])
    theirs = hl7.parse(data.decode())
    assert theirs.unescape(str(theirs.segment("NTE")[3]) if text else "") == text


@given(st.text("ab|^~\\&", max_size=20))
def test_we_read_what_python_hl7_escapes(text: str) -> None:
    """A text that python-hl7 escapes is, read by us, the same text."""
    template = hl7.parse(build([("MSH", {9: ("ADT", "A01"), 10: "1"})]).decode())
    data = f"MSH|{STANDARD.encoding_characters}|A\rNTE|||{template.escape(text)}\r"
    note = parse(data.encode()).first("NTE")
    assert note is not None
    assert note[3].text == text
