"""The referrals of the persons of one batch, in memory: each signal finds its referral and moves it.

Pure: the service loads a book, lets it take what messages say, and saves what is different afterwards.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from hub.model import CareEvent, Json, stable_id
from hub.routing.referrals.correlation import Match, correlate, numbers, same_party
from hub.routing.referrals.events import care_event
from hub.routing.referrals.fold import Happening, Referral, fold, signal_keys
from hub.routing.referrals.said import Said
from hub.routing.referrals.states import AWAITING_NOTE, NOTES, OPENING, Step
from hub.routing.statements import ReferralSignal

Place = tuple[str, int]
"""A signal's message and its position there."""


@dataclass(slots=True)
class Loop:
    """One referral: its journal, the fold of it, and the milestones that were already told."""

    id: str
    person_id: str
    journal: dict[Place, ReferralSignal] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    referral: Referral = field(default_factory=Referral)

    def add(self, place: Place, signal: ReferralSignal) -> None:
        self.journal[place] = signal
        self.referral = fold(self.journal.values())

    def remove(self, place: Place) -> None:
        del self.journal[place]
        self.referral = fold(self.journal.values())


@dataclass(slots=True)
class Suggestion:
    """A signal that probably belongs to a referral, until an operator decides. ``document`` is the note's id."""

    id: str
    referral_id: str
    message_id: str
    position: int
    person_id: str
    document: str
    why: str
    candidates: int
    status: str = "open"
    decided_by: str = ""
    created_at: str = ""


@dataclass(slots=True)
class Outcome:
    """What one message did: ``events`` to publish, the number of ``transitions``, and ``steps`` for explanations:
    of each signal the referral (``subject``, ``number``), the key that matched, who else was looked at and why not,
    the state ``before`` and ``after``, and the reason when nothing moved (``evidence``)."""

    events: list[CareEvent] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    transitions: int = 0


