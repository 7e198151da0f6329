"""What messages say of two patients is carried out: persons become one, or two again."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from hub.identity.directory import Directory
from hub.identity.resolution import Resolution, SourceRecord, keys_of
from hub.model import stable_id
from hub.services.conversion.ties import Tie
from hub.services.identity import merging, people
from hub.store import merges
from hub.store.merges import Merge

SENDER = "the sender"


def rename(directory: Directory, ties: Iterable[Tie]) -> None:
    """A patient whose new number nobody knows yet is the one who is known by the former number."""
    for tie in ties:
        known = directory.person_of(tie.other)
        if tie.renamed and known and directory.person_of(tie.one.keys) is None:
            why = (f"the number was {tie.other[0].rpartition('|')[2]} before",)
            directory.add(SourceRecord(key, known, tie.one, why) for key in tie.one.keys)


@dataclass(slots=True)
class Tying:
    """One message's ties; ``retired`` and ``restored`` are the moves that routing is to repeat (``from>to``)."""

    transaction: Connection
    directory: Directory
    message_id: str
    now: str
    retired: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)

    def apply(self, ties: Iterable[Tie], resolution: Resolution) -> Resolution:
        """Carries out what is newer than what is known; the resolution with the person whose the message then is."""
        for tie in ties:
            known = merges.of(self.transaction, merging.pair_id(tie.one.keys, tie.other)) if tie.one.keys else None
            if tie.one.keys and not (known and known.at >= tie.stated_at):
                (self._join if tie.joined else self._part)(tie, known)
        person = self.directory.person_of([resolution.record]) or resolution.person_id
        return replace(resolution, person_id=person)

    def _join(self, tie: Tie, known: Merge | None) -> None:
        survivor = self._person(tie)
        before = self.directory.person_of(tie.other)
        retired = before or stable_id("person", tie.other[0])
        created = [key for key in tie.other if self.directory.person_of([key]) is None]
        if known and known.holds and survivor == retired:
            merges.save(self.transaction, known._replace(at=tie.stated_at))
            return
        self._save()
        body = {"why": f"merged by message {self.message_id}", "created": created, "into": tie.one.keys[0]}
        said = Merge(self._id(tie), "", "", self.message_id, SENDER, tie.stated_at, "", "", body)
        self._take_over(merging.merge(self.transaction, survivor, retired, said, self.now))
        if before and before != survivor:
            self.retired.append(f"{retired}>{survivor}")

    def _part(self, tie: Tie, known: Merge | None) -> None:
        one, other = self._person(tie), self.directory.person_of(tie.other)
        self._save()
        if known and known.holds:
            back = merging.undo(self.transaction, known, tie.stated_at, self.message_id, self.now)
        else:
            known = self._apart(tie, one, other or stable_id("person", tie.other[0]))
            back = merging.part(self.transaction, known, one, tie.other, self.now) if one == other else []
        if back:
            self.restored.append(f"{back[0].person_id}>{known.retired}")
            self.directory.forget(r.key for r in back)
            self.directory.know(people.of_keys(self.transaction, [r.key for r in back]))

    def _apart(self, tie: Tie, one: str, other: str) -> Merge:
        """That two are two is known from now on, whatever older messages say."""
        to = other if other != one else stable_id("person", "apart", tie.other[0])
        body = {"why": "", "into": "", "records": [], "created": [], "messages": [], "panel": [], "reviews": []}
        at, by = tie.stated_at, self.message_id
        said = Merge(self._id(tie), one, to, self.message_id, SENDER, at, at, by, body)
        merges.save(self.transaction, said)
        return said

    def _person(self, tie: Tie) -> str:
        """The person of the patient who stays; one nobody knew becomes known."""
        return self.directory.person_of(keys_of(tie.one)) or self.directory.resolve(tie.one).person_id

    def _save(self) -> None:
        """What is only in memory yet moves with the rest."""
        people.save(self.transaction, self.directory.changed, self.now)

    def _take_over(self, moved: Iterable[SourceRecord]) -> None:
        self.directory.add(moved)

    def _id(self, tie: Tie) -> str:
        return merging.pair_id(tie.one.keys, tie.other)
