"""XTN (extended telecommunication number) → ContactPoint (HL7 v2.9, chapter 2A.3.90)."""

from collections.abc import Iterable
from functools import lru_cache

from hub.fhir.build import compact, concept, extension, token
from hub.fhir.codes import DATA_ABSENT, TELECOM_SYSTEM, TELECOM_USE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Field, Repetition
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.dtm_datetime import dtm_period
from hub.mappers.notes import Notes
from hub.model import Json

_ABSENT = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
_SAYS_ALL = {"PH", "FX", "BP", "INTERNET", "CP", "PRN", "WPN", "PRS"}
"""Codes of tables 0201 and 0202 that ContactPoint.use and .system mean exactly; ``CP`` is both together."""
_PARTS = tuple(f"{EXTENSION}contactpoint-{part}" for part in ("country", "area", "local", "extension", "comment"))
"""The extensions of a number's parts: XTN.5 to XTN.9."""


def xtn_contactpoint(xtn: Repetition, ctx: Notes, use: str = "") -> Json:
    """The first contact point of an XTN."""
    return next(iter(xtn_contactpoints(xtn, ctx, use)), {})


def xtn_contactpoints(xtn: Repetition, ctx: Notes, use: str = "") -> list[Json]:
    """A phone, fax, pager or e-mail, or a number and an address both; ``use`` is the field's own meaning where the
    sender gives none.

    The number is XTN.12 as it is to be dialled, else country, area, local number and extension, else XTN.1, else what
    stands in XTN.10, where some senders write it; its parts stand beside it.
    """
    if not xtn.raw:
        return []
    number, purpose, kind, address, *parts, misplaced, _, dialled = xtn.texts(12)
    system, shared = _meaning(purpose, kind, use)
    if len(xtn) > 12:
        shared = {**shared, **_validity(xtn, ctx)}
    value = dialled or _dialled(*parts[:4]) or number or misplaced
    return [
        {**_system(said), **(_number(what, number, parts) if what == value else {"value": what}), **shared}
        for said, what in _points(system, value, address)
    ]


def telecom(fields: Iterable[tuple[Field, str]], ctx: Notes) -> list[Json]:
    """The contact points of several fields, each with the use that is its own."""
    return [point for field, use in fields for xtn in field for point in xtn_contactpoints(xtn, ctx, use)]


def _points(system: str, number: str, address: str) -> list[tuple[str, str]]:
    """The system and value of the number and of the address (XTN.4), whichever there is, what is meant first."""
    if not address or address == number:
        return [(system, number)] if number else []
    if system == "email":
        return [(system, address), *([("", number)] if number else [])]
    if number:
        return [(system, number), ("email" if "@" in address else "other", address)]
    return [("email" if "@" in address else system or "email", address)]


def _system(system: str) -> Json:
    return {"system": system} if system else {"_system": _ABSENT}


def _number(value: str, formatted: str, parts: list[str]) -> Json:
    """The value, as its sender displays it where that differs (XTN.1), and its parts."""
    said: Json = {"value": value}
    if formatted and formatted != value:
        said["_value"] = {"extension": [extension(EXTENSION + "rendered-value", "String", formatted)]}
    if any(parts):
        said["extension"] = [{"url": url, "valueString": text} for url, text in zip(_PARTS, parts, strict=True) if text]
    return said


def _validity(xtn: Repetition, ctx: Notes) -> Json:
    """From when to when (XTN.13, .14) and at which place among others it is to be used (XTN.18)."""
    rank = xtn[18].strip()
    return compact(
        {
            "period": dtm_period(xtn[13], xtn[14], ctx, xtn, 13),
            "rank": int(rank) if rank.isascii() and rank.isdigit() and 0 < int(rank) < 1000 else None,
        }
    )


def _dialled(country: str, area: str, local: str, inner: str) -> str:
    """A number put together of its parts (XTN.5–.8); nothing without the local number."""
    if not local:
        return ""
    parts = (f"+{country.lstrip('+')}" if country else "", area, local, f"X.{inner}" if inner else "")
    return " ".join(filter(None, parts))


@lru_cache(maxsize=256)
def _meaning(purpose: str, kind: str, use: str) -> tuple[str, Json]:
    """The system that XTN.3 means and the use that XTN.2 means, else the field's own. Codes that R4 has no word for, or
    no place beside a mobile phone, stay in ``alternate-codes``."""
    equipment = kind.upper()
    system = TELECOM_SYSTEM.codes.get(equipment) or ("other" if equipment else "")
    meant = "mobile" if equipment == "CP" else TELECOM_USE.codes.get(purpose.upper(), "") or use
    sent = [
        alternate_codes(concept(table.source, token(code)))["extension"][0]
        for table, code in ((TELECOM_USE, purpose), (TELECOM_SYSTEM, equipment))
        if code and (code.upper() not in _SAYS_ALL or (equipment == "CP" and code != "CP"))
    ]
    return system, compact({"use": meant, "_use": {"extension": sent} if sent else None})
