"""The labels of fields as forms word them, and where they stand in a line of text.

Recognition drops blanks, takes colons for other dots and letters for similar ones; so blanks do not count, a label at
the beginning of its line needs no colon when its value is of the right kind, and one before a colon may be misread a
little.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

PERSONS = frozenset({"patient", "referrer", "pcp", "prescriber", "author", "signed", "recipient", "sender"})
OWNED = frozenset({"phone", "sex", "address", "name", "npi", "last_name", "first_name"})
"""Fields that belong to whoever the form speaks of at that place."""
UNMISTAKABLE = frozenset({"birth_date", "mrn", "npi", "signed"})
"""What is recognised within a line without a colon."""
STRONG = re.compile(r"\s*(?:[:;]|#\s*:?|\.(?=\S))\s*")
_WEAK_AT_START = 0.85
_LEAST_LIKENESS = 84


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a line: characters ``start`` to ``end`` (its colon included), the field that it names, how well it
    does (0 to 1), and whether a colon or its place leave no doubt that it is one."""

    key: str
    start: int
    end: int
    score: float
    sure: bool


def labels_in(text: str) -> list[Label]:
    """The labels of a line, from the left, none within another."""
    found = [label for match in _pattern().finditer(text) if (label := _accepted(match, text))]
    if not (found and found[0].start == 0) and (near := _misread(text)):
        return [near, *(label for label in found if label.start >= near.end)]
    return found


def section_of(text: str) -> str:
    """Whom the part of a form is about that begins with this heading; empty for any other line."""
    return _sections().get(_letters(text), "")


def _accepted(match: re.Match[str], text: str) -> Label | None:
    key = _keys()[_letters(match[0])]
    start, end = match.span()
    separator = STRONG.match(text, end)
    first = not any(c.isalnum() for c in text[:start])
    whole = first and not any(c.isalnum() for c in text[end:])
    glued = start > 0 and text[start - 1].isalnum()
    if glued and not (separator and match[0][0].isupper() and (key in UNMISTAKABLE or key in {"fax", "phone", "sex"})):
        return None
    follows = text[end : end + 1]
    if follows.islower() or (follows and follows.isupper() and text[end - 1].isupper()):
        return None  # within a word
    if separator and (separator[0].strip() != "." or first):
        return Label(key, start, separator.end(), 1.0, sure=True)
    if whole:
        return Label(key, start, len(text), 0.97, sure=True)
    if first or key in UNMISTAKABLE:
        return Label(key, start, end, _WEAK_AT_START if first else 0.8, sure=False)
    return None


def _misread(text: str) -> Label | None:
    """A label with wrong letters: what stands before the first colon, or all of a short line."""
    head, colon, _ = text.partition(":")
    letters = _letters(head)
    if not 5 <= len(letters) <= 26 or (not colon and any(c.isdigit() for c in text)):
        return None
    near = process.extractOne(letters, _keys().keys(), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
    if near is None or abs(len(near[0]) - len(letters)) > 2:
        return None
    end = len(head) + len(colon)
    return Label(_keys()[near[0]], 0, end, 0.9 * near[1] / 100, sure=True)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c in "#/")


@cache
def _keys() -> dict[str, str]:
    return {_letters(phrase): key for key, phrase in _phrases("label")}


@cache
def _sections() -> dict[str, str]:
    return {_letters(phrase): key for key, phrase in _phrases("section")}


@cache
def _phrases(kind: str) -> list[tuple[str, str]]:
    """Fields and how forms call them; of ``section``, whom a heading begins to speak of."""
    with (files("hub.formats.fax") / "labels.csv").open(encoding="utf-8") as file:
        return [(row["key"], row["phrase"]) for row in csv.DictReader(file) if row["kind"] == kind]


@cache
def _pattern() -> re.Pattern[str]:
    """All phrases, the longest first; between their words blanks and dots may be missing or too many."""
    phrases = sorted({phrase for _, phrase in _phrases("label")}, key=len, reverse=True)
    return re.compile("|".join(map(_phrase, phrases)), re.IGNORECASE)


def _phrase(phrase: str) -> str:
    words = [re.escape(word.rstrip(".")) + (r"\.?" if "." in word else "") for word in phrase.split()]
    return (r"(?<![A-Za-z])" if len(phrase) < 3 else "") + r"\s*\.?\s*".join(words)
