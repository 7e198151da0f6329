"""Canonical URIs: identifier systems, code systems and the extensions that HL7 publishes."""

V2 = "http://terminology.hl7.org/CodeSystem/v2-"
"""Followed by the number of an HL7 table: ``V2 + "0203"``."""
V3 = "http://terminology.hl7.org/CodeSystem/v3-"
"""Followed by the name of a version 3 code system: ``V3 + "ActCode"``."""
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"

NPI = "http://hl7.org/fhir/sid/us-npi"
SSN = "http://hl7.org/fhir/sid/us-ssn"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"

SENDER = "urn:carering:sender:"
"""Followed by ``application|facility``: the control ids of one sender."""
EVENT = "urn:carering:event"
"""Events that have no HL7 v2 trigger: ``referral``, ``document``."""
REMOVED = "urn:carering:removed"
"""Extension of a resource: the v2 path of a value that the sender deletes (explicit null)."""
PROTECTION = "urn:carering:protection"
"""Extension of a Patient: whether access to the record is to be protected (PD1-12)."""
TREATMENT_CHANGE = "urn:carering:treatment-change"
"""Extension of a DocumentReference: a change of treatment in the note's own words."""
CODING = "urn:carering:coding:"
"""Followed by ``<feed>:<name>``: a coding system that only its sender knows."""
SEGMENT = "urn:carering:segment"
"""Codes of Basic resources: the segment that was kept as it is."""

CODING_SYSTEMS = {
    "LN": LOINC,
    "LOINC": LOINC,
    "SCT": SNOMED,
    "SNM": SNOMED,
    "SNOMED": SNOMED,
    "SNOMED-CT": SNOMED,
    "SNOMEDCT": SNOMED,
    "I10": ICD10,
    "ICD10": ICD10,
    "ICD-10": ICD10,
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "I10P": "http://www.cms.gov/Medicare/Coding/ICD10",
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD9": "http://hl7.org/fhir/sid/icd-9-cm",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "CPT4": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://terminology.hl7.org/CodeSystem/HCPCS-all-codes",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "MVX": "http://hl7.org/fhir/sid/mvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "UCUM": UCUM,
    "ISO639": "urn:ietf:bcp:47",
    "ISO639-1": "urn:ietf:bcp:47",
    "CDCREC": "urn:oid:2.16.840.1.113883.6.238",
    "NUCC": "http://nucc.org/provider-taxonomy",
    "NPI": NPI,
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
}
"""Names of HL7 table 0396 (and what senders write for them) to canonical URIs."""
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
CARERING_REFERRAL = "urn:carering:referral-state"
"""Codes of Task.businessStatus: the states of the 360X diagram (``5.1.2`` no-show)."""
CONFIDENCE = "urn:carering:confidence"
"""Extension of a DocumentReference: how surely the fields that identify the patient were read (0 to 1)."""
