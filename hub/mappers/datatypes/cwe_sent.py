"""CWE, IS and ID → the sender's code beside the FHIR code that it became (extension ``alternate-codes``)."""

from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Field
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.notes import Notes
from hub.model import Json


def sent_beside(member: str, field: Field, table: Table, code: str | None, ctx: Notes) -> Json:
    """The primitive extension ``_member`` with the field's coding as sent; nothing where ``code`` says the same.

    ``table`` is the field's HL7 table without a meaning (``untranslated``).
    """
    if not field.raw or (len(field.first) == 1 and field.text.strip().casefold() == (code or "")):
        return {}
    sent = cwe_codeableconcept(field, ctx, table)
    return {f"_{member}": alternate_codes(sent)} if sent else {}
