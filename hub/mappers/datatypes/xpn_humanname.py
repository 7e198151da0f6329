"""XPN (extended person name) → HumanName (HL7 v2.9, chapter 2A.3.88)."""

from functools import lru_cache

from hub.fhir.build import compact, concept, extension, present, token
from hub.fhir.codes import NAME_USE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.dtm_datetime import dr_period, dtm_period
from hub.mappers.notes import Notes
from hub.model import Json

_FAMILY_PARTS = ("own-prefix", "own-name", "partner-prefix", "partner-name")
"""FN.2 to FN.5."""
_SAYS_ALL = {"L", "D", "M", "N"}
"""Codes of table 0200 that HumanName.use means exactly."""
_WRITING = {"A": "ABC", "I": "IDE", "P": "SYL"}
"""Table 0465 to the codes of ISO 21090: alphabetic, ideographic, phonetic."""
_ORDERS = {"F", "G"}
"""Table 0444: family name or given name first."""


def xpn_humanname(xpn: Repetition, ctx: Notes) -> Json:
    """XPN.1 family, .2/.3 given, .4/.6/.14 suffix, .5 prefix, .7 use, .8 writing, .11 order, .12/.13 (else .10) period;
    nothing without a name."""
    if not xpn.raw:
        return {}
    family, first, others, generation, title, degree, kind, writing, _, within, order, since, until, after = xpn.texts(
        14
    )
    parts = family_parts(xpn, 1)
    if not (family or parts or first or others or title or generation or degree or after):
        return {}
    return compact(
        {
            "extension": name_extensions(writing, order) if writing or order else None,
            **(name_use(kind) if kind else {}),
            "family": family,
            "_family": parts,
            "given": [name for name in (first, others) if name],
            "prefix": [title] if title else None,
            "suffix": [suffix for suffix in (generation, degree, after) if suffix],
            "period": name_period(xpn, (since, until, 12), 10, ctx) if since or until or within else None,
        }
    )


def xpn_names(xpn: Repetition, ctx: Notes) -> list[Json]:
    """The name and, where XPN.15 says what the person is called, a nickname beside it."""
    called = {"use": "nickname", "given": [xpn[15]]} if xpn[15] else None
    return present([xpn_humanname(xpn, ctx), called])


def family_parts(name: Repetition, component: int) -> Json:
    """The extensions of the family name for FN.2–FN.5: own and partner's prefix and name."""
    names = name.subcomponents(component)
    if len(names) < 2:
        return {}
    found = [
        extension(f"{EXTENSION}humanname-{kind}", "String", part)
        for part, kind in zip(names[1:], _FAMILY_PARTS, strict=False)
        if part
    ]
    return {"extension": found} if found else {}


@lru_cache(maxsize=64)
def name_use(kind: str) -> Json:
    """The use that a code of table 0200 means; where it says more or something else it stays in ``alternate-codes``."""
    sent = None if kind in _SAYS_ALL else alternate_codes(concept(NAME_USE.source, token(kind)))
    return compact({"use": NAME_USE.codes.get(kind), "_use": sent})


def name_extensions(writing: str, order: str) -> list[Json]:
    """In which writing the name is given (XPN.8) and in which order it is read (XPN.11)."""
    return present(
        [
            extension(EXTENSION + "iso21090-EN-representation", "Code", _WRITING.get(writing)),
            extension(EXTENSION + "humanname-assembly-order", "Code", order if order in _ORDERS else ""),
        ]
    )


def name_period(name: Repetition, times: tuple[str, str, int], within: int, ctx: Notes) -> Json:
    """The period of a name: ``times`` from a component on, else the older DR in the component ``within``."""
    since, until, component = times
    return dtm_period(since, until, ctx, name, component) or dr_period(name.inner(within), ctx)


def full_name(name: Json) -> str:
    """A HumanName as one text: prefix, given, family, suffix."""
    words = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""), *name.get("suffix", ())]
    return " ".join(filter(None, words))
