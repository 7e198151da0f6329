import pytest

from hub.fhir.coding_systems import canonical, of_oid

V2 = "http://terminology.hl7.org/CodeSystem/v2-"
V3 = "http://terminology.hl7.org/CodeSystem/v3-"


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("LN", "http://loinc.org"),
        ("ln", "http://loinc.org"),
        (" SCT ", "http://snomed.info/sct"),
        ("I10", "http://hl7.org/fhir/sid/icd-10"),
        ("ICD-10-CM", "http://hl7.org/fhir/sid/icd-10-cm"),
        ("I10P", "http://www.cms.gov/Medicare/Coding/ICD10"),
        ("I9C", "http://hl7.org/fhir/sid/icd-9-cm"),
        ("C4", "http://www.ama-assn.org/go/cpt"),
        ("CVX", "http://hl7.org/fhir/sid/cvx"),
        ("MVX", "http://hl7.org/fhir/sid/mvx"),
        ("NDC", "http://hl7.org/fhir/sid/ndc"),
        ("RXNORM", "http://www.nlm.nih.gov/research/umls/rxnorm"),
        ("UCUM", "http://unitsofmeasure.org"),
        ("ATC", "http://www.whocc.no/atc"),
        ("MDC", "urn:iso:std:iso:11073:10101"),
        ("NULLFL", V3 + "NullFlavor"),
        ("ActCode", V3 + "ActCode"),
        ("ISO639-2", "urn:ietf:bcp:47"),
        ("HL70001", V2 + "0001"),
        ("hl70001", V2 + "0001"),
        ("HL7 1", V2 + "0001"),
        ("v2-0203", V2 + "0203"),
        ("2.16.840.1.113883.6.1", "http://loinc.org"),
        ("urn:oid:2.16.840.1.113883.6.96", "http://snomed.info/sct"),
        ("2.16.840.1.113883.12.2", V2 + "0002"),
        ("1.2.3.4", "urn:oid:1.2.3.4"),
        ("https://mercy.example/codes", "https://mercy.example/codes"),
        ("urn:x&\ud7fc", ""),
        ("L", ""),
        ("99MCY", ""),
        ("MY CODES", ""),
        ("", ""),
    ],
)
def test_canonical(name: str, uri: str) -> None:
    """The name, OID or URI of a coding system leads to its canonical URI; a name that nobody else knows, to none."""
    assert canonical(name) == uri


def test_of_oid() -> None:
    """An OID without a canonical URI is a URI by itself."""
    assert of_oid("2.16.840.1.113883.3.9001") == "urn:oid:2.16.840.1.113883.3.9001"
