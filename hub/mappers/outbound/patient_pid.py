"""Patient → PID and PD1 (HL7 v2.9, chapters 3.4.2 and 3.4.10)."""

from hub.fhir.codes import GENDER, MARITAL_STATUS
from hub.fhir.systems import EXTENSION
from hub.mappers.outbound.datatypes import cwe_of, cx, dtm, each, identified, people, sent_code, xad, xon, xpn, xtn
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_SEXES = {"male": "M", "female": "F", "other": "O", "unknown": "U"}


def patient_pid(patient: Json) -> Built:
    """PID-3 identifiers, -5 names, -7 birth, -8 sex, -11 addresses, -13/-14 telephones, -16 marital status, -19 SSN,
    -29/-30 death."""
    numbers = identified(patient, "SS")
    others = [one for one in patient.get("identifier", []) if one not in numbers]
    work = [point for point in patient.get("telecom", []) if point.get("use") == "work"]
    return "PID", {
        1: "1",
        3: each(others, cx),
        5: each(patient.get("name"), xpn),
        7: _birth(patient),
        8: _SEXES.get(patient.get("gender", ""), "") or sent_code(patient, "gender", GENDER),
        11: each(patient.get("address"), xad),
        13: each((point for point in patient.get("telecom", []) if point not in work), xtn),
        14: each(work, xtn),
        16: cwe_of(patient.get("maritalStatus"), MARITAL_STATUS),
        19: numbers[0].get("value", "") if numbers else "",
        29: dtm(patient.get("deceasedDateTime", "")),
        30: _dead(patient),
    }


def patient_pd1(patient: Json, resources: Resources) -> list[Built]:
    """PD1-3 and -4: the general practitioners, organizations and persons."""
    named = patient.get("generalPractitioner", [])
    practices = [xon(found) for one in named if (found := resources.at(one)).get("resourceType") == "Organization"]
    persons = people(named, resources)
    return [("PD1", {3: practices, 4: persons})] if practices or persons else []


def _dead(patient: Json) -> str:
    if "deceasedBoolean" in patient:
        return "Y" if patient["deceasedBoolean"] else "N"
    return "Y" if "deceasedDateTime" in patient else ""


def _birth(patient: Json) -> str:
    """The time of birth where it is known, else the date."""
    for extension in patient.get("_birthDate", {}).get("extension", ()):
        if extension["url"] == EXTENSION + "patient-birthTime":
            return dtm(extension["valueDateTime"])
    return dtm(patient.get("birthDate", ""))
