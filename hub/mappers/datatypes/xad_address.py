"""XAD (extended address) → Address (HL7 v2.9, chapter 2A.3.86)."""

from hub.fhir.build import compact, extension, period, present
from hub.fhir.codes import ADDRESS_TYPE, ADDRESS_USE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.message import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes import values
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.model import Json


def xad_address(xad: Repetition, ctx: Context) -> Json:
    """XAD.1 (street, name, number) and .2 lines, .3 city, .4 state, .5 postal code, .6 country, .7 use, .9 district."""
    _, second, city, state, postal_code, country, kind, _, county, tract, _, _, since, until = values(xad, 14)
    place = compact(
        {
            "extension": present([extension(EXTENSION + "iso21090-ADXP-censusTract", "String", tract)]),
            "line": [line for line in (*xad.subcomponents(1)[:3], second) if line],
            "city": city,
            "district": county,
            "state": state,
            "postalCode": postal_code,
            "country": country,
        }
    )
    if not place:
        return {}
    use, purpose = ADDRESS_USE.codes.get(kind, ""), ADDRESS_TYPE.codes.get(kind, "")
    address = compact({"use": use, "type": purpose, **place})
    if since or until:
        times = (dtm_datetime(since, ctx, f"{xad.path}.13"), dtm_datetime(until, ctx, f"{xad.path}.14"))
        address.update(compact({"period": period(*times)}))
    return address
