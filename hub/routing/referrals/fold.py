"""A referral is the fold of its signals, in the order in which they happened.

Nothing here remembers in which order messages arrived: the same signals give the same referral. What cannot move
it is kept beside what did, with the reason, so that a person can check the story.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from hub.model import Json, stable_id
from hub.routing.referrals.states import (
    ACTS,
    APPOINTMENT,
    NOTES,
    OPERATOR_STEPS,
    SETTLED,
    STATUS,
    TAKEN_BACK,
    TRANSITIONS,
    State,
    Step,
    Transition,
)
from hub.routing.statements import Party, ReferralSignal

_NOBODY = Party()
_RANK = {step: rank for rank, step in enumerate(Step)}


@dataclass(frozen=True, slots=True)
class Happening:
    """One signal in the history of a referral: what it moved, or why it moved nothing (``evidence``).

    ``label`` names the milestone within the referral and never repeats; it is empty where nothing moved.
    """

    step: Step
    before: State
    after: State
    occurred_at: str
    instant: str
    received_at: str
    message_id: str
    label: str = ""
    inferred: bool = False
    evidence: str = ""
    by: str = ""
    note: str = ""
    document: str = ""
    appointment_at: str = ""


@dataclass(slots=True)
class Referral:
    """All that is known of a referral. Times with ``_at`` keep the sender's offset."""

    state: State = State.DRAFT
    number: str = ""
    priority: str = ""
    reason: str = ""
    referrer: Party = _NOBODY
    referred_to: Party = _NOBODY
    sent_at: str = ""
    due: str = ""
    state_since: str = ""
    appointment_at: str = ""
    appointment_keys: frozenset[str] = frozenset()
    attempts: int = 0
    no_shows: int = 0
    visited_at: str = ""
    documents: tuple[str, ...] = ()
    interim_documents: tuple[str, ...] = ()
    status_reason: str = ""
    resumes: State = State.DRAFT
    """Where an operator who reopens leads back to."""
    keys: frozenset[str] = frozenset()
    history: list[Happening] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.state not in SETTLED

    @property
    def milestones(self) -> list[Happening]:
        """What moved the referral, in order."""
        return [h for h in self.history if h.label]


def event_key(referral_id: str, label: str) -> str:
    """The key of the care event of one milestone."""
    return stable_id("referral", referral_id, label)


def fold(signals: Iterable[ReferralSignal]) -> Referral:
    """The referral that these signals make, whatever their order and however often each is given."""
    ordered = sorted(set(signals), key=_order)
    referral = Referral(sent_at=next((s.source.occurred_at for s in ordered if s.step == Step.REQUESTED), ""))
    own = _referral_keys(ordered)
    for signal in ordered:
        _take(referral, signal, frozenset(signal_keys(signal)) - own)
    referral.keys = frozenset(k for s in ordered for k in signal_keys(s))
    referral.priority = referral.priority or "routine"
    return referral


def _order(signal: ReferralSignal) -> tuple[object, ...]:
    # One message may say several things (a CSV row with an appointment): they follow in the order of the steps, and
    # those of one step in any order that is always the same.
    return (signal.source.order_key, _RANK[Step(signal.step)], signal.document, signal.keys, repr(signal))


def _referral_keys(signals: list[ReferralSignal]) -> frozenset[str]:
    """The keys that name the referral itself; what an appointment message has beyond them names the appointment."""
    numbers = {s.number for s in signals if s.number}
    keys = (k for s in signals for k in signal_keys(s) if s.step not in APPOINTMENT or key_value(k) in numbers)
    return frozenset(keys)


def key_value(key: str) -> str:
    """The value of a key (``system|value``)."""
    return key.rpartition("|")[2]


def signal_keys(signal: ReferralSignal) -> tuple[str, ...]:
    """Every key that a signal shows to belong to its referral, strongest first."""
    return (*signal.keys, *signal.learned)


