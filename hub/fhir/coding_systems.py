"""Names of coding systems (HL7 table 0396, and what senders write for them) to canonical URIs."""

import re
from functools import lru_cache

from hub.fhir.systems import V2
from hub.fhir.terminology import rows

_HL7_TABLE = re.compile(r"(?:HL7|V2)[ _-]?(\d{1,4})", re.IGNORECASE)
_X12 = re.compile(r"X12DE(\d+)", re.IGNORECASE)
_OID = re.compile(r"(?:urn:oid:)?([0-2](?:\.(?:0|[1-9]\d*)){2,})", re.IGNORECASE)
_URI = re.compile(r"(?:https?|urn|ftp):[!-~]+", re.IGNORECASE)
"""Printable ASCII alone (RFC 3986)."""
_TABLE_OID = "2.16.840.1.113883.12."
"""HL7's arc of the v2 tables; the number of the table follows."""


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """The URI of a coding system's name, OID or URI; empty for one that only its sender knows.

    A system that HL7 names without anybody having published a URI has one of ours (``urn:carering:coding:v2-0396:…``).
    """
    name = name.strip()
    if found := _known().get(name.upper()):
        return found
    if table := _HL7_TABLE.fullmatch(name):
        return V2 + table[1].zfill(4)
    if element := _X12.fullmatch(name):
        return f"{_known()['X12']}/{element[1]}"
    if oid := _OID.fullmatch(name):
        return of_oid(oid[1])
    return name if _URI.fullmatch(name) else ""


def of_oid(oid: str) -> str:
    """The URI of the coding system that has this OID: its canonical one where there is one."""
    if found := _known().get(oid):
        return found
    number = oid.removeprefix(_TABLE_OID)
    return V2 + number.zfill(4) if number.isdigit() else f"urn:oid:{oid}"


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {row["name"].upper(): row["uri"] for row in rows("coding-systems")}
