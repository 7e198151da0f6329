"""XAD (extended address) → Address (HL7 v2.9, chapter 2A.3.86)."""

from functools import lru_cache

from hub.fhir.build import compact, concept, extension, token
from hub.fhir.codes import ADDRESS_TYPE, ADDRESS_USE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_coding
from hub.mappers.datatypes.dtm_datetime import dr_period, dtm_period
from hub.mappers.notes import Notes
from hub.model import Json

_SAYS_ALL = {"H", "B", "O", "BI", "BA", "C", "M"}
"""Codes of table 0190 that Address.use or Address.type means."""
_USAGE = {"M": "postal", "V": "physical"}
"""Table 0617, XAD.18."""


def xad_address(xad: Repetition, ctx: Notes) -> Json:
    """XAD.1 (street, name, number), .2 and .19 lines, .3 city, .4 state, .5 postal code, .6 country, .7 use, .9
    district, .10 census tract, .13/.14 (else .12) period; .8, other geography, is the district where there is none,
    else a line.
    """
    _, second, city, state, postal_code, country, kind, other, _, tract = xad.texts(10)
    county = xad.part(9).strip(xad.syntax.within)
    lines = [line for part in (*xad.subcomponents(1)[:3], second) if (line := part.strip())]
    if other and county:
        lines.append(other)
    further = _further(xad, ctx) if len(xad) > 10 else {}
    if addressee := further.pop("addressee", ""):
        lines.append(addressee)
    if not (lines or city or county or state or postal_code or country or tract or other):
        return {}
    return compact(
        {
            **further,
            **(_kind(kind) if kind else {}),
            "extension": [extension(EXTENSION + "iso21090-ADXP-censusTract", "String", tract)] if tract else None,
            "line": lines,
            "city": city,
            **(_district(xad, ctx) if county else {"district": other}),
            "state": state,
            "postalCode": postal_code,
            "country": country,
        }
    )


def _further(xad: Repetition, ctx: Notes) -> Json:
    """When the address holds, whether it is for mail or for visits, and who is addressed there."""
    return {
        "type": _USAGE.get(xad[18]),
        "period": dtm_period(xad[13], xad[14], ctx, xad, 13) or dr_period(xad.inner(12), ctx),
        "addressee": xad[19],
    }


@lru_cache(maxsize=64)
def _kind(kind: str) -> Json:
    """What a code of table 0190 means; one that R4 has no word for stays in ``alternate-codes``."""
    sent = None if kind in _SAYS_ALL else alternate_codes(concept(ADDRESS_USE.source, token(kind)))
    return compact({"use": ADDRESS_USE.codes.get(kind), "_use": sent, "type": ADDRESS_TYPE.codes.get(kind)})


def _district(xad: Repetition, ctx: Notes) -> Json:
    """The county in words; its code beside them where it is a coded text (XAD.9 is a CWE since v2.6)."""
    parts = [*xad.subcomponents(9), ""]
    if not any(parts[1:]):
        return {"district": parts[0]}
    coding = extension(EXTENSION + "iso21090-SC-coding", "Coding", cwe_coding(xad.inner(9), ctx))
    return {"district": parts[1] or parts[0], "_district": {"extension": [coding]} if coding else None}