def _take(referral: Referral, signal: ReferralSignal, appointment: frozenset[str]) -> None:
    before, step = referral.state, Step(signal.step)
    evidence = _why_void(referral, signal, appointment)
    transition = None if evidence else _transition(referral, signal)
    if step not in NOTES:
        _learn(referral, signal)
    elif not evidence:
        _file(referral, signal)
    if step is Step.VISITED and not evidence:
        referral.visited_at = signal.appointment_at or signal.source.occurred_at
    if transition is None:
        evidence = evidence or _unmoved(referral, step)
        referral.history.append(_happening(referral, signal, before, evidence=evidence))
        return
    _move(referral, signal, transition, appointment)


def _why_void(referral: Referral, signal: ReferralSignal, appointment: frozenset[str]) -> str:
    """Why the signal cannot move this referral in any state; empty when it can."""
    step = Step(signal.step)
    if step in NOTES and note_date(signal) < referral.sent_at[:10]:
        return "written before the referral was sent"
    replaced = appointment and referral.appointment_keys and not appointment & referral.appointment_keys
    if replaced and step in APPOINTMENT - {Step.SCHEDULED}:
        return "about an appointment that was replaced"
    if (
        step is Step.SCHEDULED
        and referral.state is State.SCHEDULED
        and signal.appointment_at in ("", referral.appointment_at)
    ):
        return "the same appointment again"
    return ""


def note_date(signal: ReferralSignal) -> str:
    """The local date on which a note was written, else sent."""
    return (signal.dated or signal.source.occurred_at)[:10]


def _transition(referral: Referral, signal: ReferralSignal) -> Transition | None:
    step = Step(signal.step)
    if step in TAKEN_BACK:
        return _retraction(referral, signal)
    return _operator(referral, step) if step in OPERATOR_STEPS else TRANSITIONS.get((referral.state, step))


def _unmoved(referral: Referral, step: Step) -> str:
    """What to say of a signal that moves nothing in this state."""
    if step in NOTES and referral.state in (State.NOTE_RECEIVED, State.CLOSED):
        return "a further note"
    if step == Step.REQUESTED or step.value == referral.state.value:
        return "restated"
    return _EVIDENCE.get(step) or f"not allowed in state {referral.state}"


_EVIDENCE = {
    Step.CONFIRMED: "an operator matched the note",
    Step.VISITED: "the patient came",
    Step.REJECTED: "an operator rejected the suggested note",
    Step.UNLINKED: "an operator took the note off; the state does not rest on it",
    Step.RETRACTED: "the state does not rest on this note",
}


def _operator(referral: Referral, step: Step) -> Transition | None:
    # Whether an operator may do it is decided when it is done: a message that comes later does not undo it.
    if step is Step.REVIEWED:
        return Transition(State.CLOSED, inferred=False)
    if step is Step.CLOSED_NO_NOTE:
        return Transition(State.CLOSED_NO_NOTE, inferred=False)
    if step is Step.REOPENED and referral.state in ACTS[Step.REOPENED]:
        return Transition(referral.resumes, inferred=False)
    return None


def _file(referral: Referral, signal: ReferralSignal) -> None:
    name = "documents" if signal.step == Step.NOTE else "interim_documents"
    filed: tuple[str, ...] = getattr(referral, name)
    if signal.document and signal.document not in filed:
        setattr(referral, name, (*filed, signal.document))


def _retraction(referral: Referral, signal: ReferralSignal) -> Transition | None:
    """A retracted note leads back to where the referral stood without it, when no other note stands."""
    rests = referral.documents if referral.state is not State.INTERIM_NOTE else referral.interim_documents
    referral.documents = tuple(d for d in referral.documents if d != signal.document)
    referral.interim_documents = tuple(d for d in referral.interim_documents if d != signal.document)
    if referral.state not in (State.NOTE_RECEIVED, State.CLOSED, State.INTERIM_NOTE) or rests != (signal.document,):
        return None
    return Transition(State.INTERIM_NOTE if referral.interim_documents else _before_notes(referral), inferred=False)


