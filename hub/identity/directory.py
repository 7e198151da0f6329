"""The source records that a batch needs, in memory: what one message writes, the next one sees."""

from collections.abc import Iterable
from dataclasses import replace

from hub.identity.decision import Decision
from hub.identity.demographics import Demographics
from hub.identity.features import Features, features
from hub.identity.index import Index
from hub.identity.resolution import Resolution, SourceRecord, keys_of, resolve, resolve_document


class Directory:
    """Source records by key and by what they have in common; remembers which of them are new or changed."""

    def __init__(self, known: Iterable[SourceRecord]) -> None:
        self._records: dict[str, SourceRecord] = {}
        self._index = Index(counted=False)
        self._unindexed: dict[str, SourceRecord] = {}
        self._by_birth: dict[tuple[str, str], dict[str, None]] = {}
        self._changed: dict[str, None] = {}
        for record in known:
            self._put(record)

    def resolve(self, patient: Demographics) -> Resolution:
        """As ``resolution.resolve``; remembers the records that come of it."""
        resolution = self.look_up(patient)
        self.add(resolution.records)
        return resolution

    def look_up(self, patient: Demographics) -> Resolution:
        """As ``resolution.resolve``; remembers nothing."""
        matches = {key: self._records[key] for key in keys_of(patient) if key in self._records}
        return resolve(patient, matches, self._decide)

    def resolve_document(self, patient: Demographics, referred: dict[str, set[str]]) -> Resolution:
        """As ``resolution.resolve_document``: paper links to who is known and adds nobody."""
        return resolve_document(patient, self._candidates(patient), referred)

    def person_of(self, keys: Iterable[str]) -> str | None:
        """The person that the first known key names."""
        return next((self._records[key].person_id for key in keys if key in self._records), None)

    def add(self, records: Iterable[SourceRecord]) -> None:
        """Takes in records that are to be written."""
        for record in records:
            self._put(record)
            self._changed[record.key] = None

    def know(self, records: Iterable[SourceRecord]) -> None:
        """Takes in records that were not needed before; those of the batch itself are newer."""
        for record in records:
            if record.key not in self._records:
                self._put(record)

    def move(self, retired: str, survivor: str, why: str) -> None:
        """All records of the retired person become the survivor's."""
        of_retired = [r for r in self._records.values() if r.person_id == retired]
        self.add(replace(r, person_id=survivor, evidence=(*r.evidence, why)) for r in of_retired)

    @property
    def changed(self) -> list[SourceRecord]:
        """The records to write."""
        return [self._records[key] for key in self._changed]

    def _put(self, record: SourceRecord) -> None:
        self._records[record.key] = record
        self._unindexed[record.key] = record
        block = (record.demographics.birth_date, record.demographics.family)
        self._by_birth.setdefault(block, {})[record.key] = None

    def _decide(self, said: Features) -> Decision:
        """Asks the index, which takes in what it does not know yet: a message under a known number never needs it."""
        for record in self._unindexed.values():
            self._index.add(record.key, features(record.demographics), record.person_id)
        self._unindexed.clear()
        return self._index.decide(said)

    def _candidates(self, patient: Demographics) -> list[SourceRecord]:
        keys = self._by_birth.get((patient.birth_date, patient.family), {})
        return [self._records[key] for key in keys]
