"""The pages of a fax → its documents: a page begins one when it has a title of its own, or speaks of somebody else."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.formats.fax.labels import labels_in
from hub.formats.fax.pairs import is_transport
from hub.formats.fax.types import Title, find_title, judged
from hub.ports import Page

_COVER = "cover_sheet"
_PAGE_OF = re.compile(r"\b(?:page|pg|p)\.?\s*#?\s*(\d{1,3})\s*(?:of|/)\s*(\d{1,3})\b", re.IGNORECASE)
_PAGE = re.compile(r"^\W*(?:page|pg)\.?\s*:?\s*(\d{1,3})\W*$", re.IGNORECASE)
_CONTINUED = re.compile(r"\bcont(?:inued|'d|d)?\b", re.IGNORECASE)
_SIGNED = re.compile(r"signed\s*by|authenticated\s*by|end\s*of\s*(?:report|document)", re.IGNORECASE)
CLEAR = 0.6
"""Score from which a title begins a document by itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """The pages of one document, its title, and how sure it is that it begins where it does (0 to 1)."""

    pages: tuple[Page, ...]
    title: Title
    sure: float = 1.0


def split(pages: Sequence[Page]) -> list[Part]:
    """The documents of a fax in order; pages without text belong to the one before them."""
    parts: list[Part] = []
    for page in pages:
        found = find_title(page)
        begins, sure = _begins(page, found, parts[-1] if parts else None)
        if begins:
            parts.append(Part((page,), judged(found, page), sure))
        else:
            last = parts[-1]
            parts[-1] = Part((*last.pages, page), last.title, min(last.sure, sure))
    return parts


def _begins(page: Page, title: Title, last: Part | None) -> tuple[bool, float]:
    """Whether the page begins a document, and how sure that is."""
    if last is None:
        return True, 1.0
    if not page.lines:
        return False, 0.9
    number = _own_number(page)
    if number is not None:
        return number == 1, 1.0
    if last.title.type.key == _COVER and last.title.score > CLEAR:
        return True, 1.0
    return _by_content(page, title, last)


def _by_content(page: Page, title: Title, last: Part) -> tuple[bool, float]:
    if _CONTINUED.search(" ".join(_head(page))):
        return False, 1.0
    if title.score >= CLEAR:
        return True, 0.97
    ended = any(_SIGNED.search(line.text) for line in last.pages[-1].lines)
    named = _names_patient(page)
    if named and (ended or title.score):
        return True, 0.85
    return False, 0.8 if named or ended else 0.95


def _own_number(page: Page) -> int | None:
    """The page's number within its document, which stands near an edge and is not the fax machine's."""
    for line in page.lines:
        edge = line.box.top < 0.15 or line.box.top > 0.85
        if edge and not is_transport(line) and (match := _PAGE_OF.search(line.text) or _PAGE.match(line.text)):
            return int(match[1])
    return None


def _head(page: Page) -> Iterator[str]:
    return (line.text for line in page.lines[:4] if not is_transport(line))


def _names_patient(page: Page) -> bool:
    """Whether the upper part of the page has the fields of a patient, as the first page of a document has."""
    keys = {label.key for line in page.lines if line.box.top < 0.4 for label in labels_in(line.text) if label.sure}
    return "birth_date" in keys and bool(keys & {"patient", "name", "last_name"})
