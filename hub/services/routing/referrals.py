"""Referrals within the route stage: signals find their referral, move it, and become care events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection

from hub.formats.referral_code import SYSTEM
from hub.model import Json
from hub.routing.codec import decode
from hub.routing.referrals.book import Book
from hub.routing.referrals.correlation import numbers
from hub.routing.referrals.fold import fold, key_value, referral_json, signal_keys
from hub.routing.referrals.loops import Loop, Suggestion
from hub.routing.referrals.loops import Outcome as ReferralOutcome
from hub.routing.referrals.said import Said, signals
from hub.routing.referrals.states import NOTES
from hub.routing.referrals.tasks import referral_tasks
from hub.routing.referrals.timers import Timetable, due_at, next_step, timetable
from hub.routing.statements import Reading, ReferralSignal
from hub.services.context import Hub
from hub.settings import Timing
from hub.store import referrals as store
from hub.store.engine import utc_text
from hub.store.referrals import JournalRow, ReferralRow
from hub.store.schema import NEVER

__all__ = ["ReferralOutcome", "apply_signals", "load_book", "save_book", "snapshot"]

Place = tuple[str, str, int]
"""Where the journal keeps a signal: subject, message, position in the message."""


def apply_signals(transaction: Connection, hub: Hub, readings: Sequence[Reading]) -> dict[str, ReferralOutcome]:
    """Applies what a batch of messages says of referrals, in order; by message id, only those that say something."""
    said = [(reading, signals(reading)) for reading in readings]
    every = [s for _, each in said for s in each]
    if not every:
        return {}
    known = store.ids_by_key(transaction, (key for s in every for key in signal_keys(s.signal)))
    ids = {*known.values(), *_own_ids(every)}
    concerned = [s for s in every if not s.incidental or _is_named(s, known)]
    if not concerned:
        return {}
    book = load_book(transaction, _persons(concerned), ids, _bare_numbers(concerned))
    book.automatic = hub.site.referrals.automatic
    before = snapshot(book)
    outcomes: dict[str, ReferralOutcome] = {}
    for message, each in said:
        if each:
            _add(outcomes.setdefault(message.source.message_id, ReferralOutcome()), book.take(each), message.silent)
    save_book(transaction, hub, book, before)
    return outcomes


def _own_ids(said: Iterable[Said]) -> set[str]:
    """The referrals that are named by the hub's own key, as on a cover sheet."""
    return {key_value(key) for s in said for key in signal_keys(s.signal) if key.startswith(f"{SYSTEM}|")}


def _is_named(said: Said, known: Mapping[str, str]) -> bool:
    keys = set(signal_keys(said.signal))
    return bool(keys & known.keys()) or any(key.startswith(f"{SYSTEM}|") for key in keys)


def _persons(said: Iterable[Said]) -> set[str]:
    return {s.signal.source.person_id for s in said}


def _bare_numbers(said: Iterable[Said]) -> set[str]:
    """Numbers by which a note may name another person's referral."""
    return {n for s in said if s.signal.step in NOTES and not s.incidental for n in numbers(s.signal) if n}


def _add(outcome: ReferralOutcome, more: ReferralOutcome, silent: str) -> None:
    outcome.events += [replace(event, silent=silent or event.silent) for event in more.events]
    outcome.steps += more.steps
    outcome.transitions += more.transitions


# --- loading and saving ----------------------------------------------------------------------------------------


def load_book(
    transaction: Connection, persons: Iterable[str], ids: Iterable[str] = (), bare_numbers: Iterable[str] = ()
) -> Book:
    """The referrals of these persons (and others by id or number) with all that waits for them."""
    persons = set(persons)
    rows = store.of(transaction, persons, ids, bare_numbers)
    book = Book({row.id: Loop(row.id, row.person_id, told=set(row.state["told"])) for row in rows})
    waiting = {store.held_subject(person): person for person in persons}
    for row in store.journals(transaction, [*book.loops, *waiting]):
        place, signal = (row.message_id, row.position), decode(ReferralSignal, row.body)
        if loop := book.loops.get(row.subject):
            loop.journal[place] = signal
        else:
            book.held.setdefault(waiting[row.subject], {})[place] = signal
    for loop in book.loops.values():
        loop.referral = fold(loop.journal.values())
    for found in store.suggested(transaction, referral_ids=book.loops):
        book.suggestions[found["id"]] = decode(Suggestion, found)
    return book


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A book as it was loaded, to write only what is different afterwards."""

    journal: dict[Place, ReferralSignal]
    told: dict[str, frozenset[str]]
    suggestions: dict[str, Json]


def snapshot(book: Book) -> Snapshot:
    """What of a book is stored."""
    return Snapshot(
        _journal(book),
        {loop.id: frozenset(loop.told) for loop in book.loops.values()},
        {s.id: asdict(s) for s in book.suggestions.values()},
    )


def _journal(book: Book) -> dict[Place, ReferralSignal]:
    loops = ((loop.id, loop.journal) for loop in book.loops.values())
    held = ((store.held_subject(person), waiting) for person, waiting in book.held.items())
    return {(subject, *place): signal for subject, entries in (*loops, *held) for place, signal in entries.items()}


def save_book(transaction: Connection, hub: Hub, book: Book, before: Snapshot) -> None:
    """Writes what is different from before."""
    now, after = utc_text(hub.clock.now()), snapshot(book)
    changed = [(at, signal) for at, signal in after.journal.items() if before.journal.get(at) != signal]
    written = [JournalRow(*at, signal.source.instant, signal) for at, signal in changed]
    gone = sorted(before.journal.keys() - after.journal.keys())
    store.save_journal(transaction, written, gone)
    told = {i for i, labels in after.told.items() if labels != before.told.get(i)}
    moved = told | {row.subject for row in written} | {subject for subject, _, _ in gone}
    loops = [loop for loop in book.loops.values() if loop.id in moved]
    store.save_referrals(transaction, [_row(hub, loop) for loop in loops], now)
    store.save_tasks(transaction, [task for loop in loops for task in _tasks(hub, loop)])
    decided = [s for s in book.suggestions.values() if asdict(s) != before.suggestions.get(s.id)]
    store.save_suggestions(transaction, [_suggestion_row(s, now) for s in decided])


def _row(hub: Hub, loop: Loop) -> ReferralRow:
    referral, step = loop.referral, next_step(loop.referral)
    return ReferralRow(
        id=loop.id,
        person_id=loop.person_id,
        status=referral.state,
        open=referral.open,
        number=referral.number,
        state=referral_json(referral) | {"told": sorted(loop.told)},
        due_at=due_at(referral, timetable_of(hub, referral.referrer.npi)) or NEVER,
        owner=step.owner if step else "",
        referrer_npi=referral.referrer.npi,
        referred_npi=referral.referred_to.npi,
        referred_group=referral.referred_to.organization.casefold(),
    )


def _tasks(hub: Hub, loop: Loop) -> list[Json]:
    npi = loop.referral.referrer.npi
    practice = hub.site.practice_of(npi)
    times = timetable_of(hub, npi)
    return referral_tasks(loop.id, loop.person_id, loop.referral, practice.id if practice else "", times)


def timetable_of(hub: Hub, npi: str) -> Timetable:
    """The timers and holidays of the practice that lists this clinician, else of the site."""
    practice = hub.site.practice_of(npi)
    return timetable(hub.site.referrals, practice.referrals if practice else Timing())


def _suggestion_row(suggestion: Suggestion, now: str) -> Json:
    suggestion.created_at = suggestion.created_at or now
    body = asdict(suggestion)
    return {name: body[name] for name in store.SUGGESTION_COLUMNS} | {"body": body}
