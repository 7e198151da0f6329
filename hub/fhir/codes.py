"""HL7 v2 tables and what their codes mean in FHIR R4 (HL7 v2-to-FHIR guide, ``mappings/codesystems``).

A ``Table`` has the number of the v2 table, the target code system and the codes that change; ``codes`` of a table
that is taken over as it is are empty. ``displays`` are the target codes' own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from hub.fhir.systems import EXTENSION, TERMINOLOGY, V2, V3


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """HL7 table ``number`` and its meaning in ``system``; a table equals itself alone, which makes it a key."""

    number: str
    system: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    displays: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The canonical URI of the v2 table itself."""
        return V2 + self.number


@lru_cache(maxsize=64)
def untranslated(table: Table) -> Table:
    """The v2 table alone, without a meaning."""
    return Table(table.number)


def same(*codes: str) -> dict[str, str]:
    """Codes that mean themselves in the target system."""
    return {code: code for code in codes}


def kept(*codes: str) -> dict[str, str]:
    """Codes without a counterpart: they stay in the v2 table, and that is right."""
    return dict.fromkeys(codes, "")


def pairs(text: str) -> dict[str, str]:
    """``"A:1007 B:1009"`` as a mapping."""
    return dict(pair.split(":") for pair in text.split())


def table_with(code: str, first: Table, *others: Table) -> Table:
    """The table that knows the code (one v2 table may lead to several code systems), else the first."""
    for table in (first, *others):
        if code in table.codes:
            return table
    return first


