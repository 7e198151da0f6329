"""ST, TX and FT → string (HL7 v2.9, chapter 2A.3.71): FHIR has no text of white space alone."""

from hub.formats.hl7v2.segment import Field


def texts(field: Field) -> list[str]:
    """The repetitions that say something."""
    return [text for repetition in field if (text := repetition.text.strip())]


def text_of(field: Field) -> str:
    """The first of them."""
    return next(iter(texts(field)), "")
