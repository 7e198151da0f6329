"""The parts of a document under headings (history, impression, plan …), and the rows of its tables of results."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hub.formats.fax.pairs import Cell
from hub.ports import Box, Line

HEADINGS = {
    "impression": r"(?:diagnostic )?impressions?|assessment(?: (?:and|&) plan)?|conclusions?|interpretation",
    "plan": r"plan|recommendations?|plan of care|treatment plan|follow[- ]?up|disposition|discharge instructions?",
    "reason": r"reason for (?:referral|consultation|visit|request)|clinical (?:question|indication)|chief complaint",
    "history": r"(?:clinical |past medical |interval )?history|history of present illness|hpi|subjective",
    "course": r"(?:brief )?hospital course|summary of (?:stay|hospitalization)",
    "findings": r"findings|examination|physical exam(?:ination)?|objective|technique|comparison|results?|report",
    "medications": r"(?:current |discharge |home |active )?medications?|medication list|meds|rx"
    r"|medication changes|changes? (?:in|to) medications?|new medications?",
    "allergies": r"allergies",
    "signature": r"signature|confidentiality notice|notice",
}
_SECTIONS = {
    key: re.compile(rf"^\W*(?:{words.replace(' ', chr(92) + 's*')})\s*[:.]?\s*$", re.IGNORECASE)
    for key, words in HEADINGS.items()
}
_INLINE = {
    key: re.compile(rf"^\W*(?:{words.replace(' ', chr(92) + 's*')})\s*:\s*(?=\S)", re.IGNORECASE)
    for key, words in HEADINGS.items()
}
_SIGNED = re.compile(r"^\W*(?:electronically|digitally|e-?)?\s*(?:signed|dictated|authenticated)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading's text; ``title`` is the heading as it stands there."""

    key: str
    title: str
    lines: tuple[Line, ...]
    page: int

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Result:
    """A row of a table of laboratory results, in the words of the page."""

    name: str
    value: str
    unit: str = ""
    flag: str = ""
    range: str = ""
    page: int = 1
    box: Box = NOWHERE
    confidence: float = 1.0


def sections(pages: Sequence[tuple[int, Sequence[Cell]]]) -> list[Section]:
    """The sections in reading order; each goes to the next heading, or to the signature."""
    found: list[Section] = []
    open_section = False
    for number, cells in pages:
        for cell in cells:
            text = cell.line.text
            if heading := heading_of(text):
                key, rest = heading
                kept = (Line(rest, cell.line.box, cell.line.confidence),) if rest else ()
                found.append(Section(key, text.strip(" :"), kept, number))
                open_section = True
            elif _SIGNED.match(text):
                open_section = False
            elif open_section:
                last = found[-1]
                found[-1] = Section(last.key, last.title, (*last.lines, cell.line), last.page)
    return [section for section in found if section.lines]


def heading_of(text: str) -> tuple[str, str] | None:
    """Which section begins, and what stands behind the heading in its line."""
    for key, pattern in _SECTIONS.items():
        if pattern.match(text):
            return key, ""
    for key, pattern in _INLINE.items():
        if match := pattern.match(text):
            return key, text[match.end() :]
    return None


_UNIT = (
    r"(?:%|[xX]?\s?10[\^*]?\d{0,2}/[a-zA-Zµμ]{1,3}|[a-zA-Zµμ]{1,5}/(?:\d{0,3}\.?\d*\s?m2|[a-zA-Zµμ0-9.]{1,6})"
    r"|fL|pg|sec|ratio|IU|mmHg)"
)
_NUMBER = r"[<>≤≥]?\s?\d{1,6}(?:[.,]\d{1,4})?"
_ROW = re.compile(
    rf"^(?P<name>[A-Za-z][A-Za-z0-9 ,()/%.\-]{{1,40}}?)\s+(?P<value>{_NUMBER}|positive|negative|not detected|detected"
    rf"|non-?reactive|reactive)\s*(?P<flag>\*?(?:HH|LL|H|L|A|high|low|abnormal|critical)?\*?)(?=\s|$)"
    rf"\s*(?P<unit>{_UNIT})?\s*(?P<flag2>(?:HH|LL|H|L|A)?)\s*"
    rf"(?P<range>[(\[]?(?:{_NUMBER}\s*[-–.]{{1,2}}\s*{_NUMBER}|[<>≤≥]\s?=?\s?{_NUMBER}|negative|non-?reactive)[)\]]?)?"
    rf"\s*(?P<unit2>{_UNIT})?\s*(?P<flag3>(?:HH|LL|H|L|A)?)\s*$",
    re.IGNORECASE,
)


def results(pages: Sequence[tuple[int, Sequence[Cell]]]) -> list[Result]:
    """Rows of a name and a value with a unit or a range; anything else in a laboratory's report is none."""
    found = []
    for number, cells in pages:
        for row in _rows(cells):
            text = "  ".join(cell.line.text for cell in row)
            match = _ROW.match(text)
            if match and (match["unit"] or match["unit2"] or match["range"]):
                found.append(_result(match, row, number))
    return found


def _result(match: re.Match[str], row: Sequence[Cell], page: int) -> Result:
    boxes = [cell.line.box for cell in row]
    return Result(
        name=match["name"].strip(" :."),
        value=re.sub(r"\s", "", match["value"]) if match["value"][-1:].isdigit() else match["value"],
        unit=match["unit"] or match["unit2"] or "",
        flag=(match["flag"] or match["flag2"] or match["flag3"] or "").strip("*").upper()[:2],
        range=re.sub(r"\s*[-–.]{1,2}\s*(?=\d+(?:\.\d+)?[)\]]?$)", " - ", (match["range"] or "").strip("()[] ")),
        page=page,
        box=Box(
            min(b.left for b in boxes),
            min(b.top for b in boxes),
            max(b.right for b in boxes),
            max(b.bottom for b in boxes),
        ),
        confidence=min(cell.line.confidence for cell in row),
    )


def _rows(cells: Sequence[Cell]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for cell in cells:
        if rows and abs(cell.middle - rows[-1][0].middle) < 0.6 * cell.height:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [sorted(row, key=lambda cell: cell.line.box.left) for row in rows]