@dataclass(slots=True)
class Book:
    """Loops by id, signals that wait for a referral by person, suggestions by id."""

    loops: dict[str, Loop] = field(default_factory=dict)
    held: dict[str, dict[Place, ReferralSignal]] = field(default_factory=dict)
    suggestions: dict[str, Suggestion] = field(default_factory=dict)

    def take(self, said: Iterable[Said]) -> Outcome:
        """Takes what one message says; then what has waited for it. What it said before and no longer says (it is
        read otherwise now) is taken back."""
        outcome = Outcome()
        now = {(each.signal.source.message_id, position): each for position, each in enumerate(said)}
        self._take_back({place: each.signal.step for place, each in now.items()})
        for place, each in now.items():
            self._take_one(each, place, outcome)
        return outcome

    def _take_back(self, steps: dict[Place, str]) -> None:
        messages = {message_id for message_id, _ in steps}
        for loop in self.loops.values():
            for place in [p for p, s in loop.journal.items() if p[0] in messages and steps.get(p) != s.step]:
                loop.remove(place)
        for waiting in self.held.values():
            for place in [p for p, s in waiting.items() if p[0] in messages and steps.get(p) != s.step]:
                del waiting[place]

    def _take_one(self, said: Said, place: Place, outcome: Outcome) -> None:
        signal = said.signal
        if loop := self._journalled(place):
            self._enter(loop, place, signal, Match(loop.id, "journal"), outcome)
            return
        match = self._correlate(signal, signal.source.person_id)
        loop = self.loops.get(match.referral_id)
        if said.incidental and not (loop and _answers(signal, match, loop.referral)):
            return
        loop = loop or self._opened(signal, match)
        if loop:
            self._enter(loop, place, signal, match, outcome)
            self._retry(loop.person_id, outcome)
        else:
            self._hold(place, signal, match, outcome)

    def _journalled(self, place: Place) -> Loop | None:
        return next((loop for loop in self.loops.values() if place in loop.journal), None)

    def _correlate(self, signal: ReferralSignal, person: str) -> Match:
        own = {i: loop.referral for i, loop in self.loops.items() if loop.person_id == person}
        return correlate(signal, own, self._foreign(signal, person), self._rejected(signal))

    def _foreign(self, signal: ReferralSignal, person: str) -> dict[str, Referral]:
        keys, bare = set(signal_keys(signal)), set(numbers(signal))
        others = {i: loop.referral for i, loop in self.loops.items() if loop.person_id != person}
        named = {i: r for i, r in others.items() if i == signal.subject or keys & r.keys}
        return named | {i: r for i, r in others.items() if signal.step in NOTES and r.number in bare}

    def _rejected(self, signal: ReferralSignal) -> set[str]:
        document = evidence_id(signal)
        return {s.referral_id for s in self.suggestions.values() if s.document == document and s.status == "rejected"}

    def _opened(self, signal: ReferralSignal, match: Match) -> Loop | None:
        """A referral that begins with this signal, unless its keys speak of several."""
        begins = signal.step in OPENING and signal.opens and not match.suggested
        if not begins or not (signal.subject or signal.keys or signal.number):
            return None
        said = signal.keys[0] if signal.keys else f"{signal.source.person_id}|{signal.number}"
        loop_id = signal.subject or stable_id("ServiceRequest", said)
        return self.loops.setdefault(loop_id, Loop(loop_id, signal.source.person_id))

    def _enter(self, loop: Loop, place: Place, signal: ReferralSignal, match: Match, outcome: Outcome) -> None:
        before = loop.referral.state
        if loop.journal.get(place) != signal:
            loop.add(place, signal)
            self._withdraw(loop)
        events = _new_events(loop, match)
        outcome.events += events
        outcome.transitions += len(events)
        outcome.steps.append(_step(loop, place, signal, match, before))

    def _hold(self, place: Place, signal: ReferralSignal, match: Match, outcome: Outcome) -> None:
        """Keeps a signal that no key places; what fits is suggested to an operator."""
        person = signal.source.person_id
        if person or match.suggested:
            self.held.setdefault(person, {})[place] = signal
        if signal.step == Step.RETRACTED:
            self._settle(signal, "", "the note was retracted")
        self._suggest(place, signal, person, match)
        outcome.steps.append(_unplaced(signal, match))

    def _suggest(self, place: Place, signal: ReferralSignal, person: str, match: Match) -> None:
        document = evidence_id(signal)
        waiting = self.held.get(person, {}).values()
        if any(w.step == Step.RETRACTED and w.document == document for w in waiting):
            return
        for fit in match.suggested:
            suggestion_id = stable_id("suggestion", fit.referral_id, document)
            new = Suggestion(
                id=suggestion_id,
                referral_id=fit.referral_id,
                message_id=place[0],
                position=place[1],
                person_id=person,
                document=document,
                why=fit.why,
                candidates=len(match.suggested),
            )
            known = self.suggestions.setdefault(suggestion_id, new)
            if known.status in ("open", "withdrawn"):
                self.suggestions[suggestion_id] = replace(new, created_at=known.created_at)

    def _withdraw(self, loop: Loop) -> None:
        """A referral that awaits no note any more needs no decision on suggested ones, unless it awaits one again."""
        for s in self.suggestions.values():
            if s.referral_id == loop.id and s.status == "open" and loop.referral.state not in AWAITING_NOTE:
                s.status, s.decided_by = "withdrawn", f"the referral is {loop.referral.state}"

    def _retry(self, person_id: str, outcome: Outcome) -> None:
        """What waits for the person is held against what is known now, until nothing more finds its place."""
        held = self.held.get(person_id, {})
        for place, signal in sorted(held.items(), key=lambda item: item[1].source.order_key):
            match = self._correlate(signal, person_id)
            loop = self.loops.get(match.referral_id)
            if loop is None:
                self._suggest(place, signal, person_id, match)
                continue
            del held[place]
            self._settle(signal, loop.id, "a key that was learned later")
            self._enter(loop, place, signal, match, outcome)
            self._retry(person_id, outcome)
            return

    def _settle(self, signal: ReferralSignal, referral_id: str, by: str) -> None:
        """A signal has found its referral: what was suggested for it needs no decision any more."""
        document = evidence_id(signal)
        for s in self.suggestions.values():
            if s.document == document and s.status == "open":
                s.status, s.decided_by = ("confirmed" if s.referral_id == referral_id else "rejected"), by

    # --- operators' acts -----------------------------------------------------------------------------------

    def confirm(self, suggestion: Suggestion, act: ReferralSignal) -> Outcome:
        """The suggested note belongs to the referral: it and its restatements move into the journal."""
        outcome, loop = Outcome(), self.loops[suggestion.referral_id]
        loop.add((act.source.message_id, 0), act)
        for waiting, place, signal in self._waiting_for(suggestion):
            del waiting[place]
            self._settle(signal, loop.id, act.author.name)
            self._enter(loop, place, signal, Match(loop.id, "operator", act.author.name), outcome)
        self._retry(loop.person_id, outcome)
        return outcome

    def _waiting_for(self, suggestion: Suggestion) -> list[tuple[dict[Place, ReferralSignal], Place, ReferralSignal]]:
        # Under whichever person: the one of the note may have become another by a merge.
        entries = ((waiting, place, signal) for waiting in self.held.values() for place, signal in waiting.items())
        return [entry for entry in entries if evidence_id(entry[2]) == suggestion.document]

    def reject(self, suggestion: Suggestion, act: ReferralSignal) -> Outcome:
        """The suggested note does not belong to the referral."""
        suggestion.status, suggestion.decided_by = "rejected", act.author.name
        return self.act(self.loops[suggestion.referral_id], act)

    def act(self, loop: Loop, act: ReferralSignal) -> Outcome:
        """An operator's step on a referral."""
        outcome = Outcome()
        self._enter(loop, (act.source.message_id, 0), act, Match(loop.id, "operator", act.author.name), outcome)
        return outcome


