"""CX (extended composite id with check digit) → Identifier (HL7 v2.9, chapter 2A.3.15)."""

from functools import lru_cache

from hub.fhir.build import coding, compact, extension, present, token
from hub.fhir.codes import IDENTIFIER_TYPE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_period
from hub.mappers.datatypes.hd_uri import assigned_at, given_at, hd_identifier
from hub.mappers.notes import Notes
from hub.model import Json


def cx_identifier(cx: Repetition, ctx: Notes) -> Json:
    """CX.1 value, .4 system and assigner, .5 type, .7/.8 period, .2/.3 check digit; nothing without a value.

    .6 is where it was first assigned, .9 and .10 under which jurisdiction and by which agency.
    """
    if not cx.raw:
        return {}
    number, digit, scheme, _, kind, facility, since, until, jurisdiction, agency = cx.texts(10)
    identifier = hd_identifier(number, cx, 4, ctx)
    if not identifier:
        return {}
    if kind := token(kind):
        identifier = {"type": identifier_type(kind), **identifier}
    if digit or scheme:
        identifier = {"extension": check_digit(digit, scheme), **identifier}
    if facility:
        identifier = assigned_at(identifier, cx.part(6), ctx)
    if jurisdiction or agency:
        identifier = governed(identifier, cx.inner(9), cx.inner(10), ctx)
    times = dtm_period(since, until, ctx, cx, 7) if since or until else None
    return {**identifier, "period": times} if times else identifier


def governed(identifier: Json, jurisdiction: Repetition, agency: Repetition, ctx: Notes) -> Json:
    """The identifier with its jurisdiction (CX.9, XCN.22) as HL7's extension, and with the agency or department (CX.10,
    XCN.23) that gave it out where no authority (CX.4) or no facility (CX.6) is said to have done so."""
    if place := cwe_codeableconcept(jurisdiction, ctx):
        governing = extension(EXTENSION + "identifier-jurisdiction", "CodeableConcept", place)
        identifier = {**identifier, "extension": [*identifier.get("extension", ()), governing]}
    if giving := cwe_codeableconcept(agency, ctx):
        coded = giving.get("coding", [{}])[0]
        number = compact({"system": coded.get("system", ""), "value": coded["code"]}) if "code" in coded else {}
        named = {"identifier": number, "display": giving.get("text") or coded.get("code", "")}
        identifier = given_at(identifier, compact(named))
    return identifier


def typed(identifier: Json, code: str, text: str = "") -> Json:
    """The identifier with the type that its field gives it (table 0203), unless the sender says more exactly."""
    if not identifier or "type" in identifier or not (code := token(code)):
        return identifier
    return {"type": identifier_type(code, text=text), **identifier}


@lru_cache(maxsize=256)
def identifier_type(*codes: str, text: str = "") -> Json:
    """The type of an identifier by its codes in table 0203, each once."""
    named, system = IDENTIFIER_TYPE.names, IDENTIFIER_TYPE.source
    codings = [coding(system, code, named.get(code, "")) for code in dict.fromkeys(map(token, codes)) if code]
    return compact({"coding": codings, "text": text})


def check_digit(digit: str, scheme: str) -> list[Json]:
    """The extensions for a check digit and the scheme that made it."""
    return present(
        [
            extension(EXTENSION + "identifier-checkDigit", "String", digit),
            extension(EXTENSION + "namingsystem-checkDigit", "String", scheme),
        ]
    )