def _before_notes(referral: Referral) -> State:
    steps = (h.before for h in reversed(referral.milestones) if h.step in NOTES)
    return next(s for s in steps if s not in (State.INTERIM_NOTE, State.NOTE_RECEIVED))


def _learn(referral: Referral, signal: ReferralSignal) -> None:
    """The referrer's latest word holds; others fill only what is empty: an answer does not rename who was asked."""
    asks = signal.step == Step.REQUESTED
    for name in ("number", "priority", "due") + (("reason",) if asks else ()):
        said = getattr(signal, name)
        if said and (asks or not getattr(referral, name)):
            setattr(referral, name, said)
    for name in ("referrer", "referred_to"):
        known, said = getattr(referral, name), getattr(signal, name)
        setattr(referral, name, _merged(said, known) if asks else _merged(known, said))


def _merged(first: Party, second: Party) -> Party:
    if first.npi and second.npi and first.npi != second.npi:
        return first
    return Party(first.npi or second.npi, first.name or second.name, first.organization or second.organization)


def _move(referral: Referral, signal: ReferralSignal, transition: Transition, appointment: frozenset[str]) -> None:
    step, before = Step(signal.step), referral.state
    if step is Step.SCHEDULED:
        referral.appointment_at = signal.appointment_at or referral.appointment_at
        referral.appointment_keys = appointment
        referral.attempts += 1
    referral.no_shows += step is Step.NO_SHOW
    if transition.to in ACTS[Step.REOPENED]:
        referral.resumes = before
    referral.status_reason = _said(signal)
    referral.state, referral.state_since = transition.to, signal.source.occurred_at
    happening = replace(_happening(referral, signal, before), after=transition.to, inferred=transition.inferred)
    referral.history.append(replace(happening, label=_label(referral, happening, signal)))


def _said(signal: ReferralSignal) -> str:
    """The reason that comes with a step; a request's reason is the clinical question, a note's text is the note."""
    return "" if signal.step in NOTES or signal.step == Step.REQUESTED else signal.note or signal.reason


def _label(referral: Referral, happening: Happening, signal: ReferralSignal) -> str:
    """Names a milestone by what its own message says of it, so that the name stays when other messages come late: its
    document, its appointment (else its day); then by count, where it happens again."""
    name = milestone_name(happening)
    day = signal.source.occurred_at[:10]
    subject = (signal.appointment_at or day) if happening.step in APPOINTMENT else signal.document
    label = f"{name}/{subject}" if subject else name
    again = sum(1 for h in referral.milestones if h.label.partition("#")[0] == label)
    return f"{label}#{again + 1}" if again else label


def milestone_name(happening: Happening) -> str:
    """The step of the care event ``referral.<step>``: the state reached, or the way back."""
    if happening.step in TAKEN_BACK:
        return "note-retracted"
    return str(Step.REOPENED if happening.step is Step.REOPENED else happening.after)


def _happening(referral: Referral, signal: ReferralSignal, state: State, evidence: str = "") -> Happening:
    step = Step(signal.step)
    appointment_at = signal.appointment_at or referral.appointment_at
    return Happening(
        step=step,
        before=state,
        after=state,
        occurred_at=signal.source.occurred_at,
        instant=signal.source.instant,
        received_at=signal.source.received_at,
        message_id=signal.source.message_id,
        evidence=evidence,
        by=signal.author.name or signal.author.npi,
        note=_said(signal),
        document=signal.document,
        appointment_at=appointment_at if step in APPOINTMENT else "",
    )


def referral_json(referral: Referral) -> Json:
    """The referral as it is stored and shown: its fields, its FHIR task states and its history."""
    return asdict(referral) | {
        "keys": sorted(referral.keys),
        "appointment_keys": sorted(referral.appointment_keys),
        "task_status": STATUS[referral.state].task,
        "business_status": STATUS[referral.state].business,
    }