def evidence_id(signal: ReferralSignal) -> str:
    """What a suggestion is about: the document, else the message."""
    return signal.document or signal.source.message_id


def _answers(signal: ReferralSignal, match: Match, referral: Referral) -> bool:
    return match.by == "document" or bool(same_party(signal.author, referral.referred_to))


def _new_events(loop: Loop, match: Match) -> list[CareEvent]:
    """The milestones that were not told yet; one that something later has overtaken is told to nobody."""
    milestones = loop.referral.milestones
    new = [h for h in milestones if h.label not in loop.told]
    loop.told.update(h.label for h in new)
    return [_care_event(loop, happening, match, last=happening is milestones[-1]) for happening in new]


def _care_event(loop: Loop, happening: Happening, match: Match, *, last: bool) -> CareEvent:
    silent = "" if last else f"came late: the referral is already {loop.referral.state}"
    return care_event(loop.id, loop.person_id, loop.referral, happening, matched_by=match.by, silent=silent)


def _step(loop: Loop, place: Place, signal: ReferralSignal, match: Match, before: str) -> Json:
    happening = next(h for h in loop.referral.history if h.message_id == place[0] and h.step == signal.step)
    return {
        "subject": loop.id,
        "number": loop.referral.number,
        "step": signal.step,
        "message": place[0],
        "matched_by": match.by,
        "key": match.key,
        "candidates": [asdict(c) for c in match.candidates],
        "before": before,
        "after": loop.referral.state,
        "inferred": happening.inferred,
        "evidence": happening.evidence,
    }


def _unplaced(signal: ReferralSignal, match: Match) -> Json:
    return {
        "subject": "",
        "number": signal.number,
        "step": signal.step,
        "message": signal.source.message_id,
        "matched_by": "",
        "key": " ".join(signal_keys(signal)),
        "candidates": [asdict(c) for c in match.candidates],
        "before": "",
        "after": "",
        "inferred": False,
        "evidence": "suggested to an operator" if match.suggested else "kept until a referral claims it",
    }
