"""What the cells of a sample look like: character sets, dates, numbers with a check digit, words for codes."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from hub.errors import Unreadable
from hub.fhir.ids import is_npi
from hub.formats.rows.mapping import with_times

CLASSES = {
    "emergency": "E",
    "emergency department": "E",
    "ed": "E",
    "er": "E",
    "inpatient": "I",
    "inpt": "I",
    "ip": "I",
    "outpatient": "O",
    "op": "O",
    "outpt": "O",
    "ambulatory": "O",
    "observation": "V",
    "obs": "V",
    "preadmit": "P",
}
SEXES = {"male": "M", "man": "M", "female": "F", "woman": "F", "other": "O", "unknown": "U", "unk": "U"}
EVENTS = {
    "admission": "admit",
    "admitted": "admit",
    "adm": "admit",
    "registration": "register",
    "arrival": "register",
    "discharged": "discharge",
    "disch": "discharge",
    "dis": "discharge",
    "transferred": "transfer",
    "trf": "transfer",
    "updated": "update",
    "change": "update",
}
"""Words as they are found in files, to the codes and words of the hub."""

_FORMS = (
    *("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d", "%m-%d-%Y", "%d-%b-%Y", "%b %d, %Y"),
    *("%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%Y%m%d%H%M", "%Y%m%d%H%M%S"),
)
_PHONE = re.compile(r"\+?1?[ .-]?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}")
_ZIP = re.compile(r"\d{5}(-\d{4})?")
_SEX = frozenset("MFOU")
_MARKS = (b"\xff\xfe", b"\xfe\xff")


def charset_of(sample: bytes) -> str:
    """UTF-8 where it is, UTF-16 by its mark, else Windows' western one. Raises ``Unreadable`` for what is no text."""
    if sample.startswith(_MARKS):
        return "utf-16"
    if b"\0" in sample[:4096]:
        raise Unreadable("the sample is no text")
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def date_forms(cells: Iterable[str]) -> list[str]:
    """The forms in which all cells are dates, or dates with a time of day."""
    listed = list(dict.fromkeys(cells))
    return [form for form in _FORMS if all(_is(cell, form) for cell in listed)] if listed else []


def _is(cell: str, form: str) -> bool:
    return any(_parses(cell, timed) for timed in with_times(form))


def _parses(cell: str, form: str) -> bool:
    try:
        datetime.strptime(cell, form)  # noqa: DTZ007 - only the form counts
    except ValueError:
        return False
    return True


def by_values(cells: Sequence[str], fields: Sequence[str]) -> tuple[str, str]:
    """The one of the fields that a column looks like by its values, and why that is not sure; or nothing."""
    said = [cell for cell in cells if cell]
    tests: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("pcp_npi", "its values are National Provider Identifiers; whose?", is_npi),
        ("sex", "its values look like sexes", lambda cell: cell.upper() in _SEX),
        ("phone", "its values look like telephone numbers", lambda cell: _PHONE.fullmatch(cell) is not None),
        ("zip", "its values look like ZIP codes", lambda cell: _ZIP.fullmatch(cell) is not None),
    )
    for name, why, test in tests:
        if name in fields and said and all(test(cell) for cell in said):
            return name, why
    return "", ""


def meaning(word: str, known: Mapping[str, str]) -> str:
    """What a word probably means; empty when nothing is like it."""
    text = word.casefold().strip()
    if text in known:
        return known[text]
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.75)
    return known[near[0]] if near else ""