GENDER = Table(
    "0001",
    "http://hl7.org/fhir/administrative-gender",
    {"F": "female", "M": "male", "O": "other", "U": "unknown", "A": "other", "N": "other", "X": "other"},
)
MARITAL_STATUS = Table(
    "0002",
    V3 + "MaritalStatus",
    {"A": "L", "E": "L", "G": "T", "P": "T", "R": "T", "B": "U", "N": "A", **same("C", "D", "I", "L", "M", "S", "W")},
    {
        "A": "Annulled",
        "C": "Common Law",
        "D": "Divorced",
        "I": "Interlocutory",
        "L": "Legally Separated",
        "M": "Married",
        "S": "Never Married",
        "T": "Domestic partner",
        "U": "unmarried",
        "W": "Widowed",
    },
)
MARITAL_STATUS_NULL = Table(
    "0002",
    V3 + "NullFlavor",
    {"U": "UNK", "O": "OTH", "T": "NAVU"},
    {"UNK": "unknown", "OTH": "other", "NAVU": "Not available"},
)
PATIENT_CLASS = Table(
    "0004",
    V3 + "ActCode",
    # V and OBS are widely sent for observation stays although table 0004 has no such code.
    {
        "E": "EMER",
        "I": "IMP",
        "O": "AMB",
        "P": "PRENC",
        "V": "OBSENC",
        "OBS": "OBSENC",
        **kept("R", "B", "C", "N", "U"),
    },
    {
        "EMER": "emergency",
        "IMP": "inpatient encounter",
        "AMB": "ambulatory",
        "PRENC": "pre-admission",
        "OBSENC": "observation encounter",
    },
)
ADMISSION_TYPE = Table("0007")
AMBULATORY_STATUS = Table("0009")
ADMIT_SOURCE = Table("0023")
HOSPITAL_SERVICE = Table("0069")
PATIENT_TYPE = Table("0018")
READMISSION = Table("0092")
VIP = Table("0099")
DISCHARGE_DISPOSITION = Table("0112")
DIET = Table("0114")
RELIGION = Table(
    "0006",
    V3 + "ReligiousAffiliation",
    {
        **pairs("A:1007 B:1009 E:1069 J:1026 L:1028 M:1027 N:1020 P:1077 AGN:1004 ATH:1007 BAH:1008 BRE:1062"),
        **pairs("BMA:1029 BTH:1051 CHR:1013 ANG:1005 AOG:1061 BAP:1009 CRR:1079 CHS:1063 COC:1064 COG:1065"),
        **pairs("COL:1066 EOT:1068 EPI:1069 FRQ:1071 FUL:1072 JWN:1025 MOM:1027 LUT:1028 MET:1073"),
        **pairs("NAZ:1075 ORT:1036 PEN:1038 PRE:1076 PRO:1077 PRC:1078 QUA:1071 REC:1079 CAT:1041 SAA:1080"),
        **pairs("SEV:1001 UCC:1082 UNI:1052 UNU:1081 CNF:1014 DOC:1067 HSH:1020 HVA:1020 HOT:1020 JAI:1024"),
        **pairs("MOS:1023 MSH:1045 MSU:1049 NAM:1074 SHN:1046 SIK:1047 SPI:1048"),
        **kept("C", "MEN", "BUD", "BTA", "BOT", "CFR", "ABC", "AMT", "AME", "CMA", "COI", "COM", "EVC", "FWB", "GRE"),
        **kept("LMS", "COP", "REO", "SOU", "UMD", "WES", "WMC", "COT", "ERL", "HIN", "JEW", "JCO", "JOR", "JRC"),
        **kept("JRF", "JRN", "JOT", "MOT", "NRL", "NOE", "OTH", "VAR"),
    },
)
ETHNICITY = Table(
    "0189",
    "urn:oid:2.16.840.1.113883.6.238",
    {"H": "2135-2", "N": "2186-5", **same("2135-2", "2186-5"), **kept("U")},
    {"2135-2": "Hispanic or Latino", "2186-5": "Not Hispanic or Latino"},
)
LANGUAGE = Table("0296", "urn:ietf:bcp:47")
CITIZENSHIP = Table("0171")
IDENTIFIER_TYPE = Table("0203")
RELATIONSHIP = Table(
    "0063",
    V3 + "RoleCode",
    {
        "SPO": "SPS",
        "CHD": "CHILD",
        "PAR": "PRN",
        "SEL": "ONESELF",
        "FND": "FRND",
        "DOM": "SIGOTHR",
        "GRP": "GRPRN",
        "GCH": "GRNDCHILD",
        "SCH": "STPCHLD",
        "NCH": "NCHILD",
        "FCH": "CHLDFOST",
        "EXF": "EXT",
        **same("MTH", "FTH", "SIB", "BRO", "SIS"),
        **kept("DEP", "WRD", "CGV", "GRD", "OAD", "EME", "ASC", "OWN", "TRA", "MGR", "NON"),
    },
    {
        "SPS": "spouse",
        "CHILD": "child",
        "PRN": "parent",
        "ONESELF": "self",
        "FRND": "unrelated friend",
        "SIGOTHR": "significant other",
        "GRPRN": "grandparent",
        "GRNDCHILD": "grandchild",
        "STPCHLD": "step child",
        "NCHILD": "natural child",
        "CHLDFOST": "foster child",
        "EXT": "extended family member",
        "MTH": "mother",
        "FTH": "father",
        "SIB": "sibling",
        "BRO": "brother",
        "SIS": "sister",
    },
)
RELATIONSHIP_CONTACT = Table(
    "0063",
    V2 + "0131",
    {"EMR": "E", "EMC": "C", "UNK": "U", "OTH": "O"},
    {"E": "Employer", "C": "Emergency Contact", "U": "Unknown", "O": "Other"},
)
CONTACT_ROLE = Table("0131")
PROVIDER_ROLE = Table("0443")
NAME_USE = Table(
    "0200",
    "http://hl7.org/fhir/name-use",
    {
        "L": "official",
        "R": "official",
        "D": "usual",
        "M": "maiden",
        "N": "nickname",
        "MSK": "anonymous",
        "BAD": "old",
        "NAV": "temp",
        "TEMP": "temp",
    },
)
ADDRESS_USE = Table(
    "0190",
    "http://hl7.org/fhir/address-use",
    {"H": "home", "B": "work", "O": "work", "BI": "billing", "BA": "old", "C": "temp"},
)
ADDRESS_TYPE = Table("0190", "http://hl7.org/fhir/address-type", {"M": "postal", "SH": "postal"})
TELECOM_SYSTEM = Table(
    "0202",
    "http://hl7.org/fhir/contact-point-system",
    {
        "PH": "phone",
        "CP": "phone",
        "FX": "fax",
        "BP": "pager",
        "INTERNET": "email",
        "X.400": "email",
        "MD": "other",
        "SAT": "other",
        "TDD": "other",
        "TTY": "other",
    },
)
TELECOM_USE = Table(
    "0201", "http://hl7.org/fhir/contact-point-use", {"PRN": "home", "VHN": "home", "WPN": "work", "PRS": "mobile"}
)
ADMISSION_PRIORITY = Table(
    "0217",
    V3 + "ActPriority",
    {"1": "EM", "2": "UR", "3": "EL"},
    {"EM": "emergency", "UR": "urgent", "EL": "elective"},
)
DIAGNOSIS_USE = Table(
    "0052",
    TERMINOLOGY + "diagnosis-role",
    {"A": "AD", "F": "DD", "W": "CC"},
    {"AD": "Admission diagnosis", "DD": "Discharge diagnosis", "CC": "Chief complaint"},
)
ALLERGY_CATEGORY = Table(
    "0127",
    "http://hl7.org/fhir/allergy-intolerance-category",
    {"DA": "medication", "FA": "food", "EA": "environment", "PA": "environment", "LA": "environment", "AA": "biologic"},
)
ALLERGEN_TYPE = Table("0127")
ALLERGY_CRITICALITY = Table(
    "0128", "http://hl7.org/fhir/allergy-intolerance-criticality", {"SV": "high", "MI": "low", "U": "unable-to-assess"}
)
REACTION_SEVERITY = Table(
    "0128", "http://hl7.org/fhir/reaction-event-severity", {"SV": "severe", "MO": "moderate", "MI": "mild"}
)
SUBSCRIBER = Table(
    "0063",
    TERMINOLOGY + "subscriber-relationship",
    {
        "SEL": "self",
        "SPO": "spouse",
        "CHD": "child",
        "PAR": "parent",
        "DOM": "common",
        "OTH": "other",
        **kept("BRO", "SIS", "SIB", "MTH", "FTH", "GRD", "EMR", "UNK"),
    },
)
PLAN_TYPE = Table("0086")
ARRIVAL_MODE = Table("0430")
OMB_RACES = {
    "1002-5": "American Indian or Alaska Native",
    "2028-9": "Asian",
    "2054-5": "Black or African American",
    "2076-8": "Native Hawaiian or Other Pacific Islander",
    "2106-3": "White",
}
"""The race categories of the Office of Management and Budget (US Core)."""
CDC_RACE = "urn:oid:2.16.840.1.113883.6.238"
YES_NO = {"Y": True, "N": False}
"""HL7 table 0136."""

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
