"""PV2 → Observation: facts of the visit that R4 has no element for (HL7 v2.9, chapter 3.4.4)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.facts import COUNT, DAYS, YES_NO, Fact, coded, moment, text
from hub.mappers.situation import situation
from hub.model import Json

_FACTS = (
    Fact(4, "Transfer reason", coded()),
    Fact(5, "Patient valuables", text),
    Fact(6, "Location of the valuables", text),
    Fact(10, "Estimated length of stay", DAYS),
    Fact(14, "Previous service", moment),
    Fact(15, "Employment related illness", YES_NO),
    Fact(16, "Purge status", coded("0213")),
    Fact(17, "Purge status since", moment),
    Fact(18, "Special program", coded("0214")),
    Fact(19, "Retention", YES_NO),
    Fact(20, "Expected number of insurance plans", COUNT),
    Fact(21, "Publicity of the visit", coded("0215")),
    Fact(22, "Protection of the visit", YES_NO),
    Fact(24, "Patient status", coded("0216")),
    Fact(26, "Previous treatment", moment),
    Fact(27, "Expected discharge disposition", coded("0112")),
    Fact(28, "Signature on file", moment),
    Fact(29, "First similar illness", moment),
    Fact(30, "Patient charge adjustment", coded("0218")),
    Fact(31, "Recurring service", coded("0219")),
    Fact(32, "Billing media", YES_NO),
    Fact(33, "Expected surgery", moment),
    Fact(34, "Military partnership", YES_NO),
    Fact(35, "Military non-availability", YES_NO),
    Fact(36, "Newborn baby", YES_NO),
    Fact(37, "Baby detained", YES_NO),
    Fact(39, "Recreational drug use", coded("0431")),
    Fact(40, "Admission level of care", coded("0432")),
    Fact(42, "Patient condition", coded("0434")),
    Fact(43, "Living will", coded("0315")),
    Fact(44, "Organ donor", coded("0316")),
    Fact(45, "Advance directive", coded("0435")),
    Fact(46, "Patient status since", moment),
    Fact(47, "Expected return from leave", moment),
    Fact(48, "Expected preadmission testing", moment),
    Fact(49, "Notify clergy", coded("0534")),
    Fact(50, "Advance directive verified", moment),
)


def pv2_observation(pv2: Segment, encounter: Json, ctx: Context) -> None:
    """Adds the facts about the visit."""
    situation(pv2, _FACTS, "Further facts of the visit", encounter, ctx)
