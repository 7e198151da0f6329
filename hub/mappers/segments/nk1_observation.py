"""NK1 → Observation: how the related person lives, or where the patient is employed (HL7 v2.9, chapter 3.4.5)."""

from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.facts import YES_NO, Fact, coded, text
from hub.mappers.notes import Notes
from hub.mappers.segments.pid_extension import other_ethnicity, other_race
from hub.mappers.situation import situation
from hub.model import Json


def _job_class(jcc: Repetition, ctx: Notes) -> Json:
    """JCC.2: the class of the job (table 0328)."""
    concept = cwe_codeableconcept(jcc.inner(2), ctx)
    return {"valueCodeableConcept": concept} if concept else {}


def _job_code(jcc: Repetition, ctx: Notes) -> Json:
    """JCC.1, described by JCC.3."""
    concept = cwe_codeableconcept(jcc.inner(1), ctx)
    if words := jcc[3]:
        concept = {**concept, "text": words}
    return {"valueCodeableConcept": concept} if concept else {}


_EMPLOYMENT = (
    Fact(10, "Job title", text),
    Fact(11, "Job code", _job_code),
    Fact(11, "Job class", _job_class),
    Fact(34, "Job status", coded("0311")),
)
_PERSON = (
    *_EMPLOYMENT,
    Fact(14, "Marital status", coded("0002")),
    Fact(17, "Living dependency", coded("0223")),
    Fact(18, "Ambulatory status", coded("0009")),
    Fact(19, "Citizenship", coded("0171")),
    Fact(21, "Living arrangement", coded("0220")),
    Fact(22, "Publicity", coded("0215")),
    Fact(23, "Protection", YES_NO),
    Fact(24, "Student", coded("0231")),
    Fact(25, "Religion", coded("0006")),
    Fact(26, "Mother's maiden name", text),
    Fact(27, "Nationality", coded("0212")),
    Fact(28, "Ethnic group", other_ethnicity),
    Fact(29, "Contact reason", coded("0222")),
    Fact(35, "Race", other_race),
    Fact(36, "Disability", coded("0295")),
    Fact(38, "Birth place", text),
    Fact(39, "VIP", coded("0099")),
)
_EMPLOYED = (
    *_EMPLOYMENT,
    Fact(12, "Employee number", text),
    Fact(33, "Number at the organization", text),
    Fact(29, "Contact reason", coded("0222")),
)


def nk1_observation(nk1: Segment, about: Json, ctx: Context) -> None:
    """Adds what NK1 says besides of the related person, or of the patient himself where it names his employer."""
    if len(nk1) < 10:
        return
    if about is ctx.patient:
        situation(nk1, _EMPLOYED, f"Relation to an organization {nk1.number}", about, ctx)
    else:
        situation(nk1, _PERSON, "Social situation of the related person", about, ctx)
