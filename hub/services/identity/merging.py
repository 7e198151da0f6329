"""Two persons are taken for one, and for two again: what is known moves, and is given back exactly.

A merge moves all that is the retired person's. What was moved is written down with the merge; what came later came
under a source record, and goes where the record goes. So undoing a merge needs no copy of the history.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from hub.identity.demographics import Demographics
from hub.identity.resolution import SourceRecord
from hub.model import Stage, stable_id
from hub.services.identity import people
from hub.store import merges, persons, reviews
from hub.store.merges import Merge


def pair_id(one: Collection[str], other: Collection[str]) -> str:
    """The id of what is said of two patients by their keys, whichever of them is named first."""
    return stable_id("merge", *sorted((min(one), min(other))))


def merge(transaction: Connection, survivor: str, retired: str, said: Merge, now: str) -> list[SourceRecord]:
    """Everything of the retired person becomes the survivor's; returns the records that moved. ``said`` has who says
    so, and in its ``body`` the line of evidence (``why``) and the keys that nobody knew yet (``created``)."""
    why, created = said.body["why"], said.body.get("created", ())
    before = people.of_person(transaction, retired) if retired != survivor else []
    body = {
        "why": why,
        "into": said.body.get("into", ""),
        "records": [*(r.key for r in before), *created],
        "created": list(created),
        "messages": merges.messages_of(transaction, retired) if before else [],
        "panel": merges.panel_of(transaction, retired) if before else [],
        "reviews": merges.reviews_of(transaction, retired) if before else [],
    }
    moved = [replace(r, person_id=survivor, evidence=(*r.evidence, why)) for r in before]
    moved += [SourceRecord(key, survivor, Demographics(keys=(key,)), (why,)) for key in created]
    if before:
        persons.move(transaction, retired, survivor)
        reviews.move(transaction, retired, survivor)
    people.save(transaction, moved, now)
    merges.save(transaction, said._replace(survivor=survivor, retired=retired, body=body))
    return moved


def undo(transaction: Connection, known: Merge, at: str, by: str, now: str) -> list[SourceRecord]:
    """The merged persons are two again, each as before and with what came since; returns the records that went back.
    Nothing where others were given their records back before."""
    followed, to = _followed(transaction, known), known.retired
    holder = followed[-1].survivor
    going = [known, *_merged_into(transaction, holder, to, set(known.body["records"]))]
    keys = [key for one in going for key in one.body["records"]]
    back = [_without(r, followed) for r in people.of_keys(transaction, keys) if r.person_id == holder]
    split(transaction, holder, to, back, now, [m for one in going for m in one.body["messages"]])
    merges.give_panel(transaction, holder, to, [row for one in going for row in one.body["panel"]])
    merges.restore_reviews(transaction, known.body["reviews"], reviews.LINKED)
    persons.remove(transaction, [r.key for r in back if r.key in known.body["created"] and _is_bare(r)])
    for other in going[1:]:
        merges.save(transaction, other._replace(survivor=to))
    merges.save(transaction, known._replace(at=max(at, known.at), undone_at=at, undone_by=by))
    return back


def part(transaction: Connection, apart: Merge, holder: str, keys: Iterable[str], now: str) -> list[SourceRecord]:
    """The records under the keys leave a person who never was merged: they were matched, and somebody knows better."""
    back = [r for r in people.of_keys(transaction, keys) if r.person_id == holder]
    split(transaction, holder, apart.retired, back, now)
    return back


def _merged_into(transaction: Connection, holder: str, to: str, keys: set[str]) -> list[Merge]:
    """Who was merged into one of these while its person was the holder: they go with it."""
    found: list[Merge] = []
    for other in merges.newest(transaction, holder, 1000):
        if other.holds and other.survivor == holder and other.body["into"] in keys and other.retired != to:
            found += [other, *_merged_into(transaction, holder, to, set(other.body["records"]))]
    return found


def split(  # noqa: PLR0917 - who gives what to whom
    transaction: Connection, holder: str, to: str, back: Sequence[SourceRecord], now: str, moved: Iterable[str] = ()
) -> None:
    """The records leave the holder for ``to``, with the messages under them, those that had ``moved``, and what came of
    them."""
    if not back:
        return
    people.save(transaction, [replace(r, person_id=to) for r in back], now)
    people.save_blocks(transaction, people.of_person(transaction, holder))
    theirs = set(merges.messages_of(transaction, holder))
    noted = merges.noted(transaction, Stage.CONVERT, theirs)
    keys = {r.key for r in back}
    under = {m for m, trace in noted.items() if trace.get("identity", {}).get("record") in keys}
    give(transaction, holder, to, theirs & (under | set(moved)))


def give(transaction: Connection, holder: str, to: str, message_ids: Collection[str]) -> None:
    """Gives messages with all that they alone moved to another person: also what was routed after the messages went
    there."""
    merges.give_messages(transaction, holder, to, message_ids)
    staying = set(merges.messages_of(transaction, holder)) - set(message_ids)
    subjects = _subjects(transaction, message_ids) - _subjects(transaction, staying)
    moved_by = merges.referrals_of(transaction, holder)
    subjects |= {r for r, by in moved_by.items() if by.intersection(message_ids) and not by & staying}
    merges.give_subjects(transaction, holder, to, subjects)


def follow(transaction: Connection, holder: str, to: str) -> None:
    """After the messages that were on their way when two persons became two again have been routed."""
    give(transaction, holder, to, merges.messages_of(transaction, to))


def _subjects(transaction: Connection, message_ids: Iterable[str]) -> set[str]:
    """The visits, results and documents that messages are about."""
    noted = merges.noted(transaction, Stage.ROUTE, message_ids)
    return {subject for trace in noted.values() for subject in trace.get("subjects", {}).values()}


def _followed(transaction: Connection, known: Merge) -> list[Merge]:
    """The merge and those that moved its survivor on; the survivor of the last one has the records now."""
    followed = [known]
    while True:
        further = merges.newest(transaction, followed[-1].survivor, 1000)
        on = [m for m in further if m.holds and m.retired == followed[-1].survivor and m not in followed]
        if not on:
            return followed
        followed.append(on[0])


def _without(record: SourceRecord, followed: Sequence[Merge]) -> SourceRecord:
    lines = {m.body["why"] for m in followed}
    return replace(record, evidence=tuple(line for line in record.evidence if line not in lines))


def _is_bare(record: SourceRecord) -> bool:
    return record.demographics == Demographics(keys=record.demographics.keys)
