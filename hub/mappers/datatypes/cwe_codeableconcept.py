"""CWE, CNE, CE, CF, IS and ID → CodeableConcept and Coding (HL7 v2.9, chapter 2A.3.13)."""

from typing import NamedTuple

from hub.fhir.build import compact, extension, token
from hub.fhir.codes import Table, untranslated
from hub.fhir.coding_systems import canonical, of_oid
from hub.fhir.ids import uri
from hub.fhir.systems import CODING, EXTENSION, V2
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.notes import Notes
from hub.mappers.remember import Coded, remembered
from hub.model import Json


class _Sent(NamedTuple):
    """One of the codes of a CWE as sent; ``place`` is the component that names its coding system."""

    code: str
    display: str
    name: str
    version: str
    place: int
    system_oid: str = ""
    set_oid: str = ""
    set_version: str = ""


@remembered
def cwe_codeableconcept(cwe: Repetition, ctx: Notes, table: Table | None = None) -> Json:
    """All codings of a CWE and its text (CWE.9, else the first display).

    ``table`` is the HL7 table of the field: it names the system of a code that comes without one, and translates
    it; the sender's own coding stays beside a translation, and alone, with a note, where there is none.
    """
    if not cwe:
        return {}
    code, words, name, code2, words2, name2, version, version2, text, code3, words3, name3, version3 = _texts(cwe, 13)
    more = _texts(cwe, 22)[13:] if len(cwe) > 13 else _NO_MORE
    text = text or words or words2 or words3
    codings = _codings(_Sent(code, words, name, version, 3, *more[0:3]), text, cwe, ctx, table)
    if code2 or words2:
        codings += _codings(_Sent(code2, words2, name2, version2, 6, *more[3:6]), text, cwe, ctx)
    if code3 or words3:
        codings += _codings(_Sent(code3, words3, name3, version3, 12, *more[6:9]), text, cwe, ctx)
    if text:
        return {"coding": codings, "text": text} if codings else {"text": text}
    return {"coding": codings} if codings else {}


def subcomponents_concept(composite: Repetition, component: int, ctx: Notes, table: Table | None = None) -> Json:
    """A component that is a CWE itself, its parts written as subcomponents (CX.9, RPT.1)."""
    return cwe_codeableconcept(composite.inner(component), ctx, table) if composite.part(component) else {}


def cwe_coding(cwe: Coded, ctx: Notes, table: Table | None = None) -> Json:
    """The first coding of a CWE alone; words that it does not say itself are its ``originalText``, or its display."""
    concept = cwe_codeableconcept(cwe, ctx, table)
    coding: Json = next(iter(concept.get("coding", ())), {})
    text = concept.get("text")
    if not text or text == coding.get("display"):
        return coding
    if "display" not in coding:
        return {**coding, "display": text}
    said = extension(EXTENSION + "originalText", "String", text)
    return {**coding, "extension": [*coding.get("extension", ()), said]}


def coding_system(name: str, ctx: Notes, path: str) -> str:
    """The canonical URI of a coding system's name (table 0396): the feed's entry, HL7's, else the sender's own."""
    if found := ctx.feed.coding_systems.get(name) or canonical(name):
        return found
    if name.upper() not in ("L", "LOCAL") and not name.startswith("99"):
        ctx.warn(
            path, "unknown-coding-system", "the name of the coding system is not in HL7 table 0396 nor in the feed"
        )
    return f"{CODING}{uri(ctx.feed.name)}:{uri(name)}"


_NO_MORE = [""] * 9


def _texts(cwe: Repetition, count: int) -> list[str]:
    """The components as texts; an ampersand in them is one that the sender has not escaped (``HEAD & NECK``)."""
    if cwe.syntax.subcomponent in cwe.raw:
        return [cwe.whole(number).strip() for number in range(1, count + 1)]
    return cwe.texts(count)


def _codings(sent: _Sent, text: str, cwe: Repetition, ctx: Notes, table: Table | None = None) -> list[Json]:
    """What the code means in the target system of its table, and the code as sent.

    Words without a code are a Coding only when they are not the text of the concept already.
    """
    code = token(sent.code)
    if not code and (not sent.display or sent.display == text):
        return []
    system = _system(sent, table, cwe, ctx)
    if table and system == table.system and table.codes.get(code, code) != code:  # eng^English^ISO639
        system = table.source
    if table is None or system != table.source:
        table = untranslated(system.removeprefix(V2)) if system.startswith(V2) else None
    display = sent.display or (table.names.get(code, "") if table else "")
    original = compact(
        {**_value_set(sent), "system": system, "version": sent.version, "code": code, "display": display}
    )
    if ctx.feed.meanings and (local := _local(code, sent.name or (f"HL7{table.number}" if table else ""), ctx)):
        return [local, original]
    if table is None or not table.codes:
        return [original]
    target = ctx.translate(table, code, f"{cwe.path}.{sent.place - 2}")
    if not target:
        return [original]
    meant = compact({"system": table.system, "code": target, "display": table.displays.get(target, "")})
    return [meant] if target == code and _says_no_more(sent, text) else [meant, original]


def _local(code: str, name: str, ctx: Notes) -> Json:
    """What the feed's profile says that a code of the coding system means."""
    meaning = ctx.feed.meanings.get(name, {}).get(code)
    if meaning is None:
        return {}
    system = ctx.feed.coding_systems.get(meaning.system) or canonical(meaning.system)
    return compact({"system": system, "code": meaning.code, "display": meaning.display})


def _says_no_more(sent: _Sent, text: str) -> bool:
    """Whether nothing but the code would stand in a Coding of its own."""
    return sent.display in ("", text) and not (sent.name or sent.version or sent.set_oid)


def _system(sent: _Sent, table: Table | None, cwe: Repetition, ctx: Notes) -> str:
    """By its name, else its OID, else the table of the field."""
    if sent.system_oid and not (sent.name and (ctx.feed.coding_systems.get(sent.name) or canonical(sent.name))):
        return of_oid(sent.system_oid.removeprefix("urn:oid:"))
    if sent.name:
        return coding_system(sent.name, ctx, f"{cwe.path}.{sent.place}")
    return table.source if table else ""


def _value_set(sent: _Sent) -> Json:
    """CWE.15 and .16: the value set from which the code was taken."""
    if not sent.set_oid:
        return {}
    version = f"|{sent.set_version}" if sent.set_version else ""
    url = of_oid(sent.set_oid.removeprefix("urn:oid:"))
    return {"extension": [extension(EXTENSION + "valueset-reference", "Uri", uri(url + version))]}
