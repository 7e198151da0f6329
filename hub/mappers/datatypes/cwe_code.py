"""CWE, IS and ID → code: elements that allow only the codes of a required binding (HL7 v2.9, chapter 2A.3.13)."""

from hub.fhir.codes import Table, untranslated
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Field
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.notes import Notes
from hub.model import Json


def cwe_code(member: str, field: Field, table: Table, ctx: Notes) -> Json:
    """The member with the code that the field means in the table's target system.

    A code without one stays in the extension ``alternate-codes``, which takes the member's place; one that comes with
    words or codings of its own has them there, beside the member.
    """
    if not field.raw:
        return {}
    code = ctx.translate(table, field.text, field.path)
    if code and (field.raw.isalnum() or len(field.first) == 1):
        return {member: code}
    # What is wrong with the code has been noted.
    sent = cwe_codeableconcept(field, Notes(ctx.source), untranslated(table))
    beside = {f"_{member}": alternate_codes(sent)} if sent else {}
    return {member: code, **beside} if code else beside


def alternate_codes(sent: Json) -> Json:
    """The extension of a code: the coding as the sender wrote it."""
    return {"extension": [{"url": EXTENSION + "alternate-codes", "valueCodeableConcept": sent}]}
