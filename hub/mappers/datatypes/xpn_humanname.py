"""XPN (extended person name) → HumanName (HL7 v2.9, chapter 2A.3.88)."""

from hub.fhir.build import compact, extension, present
from hub.fhir.codes import NAME_USE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.dtm_datetime import dtm_period
from hub.mappers.notes import Notes
from hub.model import Json

_FAMILY_PARTS = ("own-prefix", "own-name", "partner-prefix", "partner-name")
"""FN.2 to FN.5."""


def xpn_humanname(xpn: Repetition, ctx: Notes) -> Json:
    """XPN.1 family, .2/.3 given, .4/.6/.14 suffix, .5 prefix, .7 use, .12/.13 period; nothing without a name."""
    if not xpn.raw:
        return {}
    family, first, others, generation, title, degree, kind, _, _, _, _, since, until, after = xpn.texts(14)
    parts = family_parts(xpn)
    if not (family or parts or first or others or title or generation or degree or after):
        return {}
    return compact(
        {
            "use": NAME_USE.codes.get(kind),
            "family": family,
            "_family": parts,
            "given": [name for name in (first, others) if name],
            "prefix": [title] if title else None,
            "suffix": [suffix for suffix in (generation, degree, after) if suffix],
            "period": dtm_period(since, until, ctx, xpn, 12) if since or until else None,
        }
    )


def xpn_names(xpn: Repetition, ctx: Notes) -> list[Json]:
    """The name and, where XPN.15 says what the person is called, a nickname beside it."""
    called = {"use": "nickname", "given": [xpn[15]]} if xpn[15] else None
    return present([xpn_humanname(xpn, ctx), called])


def family_parts(xpn: Repetition) -> Json:
    """The extensions of the family name for FN.2–FN.5: own and partner's prefix and name."""
    names = xpn.subcomponents(1)
    if len(names) < 2:
        return {}
    found = [
        extension(f"{EXTENSION}humanname-{kind}", "String", name)
        for name, kind in zip(names[1:], _FAMILY_PARTS, strict=False)
        if name
    ]
    return {"extension": found} if found else {}


def full_name(name: Json) -> str:
    """A HumanName as one text: prefix, given, family, suffix."""
    words = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""), *name.get("suffix", ())]
    return " ".join(filter(None, words))
