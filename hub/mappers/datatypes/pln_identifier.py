"""PLN (practitioner license or other id number) → Identifier (HL7 v2.9, chapter 2A.3.54)."""

from hub.fhir.ids import is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.notes import Notes
from hub.model import Json

_NPI_TYPES = {"NPI", "NPIDENT"}


def pln_identifier(pln: Repetition, ctx: Notes) -> Json:
    """PLN.1 number, .2 type (table 0338), .3 the state that licensed, .4 until when."""
    number, kind, state, until = pln.texts(4)
    if not number:
        return {}
    more: Json = {"assigner": {"display": state}} if state else {}
    if until and (end := dtm_datetime(until, ctx, f"{pln.path}.4")):
        more["period"] = {"end": end}
    if kind.upper() in _NPI_TYPES or (not kind and is_npi(number)):
        return typed({"system": NPI, "value": number, **more}, "NPI")
    return typed({"value": number, **more}, kind) if kind else {"value": number, **more}
