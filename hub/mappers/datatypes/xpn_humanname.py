"""XPN (extended person name) → HumanName (HL7 v2.9, chapter 2A.3.88)."""

from hub.fhir.build import compact, extension, period, present
from hub.fhir.codes import NAME_USE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.message import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes import values
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.model import Json

_FAMILY_PARTS = ("own-prefix", "own-name", "partner-prefix", "partner-name")
"""FN.2 to FN.5."""


def xpn_humanname(xpn: Repetition, ctx: Context) -> Json:
    """XPN.1 family, .2/.3 given, .4/.6/.14 suffix, .5 prefix, .7 use, .12/.13 period; nothing without a name."""
    if not xpn:
        return {}
    family, first, others, generation, title, degree, kind, _, _, _, _, since, until, after = values(xpn, 14)
    parts = compact(
        {
            "family": family,
            "_family": family_parts(xpn),
            "given": [name for name in (first, others) if name],
            "prefix": [title] if title else None,
            "suffix": [suffix for suffix in (generation, degree, after) if suffix],
        }
    )
    if not parts:
        return {}
    if use := NAME_USE.codes.get(kind):
        parts = {"use": use, **parts}
    if since or until:
        times = (dtm_datetime(since, ctx, f"{xpn.path}.12"), dtm_datetime(until, ctx, f"{xpn.path}.13"))
        parts["period"] = period(*times)
    return compact(parts)


def xpn_names(xpn: Repetition, ctx: Context) -> list[Json]:
    """The name and, where XPN.15 says what the person is called, a nickname beside it."""
    called = {"use": "nickname", "given": [xpn[15]]} if xpn[15] else None
    return present([xpn_humanname(xpn, ctx), called])


def family_parts(xpn: Repetition) -> Json:
    """The extensions of the family name for FN.2–FN.5: own and partner's prefix and name."""
    names = xpn.subcomponents(1)
    found = [
        extension(f"{EXTENSION}humanname-{kind}", "String", name)
        for name, kind in zip(names[1:], _FAMILY_PARTS, strict=False)
        if name
    ]
    return {"extension": found} if found else {}


def full_name(name: Json) -> str:
    """A HumanName as one text: prefix, given, family, suffix."""
    words = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""), *name.get("suffix", ())]
    return " ".join(word for word in words if word)
