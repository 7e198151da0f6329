"""CWE, CNE, CE, CF, IS and ID → CodeableConcept and Coding (HL7 v2.9, chapter 2A.3.13)."""

import re

from hub.fhir.build import compact, token
from hub.fhir.codes import Table
from hub.fhir.ids import uri
from hub.fhir.systems import CODING, CODING_SYSTEMS, V2
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.notes import Notes
from hub.mappers.remember import Coded, remembered
from hub.model import Json

_HL7_TABLE = re.compile("HL7[0-9]{1,4}")


@remembered
def cwe_codeableconcept(cwe: Repetition, ctx: Notes, table: Table | None = None) -> Json:
    """All codings of a CWE and its text (CWE.9, else the first display).

    ``table`` is the HL7 table of the field: it names the system of a code that comes without one, and translates
    it; the sender's own coding stays beside a translation, and alone, with a warning, where there is none.
    """
    if not cwe:
        return {}
    code, words, name, code2, words2, name2, version, version2, text, code3, words3, name3, version3 = cwe.texts(13)
    sent = (code, words, name, version)
    codings = _meant(sent, table, cwe, ctx) if table and _of(table, name) else _coding(sent, cwe, 3, ctx)
    if code2:
        codings += _coding((code2, words2, name2, version2), cwe, 6, ctx)
    if code3:
        codings += _coding((code3, words3, name3, version3), cwe, 12, ctx)
    if text := text or words or words2 or words3:
        return {"coding": codings, "text": text} if codings else {"text": text}
    return {"coding": codings} if codings else {}


def cwe_coding(cwe: Coded, ctx: Notes, table: Table | None = None) -> Json:
    """The first coding of a CWE alone."""
    return next(iter(cwe_codeableconcept(cwe, ctx, table).get("coding", ())), {})


def coding_system(name: str, ctx: Notes, path: str) -> str:
    """The canonical URI of a coding system's name (table 0396): the feed's entry, HL7's, else the sender's own."""
    if found := ctx.feed.coding_systems.get(name) or CODING_SYSTEMS.get(name.upper()):
        return found
    if _HL7_TABLE.fullmatch(name.upper()):
        return V2 + name[3:].zfill(4)
    if name.upper() != "L" and not name.startswith("99"):
        ctx.warn(
            path, "unknown-coding-system", "the name of the coding system is not in HL7 table 0396 nor in the feed"
        )
    return f"{CODING}{uri(ctx.feed.name)}:{uri(name)}"


def _of(table: Table, name: str) -> bool:
    """Whether a code whose coding system has that name is one of the table."""
    return not name or name.upper() == f"HL7{table.number}"


def _coding(sent: tuple[str, str, str, str], cwe: Repetition, named: int, ctx: Notes) -> list[Json]:
    """The coding as sent: code, display, name (component ``named``) and version of its system; none without a code."""
    code, display, name, version = sent
    if not (code := token(code)):
        return []
    system = coding_system(name, ctx, f"{cwe.path}.{named}") if name else ""
    return [compact({"system": system, "version": version, "code": code, "display": display})]


def _meant(sent: tuple[str, str, str, str], table: Table, cwe: Repetition, ctx: Notes) -> list[Json]:
    """What a code of the table means, with the code as sent beside it."""
    code, display, _, version = sent
    if not (code := token(code)):
        return []
    original = compact({"system": table.source, "version": version, "code": code, "display": display})
    target = ctx.translate(table, code, f"{cwe.path}.1") if table.codes else ""
    if not target:
        return [original]
    meant = compact({"system": table.system, "code": target, "display": table.displays.get(target, "")})
    return [meant] if target == code else [meant, original]
