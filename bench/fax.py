"""How well faxes are read: seeded pages with their truth, by resolution and noise.

``FAX_PAGES`` sets how many faxes of each kind are read (default 8), ``FAX_SEED`` which ones, ``FAX_KINDS`` the kinds
(``fine/light,standard/medium``). Character errors count without blanks; they are a lower bound, because each text of
the truth is held against the line where it was read best.
"""

import os
import resource
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from bench.figures import Figure
from hub.formats.fax import FaxDocument, Found, read_documents
from hub.identity.demographics import Demographics
from hub.ports import Page
from hub.services.fax.known import Known
from hub.services.fax.matching import match
from hub.services.fax.pages import PageReader, page_reader
from hub.services.fax.reading import Verdict, calibrated_field, decide
from hub.simulator.faxes import DocumentTruth, PageTruth, SyntheticFax, faxes
from hub.simulator.people import Person, people

TARGETS = {"fine/light": (1.0, 95), "standard/light": (2.0, 95), "fine/medium": (4.0, 90), "standard/medium": (9.0, 90)}
"""By kind: character errors in percent at most, fields recalled in percent at least."""
FIELDS = (
    *("patient_last", "patient_first", "dob", "sex", "mrn", "phone", "date_of_service", "referring_provider"),
    *("referral_id", "author", "diagnosis_code"),
)
NAMES = frozenset({"patient_last", "patient_first", "referring_provider", "author"})
AUTO = 0.98
PERSONS = 200
_HEADER = 0.03
"""Share of a page that the sending machine's own line takes."""


@dataclass(slots=True)
class Tally:
    """What was counted of one kind of pages."""

    pages: int = 0
    letters: int = 0
    errors: int = 0
    wanted: int = 0
    right: int = 0
    emitted: int = 0
    sure: int = 0
    sure_right: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def run() -> list[Figure]:
    seed, count = int(os.environ.get("FAX_SEED", "21")), int(os.environ.get("FAX_PAGES", "8"))
    reader = page_reader()
    figures: list[Figure] = []
    known = Known(roster=tuple(_row(person) for person in people(seed, PERSONS)))
    for kind in os.environ.get("FAX_KINDS", ",".join(TARGETS)).split(","):
        resolution, _, noise = kind.partition("/")
        tally = Tally()
        for fax in faxes(seed, count, resolution, noise, PERSONS):
            _count(fax, reader, known, tally)
        figures += _figures(kind, tally)
    reader.close()
    return [*figures, *_costs(figures)]


def _count(fax: SyntheticFax, reader: PageReader, known: Known, tally: Tally) -> None:
    pages = reader.read(fax.body, fax.media_type)
    tally.pages += len(pages)
    for page, truth in zip(pages, fax.pages, strict=True):
        letters, errors = character_errors(page, truth)
        tally.letters += letters
        tally.errors += errors
    read = {document.pages[0].number: document for document in read_documents(pages)}
    begins = {truth.first_page for truth in fax.documents}
    tally.counts["bounds"] += len(begins | set(read))
    tally.counts["bounds right"] += len(begins & set(read))
    for truth in fax.documents:
        document = read.get(truth.first_page)
        tally.counts["documents"] += 1
        tally.counts["types right"] += document is not None and document.type.key == truth.type
        if document:
            _fields(document, truth, tally)
            _filed(document, fax.person, known, tally)


def _fields(document: FaxDocument, truth: DocumentTruth, tally: Tally) -> None:
    for name in FIELDS:
        wanted, found = truth.fields.get(name, ""), document.fields.get(name)
        tally.wanted += bool(wanted)
        if found:
            right = _same(name, found, wanted)
            sure = calibrated_field(name, found).confidence >= AUTO
            tally.emitted += 1
            tally.right += right
            tally.sure += sure
            tally.sure_right += sure and right


def _filed(document: FaxDocument, person: int, known: Known, tally: Tally) -> None:
    found = match(document, known)
    if decide(document, found)[0] is Verdict.AUTO:
        tally.counts["auto"] += 1
        tally.counts["auto wrong"] += found.key != str(person)


def _same(name: str, found: Found, wanted: str) -> bool:
    if name in NAMES:
        return _letters(found.value) == _letters(wanted)
    return found.value.casefold() == wanted.casefold()


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalpha())


def character_errors(page: Page, truth: PageTruth) -> tuple[int, int]:
    """Letters that stand on the page and how many of them were read wrongly, left out or added, line by line."""
    rows = sorted(truth.drawn, key=lambda one: (round((one.top + one.bottom) / 2, 2), one.left))
    texts = ["".join(drawn.text.split()) for drawn in rows]
    read = ["".join(line.text.split()) for line in page.lines if line.box.top > _HEADER]
    whole = Levenshtein.distance("".join(read), "".join(texts))
    return sum(map(len, texts)), min(whole, sum(_nearest(text, read) for text in texts))


def _nearest(text: str, lines: list[str]) -> int:
    """Errors of a text where it was read best, in part of a line or in all of it."""
    return min(_part(text, lines), default=len(text))


def _part(text: str, lines: list[str]) -> Iterator[int]:
    for line in lines:
        extra = max(len(line) - len(text), 0)
        starts = {0, extra, max(line.find(text[:4]), 0), max(line.find(text[-4:]) - len(text) + 4, 0)}
        yield min(len(text), *(Levenshtein.distance(text, line[at : at + len(text)]) for at in starts))


def _row(person: Person) -> tuple[str, Demographics]:
    gender = {"M": "male", "F": "female"}[person.sex]
    return str(person.number), Demographics(
        family=_letters(person.family),
        given=_letters(person.given),
        middle=person.middle.casefold(),
        suffix=person.suffix.casefold(),
        birth_date=person.born.isoformat(),
        sex=gender,
        phones=(person.phone,),
    )


def _figures(kind: str, tally: Tally) -> list[Figure]:
    errors, recall = TARGETS[kind]
    counts = tally.counts

    def share(part: int, whole: int) -> float:
        return 100 * part / whole if whole else 100.0

    return [
        Figure(
            f"{kind}: character errors", share(tally.errors, tally.letters), "%", target=errors, less_is_better=True
        ),
        Figure(f"{kind}: fields recalled", share(tally.right, tally.wanted), "%", target=recall),
        Figure(f"{kind}: emitted values right", share(tally.right, tally.emitted), "%", target=95),
        Figure(f"{kind}: right at {AUTO}", share(tally.sure_right, tally.sure), f"% of {tally.sure}", target=99),
        Figure(f"{kind}: types right", share(counts["types right"], counts["documents"]), "%", target=95),
        Figure(f"{kind}: bounds right", share(counts["bounds right"], counts["bounds"]), "%", target=95),
        Figure(f"{kind}: filed by itself", share(counts["auto"], counts["documents"]), "%"),
        Figure(f"{kind}: filed to a wrong patient", counts["auto wrong"], "", target=0, less_is_better=True),
        Figure(f"{kind}: pages", tally.pages, ""),
    ]


def _costs(figures: list[Figure]) -> list[Figure]:
    """Of the programs that read, which have ended."""
    pages = sum(figure.value for figure in figures if figure.name.endswith(": pages"))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = (used.ru_utime + used.ru_stime) / max(pages, 1)
    return [
        Figure("processor time", seconds, "s a page", target=5, less_is_better=True),
        Figure("memory of a program", used.ru_maxrss / 1024 / 1024, "GB", target=1.5, less_is_better=True),
    ]
