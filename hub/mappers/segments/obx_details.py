"""OBX → what most results leave out: who observed it, how and with what, and its labels (HL7 v2.9, chapter 7.4.2)."""

from hub.fhir.build import compact, complete, extension, present
from hub.fhir.codes import Table
from hub.fhir.systems import EXTENSION, TERMINOLOGY, V2
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_identifiers
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_device import ei_device
from hub.mappers.datatypes.ei_identifier import ei_identifier, eip_identifier
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner, xcn_reference
from hub.mappers.datatypes.xon_organization import organization, xon_organization
from hub.mappers.premises import premises
from hub.model import Json

_NATURE, _MOOD, _RELEASE, _ROOT_CAUSE, _ACTION = (Table(n) for n in ("0080", "0725", "0909", "0914", "0206"))
_PROCESS = Table("0915")
_CATEGORIES = ((29, Table("0936")), (22, _MOOD))
_DIRECTOR = {"coding": [{"system": V2 + "0912", "code": "MDIR", "display": "Medical Director"}]}


def has_details(raws: list[str]) -> bool:
    """Whether the OBX says more than most do: OBX-9, -10, -12, -13, or anything from OBX-15 on."""
    return len(raws) > 15 or bool("".join(raws[9:11])) or bool("".join(raws[12:14]))


def obx_details(obx: Segment, specimens: list[Json], ctx: Context) -> Json:
    """The members of an Observation for these fields; ``specimens`` are those of its report."""
    devices = ei_device(obx[18], ctx) if obx[18] else {}
    return {
        **_labels(obx, ctx),
        "identifier": present([ei_identifier(obx[21].first, ctx, "FILL")]),
        "category": _category(obx, ctx),
        "performer": obx_performers(obx, ctx),
        "bodySite": _united(obx[20], ctx),
        "method": _united(obx[17], ctx),
        "device": ctx.reference(devices) if devices else None,
        **_specimen(obx, specimens, ctx),
    }


def obx_extensions(obx: Segment, ctx: Context) -> list[Json]:
    """OBX-10 nature of the abnormal test, -19 analysis time, -27 root cause, -30 sub-type."""
    return present(
        [
            *(_coded("observation-nature-of-abnormal-test", cwe, _NATURE, ctx) for cwe in obx[10]),
            extension(EXTENSION + "observation-analysis-date-time", "DateTime", field_datetime(obx[19], ctx)),
            *(_coded("event-statusReason", cwe, _ROOT_CAUSE, ctx) for cwe in obx[27]),
            *(_coded("observation-structure-type", cwe, None, ctx) for cwe in obx[30]),
        ]
    )


def obx_components(obx: Segment) -> list[Json]:
    """OBX-9: how probable the result is."""
    number = nm_decimal(obx[9].text)
    if number is None:
        return []
    return [{"code": {"text": "Probability"}, "valueQuantity": {"value": number}}]


def obx_notes(obx: Segment, ctx: Context) -> list[Json]:
    """OBX-12: since when the reference range holds; OBX-32 beside a value, which R4 does not let be absent."""
    since = field_datetime(obx[12], ctx)
    notes = [{"time": since, "text": "Effective date of the reference range"}] if since else []
    if obx[5] and len(obx) > 31:
        reasons = (" ".join(filter(None, (cwe[1], cwe[9] or cwe[2]))) for cwe in obx[32])
        notes += [{"text": f"Value absent reason: {reason}"} for reason in reasons]
    return notes


def absence(obx: Segment, ctx: Context) -> Json:
    """Why there is no value: OBX-11 N is "not asked", OBX-32 the sender's own reason."""
    stated = cwe_codeableconcept(obx[32], ctx) if obx[32] else {}
    code = "not-asked" if obx[11].text == "N" else ""
    standard = [{"system": TERMINOLOGY + "data-absent-reason", "code": code}] if code else []
    reason = compact({"coding": [*standard, *stated.get("coding", ())], "text": stated.get("text", "")})
    return {"dataAbsentReason": reason} if reason else {}


