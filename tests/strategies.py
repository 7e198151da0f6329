"""Hypothesis strategies that several test rooms share: arbitrary HL7 v2 messages."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from hub.formats.hl7v2 import NULL, STANDARD, Delimiters, build

DELIMITER_CHARACTERS = "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""Punctuation that may delimit; not the quote, which the explicit null is made of."""

SEGMENT_NAMES = ("EVN", "PID", "PD1", "NK1", "PV1", "PV2", "OBR", "OBX", "NTE", "DG1", "ZPI")

Segments = list[tuple[str, dict[int, Any]]]


def delimiters() -> st.SearchStrategy[Delimiters]:
    """Any five distinct delimiters, with and without truncation."""
    chosen = st.lists(st.sampled_from(DELIMITER_CHARACTERS), min_size=6, max_size=6, unique=True)
    return st.builds(lambda c, long: Delimiters(*(c if long else c[:5])), chosen, st.booleans())


def texts(alphabet: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[str]:
    """Values of any characters (or of ``alphabet``), delimiters and line breaks among them; never the null, nor other
    control characters, which are read as blanks."""
    letters = st.characters(codec="utf-8", exclude_categories=["Cc"]) if alphabet is None else alphabet
    return st.text(st.one_of(letters, st.sampled_from("ab |^~\\&#\r\n")), max_size=12).filter(lambda t: t != NULL)


def fields(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[tuple[str, ...], ...]]]:
    """A field as repetitions of components of subcomponents."""
    component = st.lists(text, min_size=1, max_size=3).map(tuple)
    repetition = st.lists(component, min_size=1, max_size=4).map(tuple)
    return st.lists(repetition, min_size=1, max_size=3)


def segments(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Segments]:
    """The segments of a message with a usable header, for ``build``."""
    numbered = st.dictionaries(st.integers(1, 20), fields(texts() if text is None else text), max_size=5)
    rest = st.lists(st.tuples(st.sampled_from(SEGMENT_NAMES), numbered), max_size=6)
    header: tuple[str, dict[int, Any]] = (
        "MSH",
        {3: "APP", 9: ("ADT", "A01", "ADT_A01"), 10: "1", 11: "P", 12: "2.5.1"},
    )
    return rest.map(lambda others: [header, *others])


def messages(marks: Callable[[], st.SearchStrategy[Delimiters]] | None = None) -> st.SearchStrategy[bytes]:
    """The bytes of messages, in the standard delimiters or in those of ``marks``."""
    return st.builds(build, segments(), st.just(STANDARD) if marks is None else marks())
