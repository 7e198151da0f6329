"""The referrals of the persons of one batch, in memory: each signal finds its referral and moves it.

Pure: the service loads a book, lets it take what messages say, and saves what is different afterwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from hub.model import stable_id
from hub.routing.referrals.correlation import Match, correlate, numbers
from hub.routing.referrals.evidence import AUTOMATIC
from hub.routing.referrals.fold import Referral, signal_keys
from hub.routing.referrals.loops import (
    Loop,
    Outcome,
    Place,
    Suggestion,
    answers,
    evidence_id,
    new_events,
    placed,
    suggestion,
    unplaced,
)
from hub.routing.referrals.said import Said
from hub.routing.referrals.states import AWAITING_NOTE, NOTES, OPENING, Step
from hub.routing.statements import ReferralSignal


@dataclass(slots=True)
class Book:
    """Loops by id, signals that wait for a referral by person, suggestions by id."""

    loops: dict[str, Loop] = field(default_factory=dict)
    held: dict[str, dict[Place, ReferralSignal]] = field(default_factory=dict)
    suggestions: dict[str, Suggestion] = field(default_factory=dict)
    automatic: int = AUTOMATIC
    """From so many points on, a note that names no referral is taken as the answer to the only one that fits."""

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
        if loop := self._journalled(place, self._rejected(signal)):
            self._enter(loop, place, signal, Match(loop.id, "journal"), outcome)
            return
        match = self._correlate(signal, signal.source.person_id)
        loop = self.loops.get(match.referral_id)
        if said.incidental and not (loop and answers(signal, match, loop.referral)):
            return
        loop = loop or self._opened(signal, match)
        if loop:
            self._enter(loop, place, signal, match, outcome)
            self._retry(loop.person_id, outcome)
        else:
            self._hold(place, signal, match, outcome)

    def _journalled(self, place: Place, rejected: set[str]) -> Loop | None:
        """The referral that has the signal already; one that an operator took it off comes last."""
        found = [loop for loop in self.loops.values() if place in loop.journal]
        return min(found, key=lambda loop: loop.id in rejected, default=None)

    def _correlate(self, signal: ReferralSignal, person: str) -> Match:
        own = {i: loop.referral for i, loop in self.loops.items() if loop.person_id == person}
        return correlate(signal, own, self._foreign(signal, person), self._rejected(signal), self.automatic)

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
        events = new_events(loop, match)
        outcome.events += events
        outcome.transitions += len(events)
        outcome.steps.append(placed(loop, place, signal, match, before))

    def _hold(self, place: Place, signal: ReferralSignal, match: Match, outcome: Outcome) -> None:
        """Keeps a signal that no key places; what fits is suggested to an operator."""
        person = signal.source.person_id
        if person or match.suggested:
            self.held.setdefault(person, {})[place] = signal
        if signal.step == Step.RETRACTED:
            self._settle(signal, "", "the note was retracted")
        self._suggest(place, signal, person, match)
        outcome.steps.append(unplaced(signal, match))

    def _suggest(self, place: Place, signal: ReferralSignal, person: str, match: Match) -> None:
        document = evidence_id(signal)
        waiting = self.held.get(person, {}).values()
        if any(w.step == Step.RETRACTED and w.document == document for w in waiting):
            return
        for fit in match.suggested:
            new = suggestion(self.loops[fit.referral_id], place, signal, why=fit.why)
            new = replace(new, candidates=len(match.suggested), points=fit.points)
            known = self.suggestions.setdefault(new.id, new)
            if known.status in ("open", "withdrawn"):
                self.suggestions[new.id] = replace(new, created_at=known.created_at)

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
            self._settle(signal, loop.id, f"the {match.by}, which was known later")
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

    def unlink(self, loop: Loop, message_id: str, acts: Mapping[str, ReferralSignal]) -> Outcome:
        """The notes that a message brought do not answer the referral: they wait for another one. ``acts`` are the
        operator's, by document."""
        outcome = Outcome()
        notes = {p: s for p, s in loop.journal.items() if p[0] == message_id and s.document in acts and s.step in NOTES}
        for place, signal in notes.items():
            self._reject_note(loop, place, signal, acts[signal.document])
            self.held.setdefault(signal.source.person_id, {})[place] = signal
        for act in acts.values():
            self._enter(loop, (act.source.message_id, 0), act, Match(loop.id, "operator", act.author.name), outcome)
        for person in {s.source.person_id for s in notes.values()}:
            self._retry(person, outcome)
        return outcome

    def _reject_note(self, loop: Loop, place: Place, signal: ReferralSignal, act: ReferralSignal) -> None:
        new = suggestion(loop, place, signal, why="an operator took it off")
        known = self.suggestions.setdefault(new.id, new)
        known.status, known.decided_by = "rejected", act.author.name

    def waiting(self, message_id: str) -> list[tuple[Place, ReferralSignal]]:
        """The signals of a message that wait for a referral."""
        return [(p, s) for held in self.held.values() for p, s in held.items() if p[0] == message_id]

    def suggest(self, loop: Loop, place: Place, signal: ReferralSignal) -> Suggestion:
        """What an operator names is as good as a suggestion, whatever was decided before."""
        new = suggestion(loop, place, signal, why="an operator named it")
        self.suggestions[new.id] = new
        return new
