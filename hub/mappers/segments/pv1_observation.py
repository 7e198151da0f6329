"""PV1 → Observation: accounting and other facts of the visit that R4 has no element for (HL7 v2.9, chapter 3.4.3)."""

from hub.fhir.build import concept, token
from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.facts import DAYS, Fact, coded, moment, money
from hub.mappers.notes import Notes
from hub.mappers.situation import situation
from hub.model import Json


def _financial_class(fc: Repetition, ctx: Notes) -> Json:
    """FC.1, table 0064."""
    sent = fc.inner(1)
    if len(sent) == 1:
        return {"valueCodeableConcept": concept(V2 + "0064", code)} if (code := token(sent[1])) else {}
    found = cwe_codeableconcept(sent, ctx)
    return {"valueCodeableConcept": found} if found else {}


def _second_moment(composite: Repetition, ctx: Notes) -> Json:
    """The time in the second component: FC.2, DLD.2."""
    when = dtm_datetime(composite[2], ctx, f"{composite.path}.2")
    return {"valueDateTime": when} if when else {}


def _further_moment(dtm: Repetition, ctx: Notes) -> Json:
    """A time beyond the first, which the Encounter has."""
    return moment(dtm, ctx) if dtm.number > 1 else {}


_FACTS = (
    Fact(12, "Preadmission test", coded("0087")),
    Fact(20, "Financial class", _financial_class),
    Fact(20, "Financial class since", _second_moment),
    Fact(21, "Charge price", coded("0032")),
    Fact(23, "Credit rating", coded("0046")),
    Fact(24, "Contract", coded("0044")),
    Fact(25, "Contract since", moment),
    Fact(26, "Contract amount", money),
    Fact(27, "Contract period", DAYS),
    Fact(28, "Interest", coded("0073")),
    Fact(29, "Transfer to bad debt", coded("0110")),
    Fact(30, "Transfer to bad debt on", moment),
    Fact(31, "Bad debt agency", coded("0021")),
    Fact(32, "Bad debt transfer amount", money),
    Fact(33, "Bad debt recovery amount", money),
    Fact(34, "Deletion of the account", coded("0111")),
    Fact(35, "Deletion of the account on", moment),
    Fact(37, "Discharged to the destination on", _second_moment),
    Fact(39, "Servicing facility", coded("0115")),
    Fact(41, "Account status", coded("0117")),
    Fact(45, "Discharged again", _further_moment),
    Fact(46, "Current patient balance", money),
    Fact(47, "Total charges", money),
    Fact(48, "Total adjustments", money),
    Fact(49, "Total payments", money),
    Fact(51, "Visit indicator", coded("0326")),
)


def pv1_observation(pv1: Segment, encounter: Json, ctx: Context) -> None:
    """Adds the facts about the visit."""
    situation(pv1, _FACTS, "Administrative facts of the visit", encounter, ctx)
