"""CWE → its words and codes as one text, for elements of R4 that are text (HL7 v2.9, chapter 2A.3.13)."""

from hub.fhir.build import compact
from hub.model import Json


def concept_words(concept: Json) -> str:
    """A CodeableConcept in words: its text, then its codes."""
    return " ".join(filter(None, (concept.get("text", ""), *concept_codes(concept))))


def concept_codes(concept: Json) -> list[str]:
    """The codes of a CodeableConcept; a coding may have none."""
    return [coding["code"] for coding in concept.get("coding", ()) if "code" in coding]


def concept_name(concept: Json) -> str:
    """What a CodeableConcept is called: its text, else its first code."""
    return str(concept.get("text", "") or next(iter(concept_codes(concept)), ""))


def concept_identifiers(concept: Json) -> list[Json]:
    """The codes of a CodeableConcept as Identifiers of the thing that it names."""
    return [
        compact({"system": coding.get("system"), "value": coding["code"]})
        for coding in concept.get("coding", ())
        if "code" in coding
    ]
