"""What the laboratory reports: ORU^R01 with 10 to 40 OBX."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import NamedTuple

from hub.formats.hl7v2.build import Field
from hub.simulator.facilities import LABORATORY, Segment
from hub.simulator.segments import Step, Visit, brief_pid, pd1, pv1


class Test(NamedTuple):
    """A laboratory test: LOINC code, name, UCUM unit, reference range, and decimals of its values."""

    code: str
    name: str
    unit: str
    low: float
    high: float
    decimals: int = 0


BLOOD_COUNT = (
    Test("6690-2", "WBC", "10*3/uL", 4.0, 11.0, 1),
    Test("789-8", "RBC", "10*6/uL", 4.2, 5.9, 2),
    Test("718-7", "Hemoglobin", "g/dL", 12.0, 17.5, 1),
    Test("4544-3", "Hematocrit", "%", 36, 50, 1),
    Test("787-2", "MCV", "fL", 80, 100),
    Test("785-6", "MCH", "pg", 27, 33, 1),
    Test("786-4", "MCHC", "g/dL", 32, 36, 1),
    Test("788-0", "RDW", "%", 11.5, 14.5, 1),
    Test("777-3", "Platelets", "10*3/uL", 150, 400),
    Test("32623-1", "MPV", "fL", 7.4, 10.4, 1),
    Test("770-8", "Neutrophils", "%", 40, 70, 1),
    Test("736-9", "Lymphocytes", "%", 20, 45, 1),
    Test("5905-5", "Monocytes", "%", 2, 10, 1),
)
METABOLIC = (
    Test("2823-3", "Potassium", "mmol/L", 3.5, 5.1, 1),
    Test("2345-7", "Glucose", "mg/dL", 70, 99),
    Test("3094-0", "Urea nitrogen", "mg/dL", 7, 20),
    Test("2160-0", "Creatinine", "mg/dL", 0.6, 1.3, 2),
    Test("2951-2", "Sodium", "mmol/L", 136, 145),
    Test("2075-0", "Chloride", "mmol/L", 98, 107),
    Test("2028-9", "Carbon dioxide", "mmol/L", 22, 29),
    Test("17861-6", "Calcium", "mg/dL", 8.6, 10.2, 1),
    Test("2885-2", "Protein", "g/dL", 6.0, 8.3, 1),
    Test("1751-7", "Albumin", "g/dL", 3.5, 5.0, 1),
    Test("1975-2", "Bilirubin", "mg/dL", 0.1, 1.2, 1),
    Test("6768-6", "Alkaline phosphatase", "U/L", 44, 147),
    Test("1920-8", "AST", "U/L", 8, 40),
    Test("1742-6", "ALT", "U/L", 7, 56),
)
OTHERS = (
    Test("2093-3", "Cholesterol", "mg/dL", 120, 200),
    Test("2571-8", "Triglycerides", "mg/dL", 40, 150),
    Test("2085-9", "HDL cholesterol", "mg/dL", 40, 90),
    Test("13457-7", "LDL cholesterol", "mg/dL", 50, 130),
    Test("3016-3", "TSH", "m[IU]/L", 0.4, 4.0, 2),
    Test("4548-4", "Hemoglobin A1c", "%", 4.0, 5.6, 1),
    Test("42637-9", "BNP", "pg/mL", 5, 100),
    Test("89579-7", "Troponin I", "ng/L", 1, 20),
    Test("19123-9", "Magnesium", "mg/dL", 1.6, 2.6, 1),
    Test("2777-1", "Phosphate", "mg/dL", 2.5, 4.5, 1),
    Test("2524-7", "Lactate", "mmol/L", 0.5, 2.2, 1),
    Test("1988-5", "CRP", "mg/L", 0, 8, 1),
    Test("6301-6", "INR", "{INR}", 0.9, 1.1, 1),
)
PANELS: tuple[tuple[tuple[str, str, str], tuple[Test, ...]], ...] = (
    (("58410-2", "CBC panel - Blood by Automated count", "LN"), BLOOD_COUNT),
    (("24323-8", "Comprehensive metabolic 2000 panel - Serum or Plasma", "LN"), METABOLIC),
    (("WARD", "Ward panel", "99QLB"), METABOLIC + BLOOD_COUNT),
    (("ADMIT", "Admission panel", "99QLB"), METABOLIC + BLOOD_COUNT + OTHERS),
)


class Value(NamedTuple):
    """One result with its flag (HL7 table 0078) and status (table 0085)."""

    test: Test
    number: float
    flag: str
    status: str = "F"


@dataclass(frozen=True, slots=True)
class Report:
    """One state of a report; a later one has the same ``number``. ``panel`` is code, words and coding system."""

    visit: Visit
    number: str
    panel: tuple[str, str, str]
    values: tuple[Value, ...]
    status: str = "F"


def report(visit: Visit, rng: Random, at: datetime, ordinal: int) -> Iterator[Step]:
    """A report on this visit; now and then preliminary first, or corrected an hour later."""
    panel, tests = rng.choice(PANELS)
    chosen = tests[: rng.randrange(min(10, len(tests)), len(tests) + 1)]
    final = Report(visit, f"L{visit.number[1:]}{ordinal:02}", panel, tuple(_value(test, rng) for test in chosen))
    if rng.random() < 0.1:
        early = tuple(value._replace(status="P") for value in final.values)
        yield _oru(replace(final, values=early, status="P"), at - timedelta(minutes=20))
    yield _oru(final, at)
    if rng.random() < 0.04:
        wrong, *rest = final.values
        right = Value(wrong.test, (wrong.test.low + wrong.test.high) / 2, "N", "C")
        yield _oru(replace(final, values=(right, *rest), status="C"), at + timedelta(hours=1))


def _value(test: Test, rng: Random) -> Value:
    """Most values are within the range, some above it; a potassium now and then far above."""
    spread = test.high - test.low
    chance = rng.random()
    if chance < 0.9:
        return Value(test, test.low + spread * rng.uniform(0.05, 0.95), "N")
    if chance < 0.97 or test.name != "Potassium":
        return Value(test, test.high + spread * rng.uniform(0.05, 0.3), "H")
    return Value(test, test.high + spread * rng.uniform(0.6, 1.0), "HH")


def _oru(report: Report, at: datetime) -> Step:
    return Step(at, LABORATORY, ("ORU", "R01", "ORU_R01"), report.visit.person, partial(_segments, report, at))


def _segments(report: Report, at: datetime) -> list[Segment]:
    visit = report.visit
    hospital, person = visit.facility, visit.person
    identifiers = [hospital.cx(hospital.mrn(person), "MR"), LABORATORY.cx(LABORATORY.mrn(person), "PI")]
    taken = LABORATORY.stamp(at - timedelta(minutes=35))
    placer, filler = hospital.ei(f"O{report.number[1:]}"), LABORATORY.ei(report.number)
    order: dict[int, Field] = {1: "RE", 2: placer, 3: filler, 5: "CM", 12: visit.attending.xcn}
    request: dict[int, Field] = {
        1: "1",
        2: placer,
        3: filler,
        4: report.panel,
        7: taken,
        16: visit.attending.xcn,
        22: LABORATORY.stamp(at),
        24: "LAB",
        25: report.status,
    }
    return [
        brief_pid(person, LABORATORY, identifiers),
        pd1(person),
        pv1(visit),
        ("ORC", order),
        ("OBR", request),
        *(_obx(number, value, taken) for number, value in enumerate(report.values, 1)),
    ]


def _obx(number: int, value: Value, taken: str) -> Segment:
    test = value.test
    return "OBX", {
        1: str(number),
        2: "NM",
        3: (test.code, test.name, "LN"),
        5: f"{value.number:.{test.decimals}f}",
        6: (test.unit, test.unit, "UCUM"),
        7: f"{test.low:g}-{test.high:g}",
        8: value.flag,
        11: value.status,
        14: taken,
    }
