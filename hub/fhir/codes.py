"""HL7 v2 tables and what their codes mean in FHIR R4 (HL7 v2-to-FHIR guide, ``mappings/codesystems``).

The tables are data: ``hub/fhir/terminology/v2-<number>.csv`` has the codes of HL7's table with their display names and,
where codes are translated, what each means in one code system or in several (a row for each). To add a table, add that
one file; then ``Table("0322", "http://hl7.org/fhir/event-status")`` where it is used: by its number and the target
code system, or by its number alone for codes that stay in the v2 table. A site's own table has no file: its codes are
taken as they are. Names below are those that several mappers share.
"""

from collections.abc import Mapping
from functools import lru_cache

from hub.fhir.systems import EXTENSION, TERMINOLOGY, V2, V3
from hub.fhir.terminology import rows


class Table:
    """HL7 table ``number`` and its meaning in the code system ``system``; a table equals itself alone, which makes it a
    key.

    ``codes`` leads from each code of the table to the code that it means, empty where it means none; ``displays`` are
    the target codes' own words, ``names`` those of the v2 codes. Codes are also found in upper case. All three are read
    when something first asks for them.
    """

    __slots__ = ("codes", "displays", "names", "number", "system")

    codes: Mapping[str, str]
    displays: Mapping[str, str]
    names: Mapping[str, str]

    def __init__(self, number: str, system: str = "") -> None:
        self.number = number
        self.system = system

    @property
    def source(self) -> str:
        """The canonical URI of the v2 table itself."""
        return V2 + self.number

    def __getattr__(self, name: str) -> Mapping[str, str]:
        if name not in self.__slots__:
            raise AttributeError(name)
        codes: dict[str, str] = {}
        displays: dict[str, str] = {}
        names: dict[str, str] = {}
        for row in rows(f"v2-{self.number}"):
            target = row.get("target_code", "") if row.get("target_system", "") == self.system else ""
            _note(codes, row["code"], target)
            _note(names, row["code"], row["display"])
            if target:
                displays[target] = row["target_display"]
        self.codes, self.displays, self.names = codes, displays, names
        known: Mapping[str, str] = object.__getattribute__(self, name)
        return known


def _note(known: dict[str, str], code: str, text: str) -> None:
    """Keeps the text for a code as it is written and in upper case; of several rows the one that says something."""
    for written in (code, code.upper()):
        known[written] = known.get(written) or text


@lru_cache(maxsize=512)
def untranslated(table: Table | str) -> Table:
    """The v2 table (or the one of that number) without a meaning."""
    return Table(table if isinstance(table, str) else table.number)


def table_with(code: str, first: Table, *others: Table) -> Table:
    """The table that translates the code (one v2 table may lead to several code systems), else the first."""
    for table in (first, *others):
        if table.codes.get(code):
            return table
    return first


GENDER = Table("0001", "http://hl7.org/fhir/administrative-gender")
MARITAL_STATUS = Table("0002", V3 + "MaritalStatus")
MARITAL_STATUS_NULL = Table("0002", V3 + "NullFlavor")
PATIENT_CLASS = Table("0004", V3 + "ActCode")
RELIGION = Table("0006", V3 + "ReligiousAffiliation")
ADMISSION_TYPE = Table("0007")
AMBULATORY_STATUS = Table("0009")
PATIENT_TYPE = Table("0018")
ADMIT_SOURCE = Table("0023")
DIAGNOSIS_USE = Table("0052", TERMINOLOGY + "diagnosis-role")
RELATIONSHIP = Table("0063", V3 + "RoleCode")
RELATIONSHIP_CONTACT = Table("0063", V2 + "0131")
SUBSCRIBER = Table("0063", TERMINOLOGY + "subscriber-relationship")
HOSPITAL_SERVICE = Table("0069")
PLAN_TYPE = Table("0086")
READMISSION = Table("0092")
VIP = Table("0099")
DISCHARGE_DISPOSITION = Table("0112")
DIET = Table("0114")
ALLERGEN_TYPE = Table("0127")
ALLERGY_CATEGORY = Table("0127", "http://hl7.org/fhir/allergy-intolerance-category")
ALLERGY_CRITICALITY = Table("0128", "http://hl7.org/fhir/allergy-intolerance-criticality")
REACTION_SEVERITY = Table("0128", "http://hl7.org/fhir/reaction-event-severity")
CONTACT_ROLE = Table("0131")
CITIZENSHIP = Table("0171")
ETHNICITY = Table("0189", "urn:oid:2.16.840.1.113883.6.238")
ADDRESS_USE = Table("0190", "http://hl7.org/fhir/address-use")
ADDRESS_TYPE = Table("0190", "http://hl7.org/fhir/address-type")
NAME_USE = Table("0200", "http://hl7.org/fhir/name-use")
TELECOM_USE = Table("0201", "http://hl7.org/fhir/contact-point-use")
TELECOM_SYSTEM = Table("0202", "http://hl7.org/fhir/contact-point-system")
IDENTIFIER_TYPE = Table("0203")
ADMISSION_PRIORITY = Table("0217", V3 + "ActPriority")
LANGUAGE = Table("0296", "urn:ietf:bcp:47")
ARRIVAL_MODE = Table("0430")
PROVIDER_ROLE = Table("0443")
OMB_RACES = {
    "1002-5": "American Indian or Alaska Native",
    "2028-9": "Asian",
    "2054-5": "Black or African American",
    "2076-8": "Native Hawaiian or Other Pacific Islander",
    "2106-3": "White",
}
"""The race categories of the Office of Management and Budget (US Core)."""
CDC_RACE = "urn:oid:2.16.840.1.113883.6.238"
YES_NO = {"Y": True, "N": False, "YES": True, "NO": False, "TRUE": True, "FALSE": False}
"""HL7 table 0136, and the words that senders write for it."""

LOCATION_TYPE = TERMINOLOGY + "location-physical-type"
LOCATION_NAMES = {
    "si": "Site",
    "bu": "Building",
    "lvl": "Level",
    "wa": "Ward",
    "ro": "Room",
    "bd": "Bed",
}
DATA_ABSENT = EXTENSION + "data-absent-reason"
PARTICIPATION = V3 + "ParticipationType"
PARTICIPATION_NAMES = {
    "ATND": "attender",
    "REF": "referrer",
    "CON": "consultant",
    "ADM": "admitter",
    "PART": "Participation",
}