def obx_performers(obx: Segment, ctx: Context) -> list[Json]:
    """OBX-16 observers, then who did it (OBX-23 with -24, OBX-15), with the medical director (OBX-25) as a
    PractitionerRole."""
    performers = each(obx[16], xcn_reference, ctx)
    found = [one for xon in obx[23] if (one := xon_organization(xon, ctx))]
    performing = found[0] if found else None
    if performing and (addresses := premises(obx[24], ctx)):
        complete(performing, {"address": addresses})
    directors = [one for xcn in obx[25] if (one := xcn_practitioner(xcn, ctx))]
    performers += [ctx.reference(_director(one, performing, ctx)) for one in directors]
    if performing and not directors:
        performers.append(ctx.reference(performing, performing.get("name", "")))
    performers += [ctx.reference(one, one.get("name", "")) for one in found[1:]]
    producer = _producer(obx, ctx)
    return [*performers, producer] if producer and producer not in performers else performers


def _producer(obx: Segment, ctx: Context) -> Json:
    """OBX-15: the organization that produced the result, as a code."""
    cwe = obx[15].first
    code = cwe_codeableconcept(cwe, ctx) if cwe else {}
    if not code:
        return {}
    identifiers = concept_identifiers(code)
    found = organization(code.get("text", ""), identifiers[0] if identifiers else {}, ctx)
    if found is None:
        return {}
    complete(found, {"identifier": identifiers} if identifiers else {})
    return ctx.reference(found, found.get("name", ""))


def _director(director: Json, performing: Json | None, ctx: Context) -> Json:
    return ctx.add(
        {
            "resourceType": "PractitionerRole",
            "practitioner": ctx.reference(director),
            "organization": ctx.reference(performing) if performing else None,
            "code": [_DIRECTOR],
        },
        "MDIR",
        director["id"],
        performing["id"] if performing else "",
    )


def _labels(obx: Segment, ctx: Context) -> Json:
    """OBX-26 when a patient may see it, -28 local process control, -31 action, as tags."""
    if len(obx) < 26:
        return {}
    tags = [
        coding
        for number, table in ((26, _RELEASE), (28, _PROCESS), (31, _ACTION))
        for cwe in obx[number]
        for coding in cwe_codeableconcept(cwe, ctx, table).get("coding", ())
    ]
    return {"meta": {"tag": tags}} if tags else {}


def _category(obx: Segment, ctx: Context) -> list[Json]:
    """OBX-29 (table 0936), -22 mood, -13 the receiver's own class; without them what R4's own list calls laboratory and
    the like is not guessed."""
    if len(obx) < 22 and not obx[13]:
        return []
    found = [cwe_codeableconcept(cwe, ctx, table) for number, table in _CATEGORIES for cwe in obx[number]]
    return present([*found, *({"text": text.text} for text in obx[13] if text.text.strip())])


def _specimen(obx: Segment, specimens: list[Json], ctx: Context) -> Json:
    """OBX-33: the specimen by its number, one of the report where it has that number."""
    if len(obx) < 33:
        return {}
    found = [
        _numbered(number, specimens, ctx)
        for eip in obx[33]
        for component, kind in ((2, "FGN"), (1, "PGN"))
        if (number := eip_identifier(eip, component, ctx, kind))
    ]
    return {"specimen": found[0]} if found else {}


def _numbered(number: Json, specimens: list[Json], ctx: Context) -> Json:
    for specimen in specimens:
        if any(known["value"] == number["value"] for known in specimen.get("identifier", ())):
            return ctx.reference(specimen)
    return {"type": "Specimen", "identifier": number}


def _united(field: Field, ctx: Context) -> Json:
    """The codes of all repetitions as one concept: R4 has room for one method and one site."""
    concepts = [concept for cwe in field if (concept := cwe_codeableconcept(cwe, ctx))] if field.raw else []
    if len(concepts) < 2:
        return concepts[0] if concepts else {}
    words = "; ".join(concept["text"] for concept in concepts if "text" in concept)
    return compact({"coding": [c for concept in concepts for c in concept.get("coding", ())], "text": words})


def _coded(name: str, cwe: Repetition, table: Table | None, ctx: Context) -> Json:
    return extension(EXTENSION + name, "CodeableConcept", cwe_codeableconcept(cwe, ctx, table))
