"""Which rows of a table of demographics are one person, by the same rules that messages are matched by."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hub.errors import Unreadable
from hub.formats.delimited import Layout, Row, by_header, read_table
from hub.identity.decision import Candidate, Decision, names_somebody_else
from hub.identity.demographics import Demographics
from hub.identity.features import Features, features
from hub.identity.index import Index
from hub.identity.scoring import score
from hub.services.identity.demographic_rows import COLUMNS, demographics, said


@dataclass(frozen=True, slots=True)
class ReviewPair:
    """Two records that may be one person's and were not linked; ``score`` is the probability that they are, where one
    pair of records in a million is."""

    a: str
    b: str
    score: float


@dataclass(frozen=True, slots=True)
class Matching:
    """``clusters`` by record id, in the order of the file: a cluster is named by its first record. ``review`` has one
    pair for any two clusters."""

    clusters: dict[str, str]
    review: tuple[ReviewPair, ...]


class Matcher:
    """Takes records in their order of arrival; everything is known of those before and nothing of those after."""

    def __init__(self) -> None:
        self._index = Index()
        self._order: list[str] = []
        self._numbers: dict[str, str] = {}
        self._doubts: list[tuple[str, Candidate]] = []

    def take(self, record: str, patient: Demographics) -> None:
        """Links one more record, or makes a person of it."""
        what = features(patient)
        known = next((self._numbers[key] for key in patient.keys if key in self._numbers), None)
        decision = self._by_number(what, known) if known else self._index.decide(what)
        person = decision.linked.person_id if decision.linked else record
        self._index.add(record, what, person)
        self._order.append(record)
        for candidate in decision.same:
            self._index.join(person, candidate.person_id)
        self._doubts += ((record, candidate) for candidate in decision.review)
        for key in patient.keys:
            self._numbers.setdefault(key, record)

    def result(self) -> Matching:
        """The clusters of all records taken so far, and what a person should look at."""
        first: dict[str, str] = {}
        clusters = {r: first.setdefault(self._index.person_of(r), r) for r in self._order}
        best: dict[frozenset[str], ReviewPair] = {}
        for record, candidate in self._doubts:
            pair = frozenset((clusters[record], clusters[candidate.record]))
            found = ReviewPair(candidate.record, record, round(candidate.score.probability, 4))
            if len(pair) > 1 and (pair not in best or found.score > best[pair].score):
                best[pair] = found
        return Matching(clusters, tuple(best.values()))

    def _by_number(self, what: Features, known: str) -> Decision:
        """A number of its authority decides, unless it is somebody else's."""
        there = self._index.features_of(known)
        candidate = Candidate(self._index.person_of(known), known, score(what, there))
        return Decision(review=(candidate,)) if names_somebody_else(what, there) else Decision(candidate)


def match(pieces: Iterable[bytes]) -> Matching:
    """Resolves the rows of a CSV. Raises ``Unreadable`` for a row that cannot be read: none is dropped unnoticed."""
    matcher = Matcher()
    for record, patient in read_records(pieces):
        matcher.take(record, patient)
    return matcher.result()


def read_records(pieces: Iterable[bytes]) -> Iterator[tuple[str, Demographics]]:
    """The records of a CSV by their ids, in order. Raises ``Unreadable``."""
    seen: set[str] = set()
    for row, fields in by_header(read_table(pieces, Layout())):
        record_id = said(fields, "record_id")
        if row.problem or not record_id or record_id in seen:
            raise Unreadable(f"line {row.line}: {_problem(row, fields, record_id)}", path=f"line {row.line}")
        seen.add(record_id)
        yield record_id, demographics(fields)


def _problem(row: Row, fields: Mapping[str, str], record_id: str) -> str:
    if row.problem:
        return row.problem
    if not any(header in fields for header in COLUMNS["record_id"]):
        return "there is no column record_id"
    return "this record_id was there before" if record_id else "without a record_id"
