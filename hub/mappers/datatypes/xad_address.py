"""XAD (extended address) → Address (HL7 v2.9, chapter 2A.3.86)."""

from hub.fhir.build import compact, extension
from hub.fhir.codes import ADDRESS_TYPE, ADDRESS_USE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.dtm_datetime import dtm_period
from hub.mappers.notes import Notes
from hub.model import Json


def xad_address(xad: Repetition, ctx: Notes) -> Json:
    """XAD.1 (street, name, number) and .2 lines, .3 city, .4 state, .5 postal code, .6 country, .7 use, .9 district."""
    _, second, city, state, postal_code, country, kind, _, county, tract, _, _, since, until = xad.texts(14)
    lines = [line for line in (*xad.subcomponents(1)[:3], second) if line]
    if not (lines or city or county or state or postal_code or country or tract):
        return {}
    return compact(
        {
            "use": ADDRESS_USE.codes.get(kind),
            "type": ADDRESS_TYPE.codes.get(kind),
            "extension": [extension(EXTENSION + "iso21090-ADXP-censusTract", "String", tract)] if tract else None,
            "line": lines,
            "city": city,
            "district": county,
            "state": state,
            "postalCode": postal_code,
            "country": country,
            "period": dtm_period(since, until, ctx, xad, 13) if since or until else None,
        }
    )
