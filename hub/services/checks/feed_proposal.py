"""A feed that is proposed from a sample of its files (``hub feed new``): by its headers and by how its cells look.

What was guessed is said beside it; what could not be found stands there to be filled in.
"""

import csv
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice

from hub.errors import Unreadable
from hub.formats.delimited import Layout, normal_header, read_table
from hub.formats.rows import KINDS, RowKind
from hub.services.checks import sample_values as values

ROWS = 500
"""Of the sample, that are looked at."""
_NEARLY = 0.75
"""Kinds that have so large a part of the best one's score are told of."""
_CLOSE = 0.86
"""How alike a header must be to a known one (``difflib`` ratio)."""
_DELIMITERS = {",": "", ";": ";", "\t": "tab", "|": "pipe"}
_NAME = frozenset(map(normal_header, ("name", "patient", "patient name", "full name", "pt name")))
_WORDS = {
    "class": values.CLASSES,
    "sex": values.SEXES,
    "event": values.EVENTS,
}


@dataclass(slots=True)
class Line:
    """One line of the proposal: ``key: value``, and why somebody should look at it."""

    key: str
    value: str
    doubt: str = ""

    def written(self) -> str:
        return f"  {self.key}: {self.value}" + (f"    # {self.doubt}" if self.doubt else "")


@dataclass(slots=True)
class Proposal:
    """A feed's file under construction."""

    name: str
    kind: RowKind
    head: tuple[str, ...]
    charset: str
    delimiter: str
    date_format: str = ""
    columns: list[Line] = field(default_factory=list)
    constants: list[Line] = field(default_factory=list)
    codes: list[Line] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def yaml(self) -> str:
        """The file, with a comment on whatever is not sure."""
        table = _DELIMITERS[self.delimiter]
        lines = [
            *(f"# {doubt}" for doubt in self.doubts),
            f"name: {self.name}",
            f"adapter: {{kind: folder, path: inbound/{self.name}}}",
            "format: csv",
            f"type: {self.kind.name}",
            "time_zone: UTC    # of times without an offset: put the sender's here",
            *([f"charset: {self.charset}"] if self.charset != "utf-8" else []),
            *([f'table: {{delimiter: "{table}"}}'] if table else []),
            *([f'date_format: "{self.date_format}"'] if self.date_format else []),
            "columns:",
            *(line.written() for line in self.columns),
            *self._block("constants", self.constants),
            *self._block("codes", self.codes),
        ]
        return "\n".join(lines) + "\n"

    def _block(self, name: str, lines: Sequence[Line]) -> list[str]:
        return [f"{name}:", *(line.written() for line in lines)] if lines else []


def propose(name: str, sample: bytes, kind: str = "") -> Proposal:
    """The feed that a sample looks like; ``kind`` is the kind of its rows where somebody knows it.

    Raises ``Unreadable`` for a sample that is no table, or that looks like no kind of rows.
    """
    charset = values.charset_of(sample)
    delimiter = _delimiter_of(sample.decode(charset, "replace"))
    table = read_table([sample], Layout(charset, delimiter))
    rows = [row.cells for row in islice(table.rows, ROWS) if not row.problem]
    columns = {header: [row[place].strip() for row in rows] for place, header in enumerate(table.head)}
    found, *others = _kinds_of(table.head, kind)
    proposal = Proposal(name, found, table.head, charset, delimiter)
    for other in others:
        proposal.doubts.append(f"type: the headers could also be those of {other.name}: {other.about}; see --type")
    _dates(proposal, columns)
    _columns(proposal, columns)
    _missing(proposal)
    return proposal


def _delimiter_of(text: str) -> str:
    """What stands oftenest in the first line, and is there as often in the next ones."""
    lines = text.splitlines()[:20]
    counts = {mark: len(next(csv.reader(lines[:1], delimiter=mark), [])) for mark in _DELIMITERS}
    return max(counts, key=lambda mark: counts[mark])


@cache
def _known() -> dict[str, list[str]]:
    """Headers to the fields that they may be."""
    text = (files("hub.formats.rows") / "synonyms.csv").read_text(encoding="utf-8")
    headers = {name: [name] for kind in KINDS.values() for name in kind.fields}
    for row in csv.DictReader(text.splitlines()):
        for header in (row["field"], *row["headers"].split("|")):
            headers.setdefault(normal_header(header), []).append(row["field"])
    return headers


def _guess(header: str, kind: RowKind) -> tuple[str, str]:
    """The field that a header names, and why that is not sure."""
    name = normal_header(header)
    if field := _of_kind(_known().get(name, ()), kind):
        return field, ""
    for near in difflib.get_close_matches(name, _known(), n=3, cutoff=_CLOSE):
        if field := _of_kind(_known()[near], kind):
            return field, f"by its likeness to {near!r}"
    return "", ""


