"""HL7 v2 tables of orders, results, appointments, referrals and documents, and what their codes mean in FHIR R4.

``hub.fhir.codes`` says where the tables are and how one is added.
"""

from hub.fhir.codes import Table
from hub.fhir.systems import LOINC, SNOMED, V3

ORDER_STATUS = Table("0038", "http://hl7.org/fhir/request-status")
"""ORC-5; it wins over ORC-1."""
ORDER_CONTROL = Table("0119", "http://hl7.org/fhir/request-status")
"""ORC-1, where ORC-5 is empty. CA and HD are requests: the order goes on until they are answered."""
ORDER_BY_REPORT = Table("0123", "http://hl7.org/fhir/request-status")
"""OBR-25 (table 0123) for an order that only its result tells of; all others are active."""

REPORT_STATUS = Table("0123", "http://hl7.org/fhir/diagnostic-report-status")
OBSERVATION_STATUS = Table("0085", "http://hl7.org/fhir/observation-status")
INTERPRETATION = Table("0078", V3 + "ObservationInterpretation")
DIAGNOSTIC_SERVICE = Table("0074")
ORDER_PRIORITY = Table("0485", "http://hl7.org/fhir/request-priority")
"""TQ1-9 and OBR-5; U is widely sent for urgent although the table has no such code."""

FILLER_STATUS = Table("0278", "http://hl7.org/fhir/appointmentstatus")
APPOINTMENT_BY_EVENT = {
    "S12": "booked",
    "S13": "booked",
    "S14": "booked",
    "S15": "cancelled",
    "S16": "cancelled",
    "S17": "entered-in-error",
    **dict.fromkeys(("S18", "S19", "S20", "S21", "S22", "S23"), "booked"),
    "S24": "cancelled",
    "S26": "noshow",
}
"""Where SCH-25 is empty; S18 to S22 change the services of an appointment, S23 blocks a time, S24 opens it again."""
APPOINTMENT_REASON = Table("0276")
APPOINTMENT_TYPE = Table("0277")
REFUSED_STATUS = Table("0278", "http://hl7.org/fhir/participationstatus")
"""Filler status codes of a resource (AIS-10, AIG-14, AIL-12, AIP-12) that does not take part."""

REFERRAL_STATUS = Table("0283", "http://hl7.org/fhir/request-status")
REFERRAL_PRIORITY = Table("0280", "http://hl7.org/fhir/request-priority")
REFERRAL_TYPE = Table("0281")
REFERRAL = {"system": SNOMED, "code": "3457005", "display": "Patient referral"}
REFERRAL_CODES = {(LOINC, "57133-1"), (SNOMED, "3457005"), (SNOMED, "103696004"), (SNOMED, "306206005")}
"""OBR-4, or ServiceRequest.category or code, of an order that is a referral (IHE 360X: LOINC 57133-1; SNOMED CT:
patient referral, referral to a specialist, referral to a service)."""

DOCUMENT_TYPE = Table("0270")
DOCUMENT_LOINC = Table("0270", LOINC)
"""What the codes of table 0270 mean in the LOINC document ontology."""
DOCUMENT_AVAILABILITY = Table("0273", "http://hl7.org/fhir/document-reference-status")
DOCUMENT_CONFIDENTIALITY = Table("0272", V3 + "Confidentiality")
DOCUMENT_COMPLETION = Table("0271", "http://hl7.org/fhir/composition-status")
"""TXA-17."""
ATTACHMENT_TYPES = {"AP": "application", "AU": "audio", "FT": "text", "IM": "image", "TEXT": "text", "TX": "text"}
"""Table 0191 (and what senders write instead) to the first half of a media type."""
