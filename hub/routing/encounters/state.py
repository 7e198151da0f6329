"""What is known of a visit: its state and its milestones."""

from dataclasses import dataclass

from hub.model import stable_id
from hub.routing.statements import Coded, Party

PLANNED, IN_PROGRESS, FINISHED, CANCELLED = "planned", "in-progress", "finished", "cancelled"
"""Encounter.status (FHIR R4)."""

EMERGENCY, INPATIENT, OBSERVATION, PREADMISSION, OUTPATIENT = "EMER", "IMP", "OBSENC", "PRENC", "AMB"
"""Encounter.class (v3-ActCode)."""

ADMIT, DISCHARGE, TRANSFER, DEATH = "admit", "discharge", "transfer", "death"
"""Families of milestones; a change of class is a family by its kind, a cancellation is ``<family>-cancelled``."""

_UNSTATED, _NOBODY = Coded(), Party()


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that happened in a visit. ``cls`` is the class from then on, ``was`` what it was before (a class, a
    facility, or the moment of what is cancelled); ``seen`` is false for a discharge whose admission is unknown."""

    family: str
    ordinal: int
    kind: str
    at: str
    message_id: str
    cls: str = ""
    was: str = ""
    disposition: str = ""
    seen: bool = True
    cancelled: bool = False

    def key(self, subject: str) -> str:
        """The event key: the visit, the family and the ordinal."""
        return stable_id("encounter", subject, self.family, str(self.ordinal))

    def cancels(self, subject: str) -> str:
        """The event key of what a cancellation takes back; empty for anything else."""
        family = self.family.removesuffix("-cancelled")
        return "" if family == self.family else stable_id("encounter", subject, family, str(self.ordinal))


@dataclass(frozen=True, slots=True)
class EncounterState:
    """What is known of a visit. Times are the sender's texts; ``inpatient_at`` is when the present inpatient stay
    began; ``last`` is the order key of the newest statement."""

    subject: str
    status: str = ""
    cls: str = ""
    admitted: bool = False
    admitted_at: str = ""
    inpatient_at: str = ""
    discharged_at: str = ""
    visit_number: str = ""
    facility: str = ""
    site: str = ""
    unit: str = ""
    disposition: str = ""
    admit_source: str = ""
    reason: Coded = _UNSTATED
    diagnoses: tuple[Coded, ...] = ()
    attending: Party = _NOBODY
    deceased: bool = False
    withheld: str = ""
    masked: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    pcps: tuple[tuple[str, str], ...] = ()
    milestones: tuple[Milestone, ...] = ()
    last: tuple[str, ...] = ()

    def active(self, family: str) -> Milestone | None:
        """The newest milestone of the family that was not cancelled."""
        return next((m for m in reversed(self.milestones) if m.family == family and not m.cancelled), None)
