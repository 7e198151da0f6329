"""CX (extended composite id with check digit) → Identifier (HL7 v2.9, chapter 2A.3.15)."""

from hub.fhir.build import extension, period, present, token
from hub.fhir.codes import IDENTIFIER_TYPE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.message import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes import values
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.datatypes.hd_uri import hd_identifier
from hub.model import Json


def cx_identifier(cx: Repetition, ctx: Context) -> Json:
    """CX.1 value, .4 system and assigner, .5 type, .7/.8 period, .2/.3 check digit; nothing without a value."""
    if not cx:
        return {}
    number, digit, scheme, _, kind, _, since, until = values(cx, 8)
    identifier = hd_identifier(number, cx, 4, ctx)
    if not identifier:
        return {}
    if kind := token(kind):
        identifier = {"type": {"coding": [{"system": IDENTIFIER_TYPE.source, "code": kind}]}, **identifier}
    if digit or scheme:
        identifier = {"extension": check_digit(digit, scheme), **identifier}
    if not since and not until:
        return identifier
    times = period(dtm_datetime(since, ctx, f"{cx.path}.7"), dtm_datetime(until, ctx, f"{cx.path}.8"))
    return {**identifier, "period": times} if times else identifier


def typed(identifier: Json, code: str, text: str = "") -> Json:
    """The identifier with the type that its field gives it (table 0203), unless the sender says more exactly."""
    if not identifier or "type" in identifier or not (code := token(code)):
        return identifier
    kind = {"coding": [{"system": IDENTIFIER_TYPE.source, "code": code}]}
    return {"type": {**kind, "text": text} if text else kind, **identifier}


def check_digit(digit: str, scheme: str) -> list[Json]:
    """The extensions for a check digit and the scheme that made it."""
    return present(
        [
            extension(EXTENSION + "identifier-checkDigit", "String", digit),
            extension(EXTENSION + "namingsystem-checkDigit", "String", scheme),
        ]
    )
