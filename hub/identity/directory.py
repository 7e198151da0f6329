"""The source records that a batch needs, in memory: what one message writes, the next one sees."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.identity.decision import Candidate, Decision
from hub.identity.demographics import Demographics
from hub.identity.features import Features, features
from hub.identity.index import Index
from hub.identity.resolution import Resolution, SourceRecord, keys_of, resolve, resolve_document


@dataclass(frozen=True, slots=True)
class Nearby:
    """The blocks of the patients of a batch, with the persons in them, and all source records of those."""

    blocks: Mapping[int, Sequence[str]]
    records: Sequence[SourceRecord]


def statements(records: Iterable[SourceRecord]) -> list[SourceRecord]:
    """One record of those that say the same of one person, as the numbers of one message do: it stands for all."""
    return list({(r.person_id, r.demographics): r for r in records}.values())


class Directory:
    """Source records by key and by what they have in common; remembers which of them are new or changed."""

    def __init__(
        self,
        known: Iterable[SourceRecord],
        nearby: Nearby | None = None,
        of_person: Callable[[str], Iterable[SourceRecord]] = lambda _: (),
    ) -> None:
        """``of_person`` says what else is known of a person; without ``nearby`` the known records are all there are."""
        self._records: dict[str, SourceRecord] = {}
        self._of_person = of_person
        self._complete: set[str] = set()
        self._index = Index(self._make_complete)
        self._unindexed: dict[str, SourceRecord] = {}
        self._changed: dict[str, None] = {}
        for record in known:
            self._records[record.key] = record
        if nearby:
            self._index.stand(nearby.blocks)
            self.know(nearby.records)
            self._complete = {record.person_id for record in nearby.records}
        else:
            self._unindexed.update(self._records)

    def resolve(self, patient: Demographics) -> Resolution:
        """As ``resolution.resolve``; remembers the records that come of it."""
        resolution = self.look_up(patient)
        self.add(resolution.records)
        return resolution

    def look_up(self, patient: Demographics) -> Resolution:
        """As ``resolution.resolve``; remembers nothing."""
        matches = {key: self._records[key] for key in keys_of(patient) if key in self._records}
        return resolve(patient, matches, self._decide)

    def likely(self, patient: Demographics) -> list[Candidate]:
        """All known persons who may be meant, likeliest first."""
        self._take_in()
        return self._index.likely(features(patient))

    def resolve_document(self, patient: Demographics, referred: dict[str, set[str]]) -> Resolution:
        """As ``resolution.resolve_document``: paper links to who is known and adds nobody."""
        return resolve_document(patient, self._candidates(patient), referred)

    def person_of(self, keys: Iterable[str]) -> str | None:
        """The person that the first known key names."""
        return next((self._records[key].person_id for key in keys if key in self._records), None)

    def add(self, records: Iterable[SourceRecord]) -> None:
        """Takes in records that are to be written."""
        for record in records:
            self._records[record.key] = self._unindexed[record.key] = record
            self._changed[record.key] = None

    def know(self, records: Iterable[SourceRecord]) -> None:
        """Takes in records that were not needed before, with blocks that are known; those of the batch are newer."""
        for record in records:
            current = self._records.setdefault(record.key, record)
            self._index.know(current.key, features(current.demographics), current.person_id)

    def forget(self, keys: Iterable[str]) -> None:
        """The source records are no more."""
        for key in keys:
            self._records.pop(key, None)
            self._unindexed.pop(key, None)
            self._changed.pop(key, None)

    @property
    def changed(self) -> list[SourceRecord]:
        """The records to write."""
        return [self._records[key] for key in self._changed]

    def _decide(self, said: Features) -> Decision:
        """Asks the index: a message under a known number never needs it."""
        self._take_in()
        return self._index.decide(said)

    def _take_in(self) -> None:
        """Tells the index what it does not know yet."""
        first = {r.key for r in statements(self._unindexed.values())}
        for record in self._unindexed.values():
            take_in = self._index.add if record.key in first else self._index.know
            take_in(record.key, features(record.demographics), record.person_id)
        self._unindexed.clear()

    def _make_complete(self, person_id: str) -> None:
        if person_id not in self._complete:
            self._complete.add(person_id)
            self.know(self._of_person(person_id))

    def _candidates(self, patient: Demographics) -> list[SourceRecord]:
        born = (patient.birth_date, patient.family)
        return [r for r in self._records.values() if (r.demographics.birth_date, r.demographics.family) == born]