def _of_kind(fields: Iterable[str], kind: RowKind) -> str:
    return next((field for field in fields if field in kind.fields), "")


def _kinds_of(head: Sequence[str], wanted: str) -> list[RowKind]:
    """The kind that most headers belong to, among those whose required fields are mostly there; then those that are
    nearly as likely, among which a person must choose."""
    if wanted:
        if wanted not in KINDS:
            raise Unreadable(f"no rows are of type {wanted!r}; there are: {', '.join(KINDS)}")
        return [KINDS[wanted]]
    scores = {kind.name: _score(head, kind) for kind in KINDS.values()}
    tells_events = any(_guess(header, KINDS["adt"])[0] == "event" for header in head)
    less_so = "census" if tells_events else "adt"  # of the same fields: rows of events, or a list of visits
    likely = sorted(KINDS.values(), key=lambda kind: (-scores[kind.name], kind.name == less_so))
    best = scores[likely[0].name]
    if best <= 0:
        raise Unreadable("the headers look like no kind of rows; say which with --type")
    return [kind for kind in likely if scores[kind.name] >= best * _NEARLY]


def _score(head: Sequence[str], kind: RowKind) -> float:
    fields = {field for header in head if (field := _guess(header, kind)[0])}
    has_name = any(normal_header(header) in _NAME for header in head)
    fields |= {"last", "first"} if has_name else set()
    met = sum(any(name in fields for name in names) for names in kind.required) / len(kind.required)
    return met * len(fields) - (0 if met > 0.5 else len(kind.fields))


def _dates(proposal: Proposal, columns: dict[str, list[str]]) -> None:
    """The form in which all columns of dates can be read."""
    dated = [cells for header, cells in columns.items() if _guess(header, proposal.kind)[0] in proposal.kind.dated]
    forms = values.date_forms([cell for cells in dated for cell in cells if cell])
    if forms:
        proposal.date_format = forms[0]
    if len(forms) > 1:
        proposal.doubts.append(f"dates: all of the sample could also be {' or '.join(forms[1:])}")
    if not forms and any(any(cells) for cells in dated):
        proposal.doubts.append(
            "dates: no one form reads them all; give columns a form of their own: {column: …, date: …}"
        )


def _columns(proposal: Proposal, columns: dict[str, list[str]]) -> None:
    taken: set[str] = set()
    for header, cells in columns.items():
        if normal_header(header) in _NAME and any("," in cell for cell in cells):
            for part, name in ((1, "last"), (2, "first")):
                proposal.columns.append(Line(name, f'{{column: {_quoted(header)}, split: ",", part: {part}}}'))
            taken |= {"last", "first"}
            continue
        name, doubt = _guess(header, proposal.kind)
        if not name or name in taken:
            name, doubt = values.by_values(cells, [f for f in proposal.kind.fields if f not in taken])
        if not name:
            proposal.doubts.append(f"not used: {_quoted(header)}")
            continue
        taken.add(name)
        proposal.columns.append(Line(name, _quoted(header), doubt))
        _code(proposal, name, cells)


def _code(proposal: Proposal, name: str, cells: Sequence[str]) -> None:
    """Words of the sender's own, with what they probably mean."""
    known = _WORDS.get(name)
    if known is None:
        return
    foreign = sorted(
        {cell for cell in cells if cell and cell not in known.values() and cell.lower() not in known.values()}
    )
    meant = {cell: values.meaning(cell, known) for cell in foreign}
    pairs = ", ".join(f"{_quoted(cell)}: {_quoted(code)}" for cell, code in meant.items() if code)
    if pairs:
        proposal.codes.append(Line(name, "{" + pairs + "}", "look at each of them"))
    if unknown := [cell for cell, code in meant.items() if not code]:
        proposal.doubts.append(f"codes.{name}: what do {', '.join(map(_quoted, unknown))} mean?")


def _missing(proposal: Proposal) -> None:
    """What the kind requires and the sample does not have."""
    have = {line.key for line in proposal.columns}
    for names in proposal.kind.required:
        if have.isdisjoint(names):
            proposal.constants.append(
                Line(names[0], '""', f"required, and no column was found for it: {' or '.join(names)}")
            )
    if "mrn_authority" in proposal.kind.fields and "mrn_authority" not in have:
        proposal.constants.append(Line("mrn_authority", proposal.name.upper(), "who gives the patients' numbers"))


def _quoted(text: str) -> str:
    return '"' + text.strip().replace("\\", "\\\\").replace('"', '\\"') + '"'
