"""PID → extensions of the Patient: race, ethnicity, religion, citizenship, animals (HL7 v2.9, chapter 3.4.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.fhir.build import coding, compact, extension, present
from hub.fhir.codes import CDC_RACE, CITIZENSHIP, ETHNICITY, OMB_RACES, RELIGION, YES_NO, Table
from hub.fhir.systems import EXTENSION, US_CORE, V2
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered, remembered_fields
from hub.model import Json

RACE = Table("0005")


def pid_extensions(pid: Segment, ctx: Notes) -> list[Json]:
    """PID-6, -10, -17, -22, -23, -26, -28, -31, -35, -36 and -39, each as the extension that HL7 publishes for it."""
    found = [
        *_coded(pid, ctx),
        *(
            extension(EXTENSION + "patient-mothersMaidenName", "String", full_name(xpn_humanname(xpn, ctx)))
            for xpn in pid[6]
        ),
    ]
    if len(pid) > 22:
        found += _origin(pid, ctx)
    if len(pid) > 30:
        found += [_unknown(pid[31], ctx), _animal(pid, ctx)]
    return present(found)


@remembered_fields(10, 17, 22)
def _coded(pid: Segment, ctx: Notes) -> list[Json]:
    """Race, ethnicity and religion."""
    religion = cwe_codeableconcept(pid[17], ctx, RELIGION)
    return [
        race(pid[10], ctx),
        ethnicity(pid[22], ctx),
        extension(EXTENSION + "patient-religion", "CodeableConcept", religion),
    ]


def _origin(pid: Segment, ctx: Notes) -> list[Json]:
    """Place of birth, citizenships and nationalities, tribes among them."""
    birth_place = pid[23].first.text.strip()
    return [
        extension(EXTENSION + "patient-birthPlace", "Address", {"text": birth_place} if birth_place else None),
        *(_country(cwe, ctx, "patient-citizenship") for cwe in pid[26]),
        *(_country(cwe, ctx, "patient-nationality") for cwe in pid[28]),
        *(_country(cwe, ctx, "patient-citizenship") for cwe in pid[39]),
    ]


def race(field: Field, ctx: Notes) -> Json:
    """US Core race: the categories of the Office of Management and Budget, other CDC codes as detailed, and words."""
    return _us_core("us-core-race", [_race(cwe, ctx) for cwe in field], 5) if field.raw else {}


def ethnicity(field: Field, ctx: Notes) -> Json:
    """US Core ethnicity: Hispanic or not, once; the rest as for race."""
    return _us_core("us-core-ethnicity", [_ethnicity(cwe, ctx) for cwe in field], 1) if field.raw else {}


def other_race(cwe: Repetition, ctx: Notes) -> Json:
    """A race that is coded otherwise than US Core allows, as a value."""
    other = _race(cwe, ctx).other
    return {"valueCodeableConcept": other} if other else {}


def other_ethnicity(cwe: Repetition, ctx: Notes) -> Json:
    """The same for an ethnic group."""
    other = _ethnicity(cwe, ctx).other
    return {"valueCodeableConcept": other} if other else {}


@dataclass(frozen=True, slots=True)
class _Group:
    """One race or ethnic group: Codings of its category and of details, the codes beside those that the sender has for
    the same, words, and all that was sent where no category says it."""

    categories: list[Json]
    details: list[Json]
    beside: list[Json]
    words: str
    other: Json


@remembered
def _race(cwe: Repetition, ctx: Notes) -> _Group:
    return _group(cwe, cwe_codeableconcept(cwe, ctx, RACE), OMB_RACES)


@remembered
def _ethnicity(cwe: Repetition, ctx: Notes) -> _Group:
    return _group(cwe, cwe_codeableconcept(cwe, ctx, ETHNICITY), ETHNICITY.displays)


def _group(cwe: Repetition, sent: Json, categories: Mapping[str, str]) -> _Group:
    codings = sent.get("coding", [])
    found = {code: one for one in reversed(codings) if (code := one.get("code")) in categories}
    own = [one for one in codings if one.get("system") != CDC_RACE]
    named = [_category(code, categories[code], one) for code, one in reversed(found.items())]
    return _Group(
        categories=named,
        details=[one for one in codings if one not in own and one.get("code") not in categories],
        beside=own if named else [],
        words=sent.get("text") or (named[0]["display"] if named else cwe[1]),
        other=sent if own and not named else {},
    )


def _category(code: str, display: str, sent: Json) -> Json:
    version = sent.get("version", "") if sent.get("system") == CDC_RACE else ""
    return compact({"system": CDC_RACE, "version": version, "code": code, "display": display})


def _us_core(name: str, groups: list[_Group], at_most: int) -> Json:
    """The extension of US Core; it needs words. Categories beyond those it allows are details."""
    words = ", ".join(dict.fromkeys(group.words for group in groups if group.words))
    if not words:
        return {}
    categories = _distinct(one for group in groups for one in group.categories)
    details = _distinct([*categories[at_most:], *(one for group in groups for one in group.details)])
    text = {"url": "text", "valueString": words}
    return {
        "url": US_CORE + name,
        "extension": [
            *({"url": "ombCategory", "valueCoding": _as_sent(one, groups)} for one in categories[:at_most]),
            *({"url": "detailed", "valueCoding": _as_sent(one, groups)} for one in details),
            text,
        ],
    }


def _as_sent(category: Json, groups: list[_Group]) -> Json:
    """The category, whose code has the sender's own for the same beside it."""
    own = _distinct(one for group in groups if category in group.categories[:1] for one in group.beside)
    return {**category, "_code": alternate_codes({"coding": own})} if own else category


def _distinct(codings: Iterable[Json]) -> list[Json]:
    found: list[Json] = []
    for one in codings:
        if one not in found:
            found.append(one)
    return found


def _country(cwe: Repetition, ctx: Notes, name: str) -> Json:
    code = extension("code", "CodeableConcept", cwe_codeableconcept(cwe, ctx, CITIZENSHIP))
    return {"url": EXTENSION + name, "extension": [code]} if code else {}


def _unknown(field: Field, ctx: Notes) -> Json:
    """Whether nobody knows who the patient is (PID-31)."""
    sent = field.text.strip().upper()
    said = {"coding": [coding(V2 + "0136", sent, "Yes" if YES_NO[sent] else "No")]} if sent in YES_NO else None
    return extension(EXTENSION + "patient-unknownIdentity", "CodeableConcept", said)


def _animal(pid: Segment, ctx: Notes) -> Json:
    """Species and breed of an animal; the extension wants a species."""
    species, breed = cwe_codeableconcept(pid[35], ctx), cwe_codeableconcept(pid[36], ctx)
    if not species:
        return {}
    parts = [extension("species", "CodeableConcept", species), extension("breed", "CodeableConcept", breed)]
    return {"url": EXTENSION + "patient-animal", "extension": present(parts)}
