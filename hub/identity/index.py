"""Records in memory by their blocks: who among them may be the person of another record."""

from collections import Counter
from collections.abc import Iterator

from hub.identity.agreement import Levels, compare
from hub.identity.blocking import LARGEST, block_keys
from hub.identity.decision import Candidate, Decision, decide, fits
from hub.identity.features import Features
from hub.identity.scoring import Shares, bits_for, score, weigh
from hub.identity.weights import weights

COUNTED = 1000
"""Records: what share of the people has a name is counted from so many on."""

_CLOSED: list[str] = []
"""In the place of a block that has grown beyond ``LARGEST``."""


class Index:
    """Records by key, each with its person. ``counted`` says whether they are all that are known, so that the shares of
    names and places among them mean something."""

    def __init__(self, *, counted: bool = True) -> None:
        self._counted = counted
        self._features: dict[str, Features] = {}
        self._person: dict[str, str] = {}
        self._records: dict[str, list[str]] = {}
        self._blocks: dict[str, list[str]] = {}
        self._given: Counter[str] = Counter()
        self._family: Counter[str] = Counter()
        self._place: Counter[str] = Counter()

    def add(self, record: str, said: Features, person_id: str) -> None:
        """Takes in a record; one that is there already now says this, and is this person's."""
        if record in self._person:
            self._records[self._person[record]].remove(record)
        self._features[record] = said
        self._person[record] = person_id
        self._records.setdefault(person_id, []).append(record)
        self._given[said.given] += 1
        self._family[said.family] += 1
        self._place[said.postal] += 1
        for key in block_keys(said):
            self._put(key, record)

    def decide(self, said: Features) -> Decision:
        """Whose record it is; it is not taken in yet."""
        shares = self._shares(said)

        def contradicted(candidate: Candidate) -> bool:
            known = self._of(candidate)
            return len(known) > 1 and not fits(score(said, other, shares) for other in known)

        def compatible(one: Candidate, other: Candidate) -> bool:
            return fits(score(a, b, shares) for a in self._of(one) for b in self._of(other))

        return decide(self._candidates(said, shares), contradicted, compatible)

    def features_of(self, record: str) -> Features:
        """What a known record says."""
        return self._features[record]

    def person_of(self, record: str) -> str:
        """The person of a known record."""
        return self._person[record]

    def join(self, survivor: str, other: str) -> None:
        """The records of two persons become one's."""
        moved = self._records.pop(other)
        self._person.update(dict.fromkeys(moved, survivor))
        self._records[survivor] += moved

    def _candidates(self, said: Features, shares: Shares) -> Iterator[Candidate]:
        """The persons who share a block and are likely, each by the record that fits best."""
        table = weights()
        bits_of = bits_for(said, shares, table)
        best: dict[str, tuple[float, str, Levels]] = {}
        for record in dict.fromkeys(r for key in block_keys(said) for r in self._blocks.get(key, ())):
            levels = compare(said, self._features[record])
            bits = weigh(levels, bits_of, table.household)
            person_id = self._person[record]
            if bits >= table.review and (person_id not in best or bits > best[person_id][0]):
                best[person_id] = bits, record, levels
        for person_id, (_, record, levels) in best.items():
            yield Candidate(person_id, record, score(said, self._features[record], shares, table, levels))

    def _of(self, candidate: Candidate) -> list[Features]:
        return [self._features[record] for record in self._records[candidate.person_id]]

    def _put(self, key: str, record: str) -> None:
        block = self._blocks.setdefault(key, [])
        if block is not _CLOSED and record not in block:
            block.append(record)
            if len(block) > LARGEST:
                self._blocks[key] = _CLOSED

    def _shares(self, said: Features) -> Shares:
        if not self._counted:
            return Shares()
        count = len(self._features)
        place = (self._place[said.postal] + 1) / (count + 1)
        if count < COUNTED:
            return Shares(place=place)
        return Shares(self._given[said.given] / count, self._family[said.family] / count, place)
