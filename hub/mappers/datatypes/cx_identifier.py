"""CX (extended composite id with check digit) → Identifier (HL7 v2.9, chapter 2A.3.15)."""

from functools import lru_cache

from hub.fhir.build import extension, present, token
from hub.fhir.codes import IDENTIFIER_TYPE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.dtm_datetime import dtm_period
from hub.mappers.datatypes.hd_uri import hd_identifier
from hub.mappers.notes import Notes
from hub.model import Json


def cx_identifier(cx: Repetition, ctx: Notes) -> Json:
    """CX.1 value, .4 system and assigner, .5 type, .7/.8 period, .2/.3 check digit; nothing without a value."""
    if not cx.raw:
        return {}
    number, digit, scheme, _, kind, _, since, until = cx.texts(8)
    identifier = hd_identifier(number, cx, 4, ctx)
    if not identifier:
        return {}
    if kind := token(kind):
        identifier = {"type": _kind(kind), **identifier}
    if digit or scheme:
        identifier = {"extension": check_digit(digit, scheme), **identifier}
    times = dtm_period(since, until, ctx, cx, 7) if since or until else None
    return {**identifier, "period": times} if times else identifier


def typed(identifier: Json, code: str, text: str = "") -> Json:
    """The identifier with the type that its field gives it (table 0203), unless the sender says more exactly."""
    if not identifier or "type" in identifier or not (code := token(code)):
        return identifier
    return {"type": _kind(code, text), **identifier}


@lru_cache(maxsize=256)
def _kind(code: str, text: str = "") -> Json:
    kind: Json = {"coding": [{"system": IDENTIFIER_TYPE.source, "code": code}]}
    return {**kind, "text": text} if text else kind


def check_digit(digit: str, scheme: str) -> list[Json]:
    """The extensions for a check digit and the scheme that made it."""
    return present(
        [
            extension(EXTENSION + "identifier-checkDigit", "String", digit),
            extension(EXTENSION + "namingsystem-checkDigit", "String", scheme),
        ]
    )
