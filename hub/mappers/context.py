"""What every mapper of a segment gets beside it: the feed, the bundle under construction, and the list of issues."""

from typing import NamedTuple

from hub.fhir.build import URN, complete, identified, reference
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import STANDARD_SYNTAX, Segment
from hub.mappers.notes import Mentions, source_of
from hub.model import Json, RawMessage
from hub.settings import Feed

NOBODY: Json = {"display": "not stated"}
"""Whom a resource is about that R4 does not allow without a patient, in a message that names none."""


class Whose(NamedTuple):
    """Whose what a segment tells is, by ids: the patient's, or his visit's; without a patient the message's own."""

    message: str
    patient: str = ""
    visit: str = ""

    @property
    def whom(self) -> Json:
        """The Reference to the patient, for resources that R4 does not allow without one."""
        return {"reference": URN + self.patient} if self.patient else NOBODY

    @property
    def encounter(self) -> Json | None:
        """The Reference to the visit."""
        return {"reference": URN + self.visit} if self.visit else None

    @property
    def owner(self) -> str:
        """The id of the patient, else of the message."""
        return self.patient or self.message

    @property
    def stay(self) -> str:
        """The id of the visit, where there is one."""
        return self.visit or self.owner


class Context(Mentions):
    """One conversion under way.

    ``resources`` holds one resource per real entity, by its id and in the order of their first mention; ``patient``,
    ``encounter``, ``account`` and ``facility`` are those the message is about, ``subject`` and ``visit`` the References
    to the first two; ``focus`` becomes ``MessageHeader.focus``. ``trigger`` is the v2 event (``A04``) and
    ``event_time`` when it happened, as a FHIR dateTime. ``taken`` are the lines of the segments that a mapper has asked
    for; the others are mapped one by one at the end. ``last`` is the resource of the segment before, which an NTE then
    speaks of; ``coverage`` with its ``insured`` person and ``charge`` are those that IN2, IN3 and PR1 continue.
    ``visit_line`` is where the PV1 of the visit stands, 0 without one.
    """

    def __init__(self, raw: RawMessage, feed: Feed, message: Message | None = None) -> None:
        super().__init__(source_of(feed, message.syntax if message else STANDARD_SYNTAX))
        self.raw = raw
        self.message = message
        self.trigger = ""
        self.event_time = ""
        self.subject: Json | None = None
        self.visit: Json | None = None
        self.patient = None
        self.encounter = None
        self.account: Json | None = None
        self.facility: Json | None = None
        self.last: Json | None = None
        self.coverage: Json | None = None
        self.insured: Json | None = None
        self.charge: Json | None = None
        self.focus: list[Json] = []
        self.resources: dict[str, Json] = {}
        self.taken: set[int] = set()
        self.visit_line = 0
        self._kept: dict[str, Json] = {}
        self._patients: dict[int, tuple[Json, Json | None]] = {}
        self._visits: dict[str, tuple[Json, int]] = {}
        self._visit_at: dict[int, Json] = {}

    @property
    def patient(self) -> Json | None:
        return self._patient

    @patient.setter
    def patient(self, patient: Json | None) -> None:
        self._patient = patient
        self.subject = reference(patient) if patient else None

    @property
    def encounter(self) -> Json | None:
        return self._encounter

    @encounter.setter
    def encounter(self, encounter: Json | None) -> None:
        self._encounter = encounter
        self.visit = reference(encounter) if encounter else None

    @property
    def whom(self) -> Json:
        """The Reference to the patient, for resources that R4 does not allow without one."""
        return self.subject or NOBODY

    @property
    def whose(self) -> Whose:
        """Whose what a segment tells is, as a key: the same in all messages of a visit."""
        patient = self._patient["id"] if self._patient else ""
        return Whose("" if patient else self.raw.id, patient, self._encounter["id"] if self._encounter else "")

    @property
    def site(self) -> str:
        """Whose the places are where nothing else is said: the facility's, else the feed's."""
        return self.facility["id"] if self.facility else self.feed.name

    @property
    def owner(self) -> str:
        """Whose what a segment tells is: the patient's id, in a message without a patient its own."""
        return str(self._patient["id"]) if self._patient else self.raw.id

    @property
    def stay(self) -> str:
        """The same of what belongs to a visit: its id, where there is one."""
        return str(self._encounter["id"]) if self._encounter else self.owner

    def begin_patient(self, pid: Segment, patient: Json) -> None:
        """From this PID on the message is about that patient: nothing of the one before is his."""
        self.patient, self.encounter, self.account, self.visit_line = patient, None, None, 0
        self.coverage = self.insured = self.charge = None
        self._patients[pid.line] = (patient, None)

    def begin_account(self, pid: Segment, account: Json) -> None:
        """The account that the patient of this PID has."""
        self.account = account
        if pid.line in self._patients:
            self._patients[pid.line] = (self._patients[pid.line][0], account)

    def begin_visit(self, pv1: Segment, encounter: Json) -> None:
        """The visit of the patient: also segments between his PID and this PV1 are of it."""
        self.encounter, self.visit_line = encounter, pv1.line
        self._visit_at[pv1.line] = encounter
        if self.patient is not None:
            self._visits[self.patient["id"]] = encounter, pv1.line

    def visit_at(self, pv1: Segment) -> Json | None:
        """The visit of a PV1 that was mapped before."""
        return self._visit_at.get(pv1.line)

    def turn_to(self, pid: Segment) -> None:
        """Whom the segments after this PID are about, which was mapped before."""
        if pid.line in self._patients:
            patient, account = self._patients[pid.line]
            encounter, line = self._visits.get(patient["id"], (None, 0))
            self.begin_patient(pid, patient)
            self.encounter, self.visit_line = encounter, line
            if account is not None:
                self.begin_account(pid, account)

    def first(self, name: str) -> Segment | None:
        """The first segment of that name, which hereby counts as mapped."""
        segment = self.message.first(name) if self.message else None
        return self.take(segment) if segment else None

    def all(self, name: str) -> list[Segment]:
        """All segments of that name, which hereby count as mapped."""
        return [self.take(segment) for segment in self.message.all(name)] if self.message else []

    def take(self, segment: Segment) -> Segment:
        """The segment, which hereby counts as mapped."""
        self.taken.add(segment.line)
        return segment

    def at(self, reference: Json) -> Json | None:
        """The resource of the bundle that a Reference leads to."""
        return self.resources.get(reference.get("reference", "").removeprefix(URN))

    def add(self, resource: Json, *identity: str) -> Json:
        """Puts a resource into the bundle and returns it with its id, a ``stable_id`` over type and ``identity``.

        What is already there under that id is completed, not doubled.
        """
        made = identified(resource, *identity)
        known = self.resources.setdefault(made["id"], made)
        if known is not made:
            complete(known, made)
        return known

    def keep(self, resource: Json) -> Json:
        """Puts a resource into the bundle that has its id already; ``resource`` itself is never changed."""
        identity = resource["id"]
        known = self.resources.get(identity)
        if known is None:
            known = self.resources[identity] = dict(resource)
        elif self._kept.get(identity) is not resource:
            complete(known, resource)
        self._kept[identity] = resource
        return known
