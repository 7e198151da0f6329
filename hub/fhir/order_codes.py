"""HL7 v2 tables of orders, results, appointments, referrals and documents, and what their codes mean in FHIR R4."""

from hub.fhir.codes import Table, same
from hub.fhir.systems import LOINC, SNOMED, V3

ORDER_STATUS = Table(
    "0038",
    "http://hl7.org/fhir/request-status",
    {
        "CM": "completed",
        "IP": "active",
        "SC": "active",
        "A": "active",
        "HD": "on-hold",
        "CA": "revoked",
        "DC": "revoked",
        "RP": "revoked",
        "ER": "entered-in-error",
    },
)
"""ORC-5; it wins over ORC-1."""
ORDER_CONTROL = Table(
    "0119",
    "http://hl7.org/fhir/request-status",
    {
        **dict.fromkeys(("NW", "OK", "RL", "RO", "RQ", "PR", "AF", "PY", "CA", "HD", "NA", "SN", "XX", "UC"), "active"),
        **dict.fromkeys(("CR", "OC", "OD", "DC", "DR", "DF", "UA"), "revoked"),
        "HR": "on-hold",
        "OH": "on-hold",
        "FU": "completed",
    },
)
"""ORC-1, where ORC-5 is empty. CA and HD are requests: the order goes on until they are answered."""
ORDER_BY_REPORT = {"F": "completed", "C": "completed", "X": "revoked", "Y": "unknown", "Z": "unknown"}
"""OBR-25 (table 0123) for an order that only its result tells of; all others are active."""

REPORT_STATUS = Table(
    "0123",
    "http://hl7.org/fhir/diagnostic-report-status",
    {
        "O": "registered",
        "I": "registered",
        "S": "registered",
        "N": "registered",
        "P": "preliminary",
        "M": "preliminary",
        "R": "partial",
        "A": "partial",
        "F": "final",
        "C": "corrected",
        "X": "cancelled",
        "Y": "unknown",
        "Z": "unknown",
    },
)
OBSERVATION_STATUS = Table(
    "0085",
    "http://hl7.org/fhir/observation-status",
    {
        "F": "final",
        "P": "preliminary",
        "C": "corrected",
        "A": "amended",
        "D": "entered-in-error",
        "W": "entered-in-error",
        "X": "cancelled",
        "I": "registered",
        "O": "registered",
        "R": "preliminary",
        "S": "preliminary",
        "U": "final",
        "V": "final",
        "B": "amended",
        "N": "final",
    },
)
_SAME_IN_V3 = (
    "A", "AA", "B", "CAR", "D", "DET", "E", "EX", "EXP", "H", "HH", "HU", "HX", "I", "IE", "IND", "L", "LL", "LU", "LX",
    "MS", "N", "NCL", "ND", "NEG", "NR", "NS", "POS", "R", "RR", "S", "SDD", "SYN-R", "SYN-S", "U", "UNE",
    "VS", "W", "WR", "<", ">",
)  # fmt: skip
INTERPRETATION = Table(
    "0078",
    V3 + "ObservationInterpretation",
    same(*_SAME_IN_V3),
    {
        "N": "Normal",
        "A": "Abnormal",
        "AA": "Critical abnormal",
        "H": "High",
        "HH": "Critical high",
        "L": "Low",
        "LL": "Critical low",
    },
)
INTERPRETATION_V2 = {"AC", "HM", "OBX", "QCF", "TOX"}
"""Codes that have no meaning in v3 and stay in table 0078."""
DIAGNOSTIC_SERVICE = Table("0074")
ORDER_PRIORITY = Table(
    "0485",
    "http://hl7.org/fhir/request-priority",
    {"S": "stat", "A": "asap", "R": "routine", "T": "urgent", "U": "urgent", "STAT": "stat", "ASAP": "asap"},
)
"""TQ1-9 and OBR-5; U is widely sent for urgent although the table has no such code."""

FILLER_STATUS = Table(
    "0278",
    "http://hl7.org/fhir/appointmentstatus",
    {
        "PENDING": "pending",
        "WAITLIST": "waitlist",
        "BOOKED": "booked",
        "CONFIRMED": "booked",
        "NOSHOW": "noshow",
        "NO SHOW": "noshow",
        "CANCELLED": "cancelled",
        "CANCELED": "cancelled",
        "DC": "cancelled",
        "STARTED": "checked-in",
        "ARRIVED": "arrived",
        "COMPLETE": "fulfilled",
        "DELETED": "entered-in-error",
        "OVERBOOK": "booked",
        "BLOCKED": "booked",
    },
)
APPOINTMENT_BY_EVENT = {
    "S12": "booked",
    "S13": "booked",
    "S14": "booked",
    "S15": "cancelled",
    "S16": "cancelled",
    "S17": "entered-in-error",
    "S26": "noshow",
}
"""Where SCH-25 is empty."""
APPOINTMENT_REASON = Table("0276")
APPOINTMENT_TYPE = Table("0276")
REFUSED_STATUS = {"CANCELLED", "CANCELED", "DELETED", "DC", "DECLINED", "REFUSED"}
"""Filler status codes of a resource (AIS-10, AIG-14, AIL-12, AIP-12) that does not take part."""

REFERRAL_STATUS = Table(
    "0283", "http://hl7.org/fhir/request-status", {"A": "active", "P": "active", "R": "revoked", "E": "revoked"}
)
REFERRAL_PRIORITY = Table(
    "0280", "http://hl7.org/fhir/request-priority", {"S": "stat", "A": "asap", "R": "routine", "U": "urgent"}
)
REFERRAL_TYPE = Table("0281")
REFERRAL = {"system": SNOMED, "code": "3457005", "display": "Patient referral"}
REFERRAL_CODES = {(LOINC, "57133-1"), (SNOMED, "3457005")}
"""OBR-4 of an order that is a referral (IHE 360X: LOINC 57133-1)."""

DOCUMENT_TYPE = Table("0270")
DOCUMENT_LOINC = {
    "CN": ("11488-4", "Consult note"),
    "DS": ("18842-5", "Discharge summary"),
    "HP": ("34117-2", "History and physical note"),
    "OP": ("11504-8", "Surgical operation note"),
    "PR": ("11506-3", "Progress note"),
    "PN": ("28570-0", "Procedure note"),
    "ED": ("34111-5", "Emergency department Note"),
    "TS": ("18761-7", "Transfer summary note"),
    "DI": ("18748-4", "Diagnostic imaging study"),
    "SP": ("11526-1", "Pathology study"),
}
"""What the codes of table 0270 mean in the LOINC document ontology."""
DOCUMENT_AVAILABILITY = Table(
    "0273",
    "http://hl7.org/fhir/document-reference-status",
    {"AV": "current", "UN": "current", "OB": "superseded", "CA": "entered-in-error"},
)
DOCUMENT_CONFIDENTIALITY = Table("0272")
FINAL_DOCUMENT = {"LA", "AU"}
"""TXA-17 (table 0271): legally authenticated, authenticated."""
ATTACHMENT_TYPES = {"AP": "application", "AU": "audio", "FT": "text", "IM": "image", "TEXT": "text", "TX": "text"}
"""Table 0191 (and what senders write instead) to the first half of a media type."""
