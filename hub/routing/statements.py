"""What one message states, read from its FHIR bundle: the only entrance of routing.

A projection (an encounter, a report, a referral) is the fold of all statements about its subject, ordered by
``order_key``; therefore the order in which messages arrive does not matter, and a statement that is already in
the journal changes nothing.
"""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its system (canonical URI or empty) and its words."""

    code: str = ""
    system: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A clinician or an organization as a message names it."""

    npi: str = ""
    name: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from. ``occurred_at`` keeps the sender's offset; ``instant`` is the same in UTC text
    (``store.engine.utc_text`` form) and sorts."""

    message_id: str
    person_id: str
    occurred_at: str
    instant: str
    received_at: str

    @property
    def order_key(self) -> tuple[str, str, str]:
        return (self.instant, self.received_at, self.message_id)


@dataclass(frozen=True, slots=True)
class EncounterStatement:
    """What one message says of one visit. ``trigger`` is the v2 event (``A04``), ``cls`` a v3-ActCode
    (``EMER``, ``IMP``, ``AMB``, ``OBSENC``, ``PRENC``); ``facility`` is who sends, ``site`` where the patient is
    (PV1-3.4). Empty texts state nothing."""

    source: Source
    subject: str
    trigger: str
    visit_number: str = ""
    cls: str = ""
    admitted_at: str = ""
    discharged_at: str = ""
    facility: str = ""
    site: str = ""
    unit: str = ""
    disposition: str = ""
    admit_source: str = ""
    reason: Coded = Coded()
    diagnoses: tuple[Coded, ...] = ()
    attending: Party = Party()
    deceased: bool = False
    withheld: str = ""
    """Why nobody may be told of the visit; ``masked`` are the facts that may not be told of it."""
    masked: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Codes of security labels that go along with every disclosure."""
    pcps: tuple[tuple[str, str], ...] = ()
    """The PCPs that the message names, as in ``Reading.named_pcps``: a later message of the visit may name none."""


@dataclass(frozen=True, slots=True)
class Value:
    """One observation of a report; ``value`` is its text for a person, ``flag`` the interpretation code."""

    key: str
    code: Coded
    value: str
    unit: str = ""
    flag: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class ResultStatement:
    """What one message says of one report (DiagnosticReport); ``status`` is the FHIR report status."""

    source: Source
    subject: str
    code: Coded
    status: str
    values: tuple[Value, ...] = ()
    performer: Party = Party()
    order_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentStatement:
    """What one message says of one document. ``final`` is false for interim notes; ``retracted`` for T11 and the like.
    ``changes`` are changes of treatment that the note names, in its own words."""

    source: Source
    subject: str
    type: Coded
    title: str = ""
    text: str = ""
    author: Party = Party()
    dated: str = ""
    final: bool = True
    retracted: bool = False
    changes: tuple[str, ...] = ()
    referral_keys: tuple[str, ...] = ()
    encounter: str = ""
    confidence: float = 1.0
    recipients: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferralSignal:
    """Something that may move a referral: ``step`` is one of ``routing.referrals.states.Step``.

    ``keys`` are correlation keys, strongest first (``system|value``). ``subject`` is the referral when the message
    itself says it (its ServiceRequest), else empty. ``dated`` is when the note itself was written, when it says so.
    ``opens`` says whether a step that only referrals have may begin one that is not known yet: a Task alone may be of
    any order. Notes and retractions of documents need no signal of their own: ``routing.referrals.said`` takes them
    from the ``DocumentStatement`` where no signal names the document; of those, ``text``, ``recipients`` and
    ``confidence`` say what the note is about, to whom it is, and how sure whatever read it was.
    """

    source: Source
    step: str
    keys: tuple[str, ...] = ()
    subject: str = ""
    number: str = ""
    learned: tuple[str, ...] = ()
    priority: str = ""
    reason: str = ""
    referrer: Party = Party()
    referred_to: Party = Party()
    author: Party = Party()
    due: str = ""
    appointment_at: str = ""
    document: str = ""
    note: str = ""
    dated: str = ""
    opens: bool = True
    text: str = ""
    recipients: tuple[Party, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class MergeStatement:
    """Two identifiers are one person: ``survivor`` and ``retired`` are identifier keys (``system|value``)."""

    source: Source
    survivor: str
    retired: str


@dataclass(frozen=True, slots=True)
class UnmergeStatement:
    """Two identifiers (keys) are two persons, whatever was said before."""

    source: Source
    survivor: str
    retired: str


Statement: TypeAlias = (
    EncounterStatement | ResultStatement | DocumentStatement | ReferralSignal | MergeStatement | UnmergeStatement
)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that routing takes from one bundle: the statements, and the PCPs that the message itself names
    (``(source, npi)`` with source ``ROL`` or ``PD1-4``). ``silent`` says why nobody is to be told of this message."""

    source: Source
    trigger: str
    statements: tuple[Statement, ...] = ()
    named_pcps: tuple[tuple[str, str], ...] = ()
    silent: str = ""
    patient: dict[str, object] = field(default_factory=dict)
