"""Records in memory by their blocks: who among them may be the person of another record."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

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
    """Records by key, each with its person, and the persons by the blocks of their records. ``complete`` is called with
    a person before all records of that person are looked at; without it the records here are all that are known, and
    the shares of names and places among them mean something."""

    def __init__(self, complete: Callable[[str], None] | None = None) -> None:
        self._complete = complete
        self._features: dict[str, Features] = {}
        self._person: dict[str, str] = {}
        self._records: dict[str, list[str]] = {}
        self._blocks: dict[int, list[str]] = {}
        self._joined: dict[str, str] = {}
        self._given: Counter[str] = Counter()
        self._family: Counter[str] = Counter()
        self._place: Counter[str] = Counter()

    def add(self, record: str, said: Features, person_id: str) -> None:
        """Takes in a record; one that is there already now says this, and is this person's."""
        self.know(record, said, person_id)
        self._given[said.given] += 1
        self._family[said.family] += 1
        self._place[said.postal] += 1
        for key in block_keys(said):
            self._put(key, person_id)

    def know(self, record: str, said: Features, person_id: str) -> None:
        """As ``add``, but its blocks are those of ``stand``."""
        if record in self._person:
            self._records[self._person[record]].remove(record)
        self._features[record] = said
        self._person[record] = person_id
        self._records.setdefault(person_id, []).append(record)

    def stand(self, blocks: Mapping[int, Sequence[str]]) -> None:
        """Blocks as they are kept elsewhere, with the persons in them, whose records are known."""
        self._blocks.update({key: list(found) if len(found) <= LARGEST else _CLOSED for key, found in blocks.items()})

    def decide(self, said: Features) -> Decision:
        """Whose record it is; it is not taken in yet."""
        shares = self._shares(said)

        def contradicted(candidate: Candidate) -> bool:
            known = self._of(candidate.person_id)
            return len(known) > 1 and not fits(score(said, other, shares) for other in known)

        def compatible(one: Candidate, other: Candidate) -> bool:
            persons = self._of(one.person_id), self._of(other.person_id)
            return fits(score(a, b, shares) for a in persons[0] for b in persons[1])

        return decide(self._candidates(said, shares), contradicted, compatible)

    def likely(self, said: Features) -> list[Candidate]:
        """All persons who may be meant, likeliest first."""
        found = self._candidates(said, self._shares(said))
        return sorted(found, key=lambda c: (-c.score.bits, c.person_id))

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
        self._joined[other] = survivor

    def _candidates(self, said: Features, shares: Shares) -> Iterator[Candidate]:
        """The persons who share a block and are likely, each by the record that fits best."""
        table = weights()
        bits_of = bits_for(said, shares, table)
        for person_id in self._near(said):
            best: tuple[float, str, Levels] | None = None
            for record in self._records.get(person_id, ()):
                levels = compare(said, self._features[record])
                bits = weigh(levels, bits_of, table.household)
                if bits >= table.review and (best is None or bits > best[0]):
                    best = bits, record, levels
            if best:
                _, record, levels = best
                yield Candidate(person_id, record, score(said, self._features[record], shares, table, levels))

    def _near(self, said: Features) -> dict[str, None]:
        found = (person for key in block_keys(said) for person in self._blocks.get(key, ()))
        return dict.fromkeys(map(self._survivor, found) if self._joined else found)

    def _survivor(self, person_id: str) -> str:
        while person_id in self._joined:
            person_id = self._joined[person_id]
        return person_id

    def _of(self, person_id: str) -> list[Features]:
        if self._complete:
            self._complete(person_id)
        return [self._features[record] for record in self._records[person_id]]

    def _put(self, key: int, person_id: str) -> None:
        block = self._blocks.setdefault(key, [])
        if block is not _CLOSED and person_id not in block:
            block.append(person_id)
            if len(block) > LARGEST:
                self._blocks[key] = _CLOSED

    def _shares(self, said: Features) -> Shares:
        if self._complete:
            return Shares()
        count = len(self._features)
        place = (self._place[said.postal] + 1) / (count + 1)
        if count < COUNTED:
            return Shares(place=place)
        return Shares(self._given[said.given] / count, self._family[said.family] / count, place)
