"""SPM (with SAC, NTE, PRT) → Specimen (HL7 v2.9, chapter 7.4.3; v2-to-FHIR guide, ``SPM[Specimen]``)."""

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import cq_quantity, simple
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_name
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier, eip_identifier
from hub.mappers.dispatch import segment
from hub.mappers.groups import Sample
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.obr_specimen import ROLE
from hub.mappers.segments.orc_extensions import event
from hub.mappers.segments.prt_participation import COLLECTOR, prt_references
from hub.mappers.segments.sac_container import sac_container, sac_specimen
from hub.model import Json

_TYPE, _METHOD, _SITE, _SITE_MODIFIER, _ADDITIVE = (Table(n) for n in ("0487", "0488", "0163", "0542", "0371"))
_MODIFIER, _ROLE, _HANDLING, _CHILD, _APPROACH = (Table(n) for n in ("0541", "0369", "0376", "0494", "0543"))
_CONDITIONS = ((16, Table("0489")), (21, Table("0490")), (22, Table("0491")), (23, Table("0492")))
_OTHER_CONDITIONS = ((24, Table("0493")), (28, Table("0544")))
_FEATURE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Specimen.feature"
_UNIVERSAL = frozenset(("ISO", "DNS", "GUID", "UUID", "URI", "L", "M", "N", "HL7", "HCD", "X400", "X500", "RANDOM"))
_AVAILABLE = {"Y": "available", "N": "unavailable"}


@segment("SPM")
def spm_alone(spm: Segment, ctx: Context) -> Json:
    """A specimen that stands by itself."""
    return sample_specimen(Sample(spm), ctx)


def sample_specimen(sample: Sample, ctx: Context) -> Json:
    """Adds the Specimen of a group: its SPM, else its first container, with containers, comments and collectors."""
    spm = sample.spm
    specimen = spm_specimen(spm, ctx) if spm is not None else sac_specimen(sample.containers[0], ctx)
    notes = nte_annotations(sample.notes, ctx)
    containers = present(sac_container(sac, specimen, ctx) for sac in sample.containers)
    members = {"note": notes, "container": containers}
    complete(specimen, {name: value for name, value in members.items() if value})
    collectors = prt_references(sample.participations, COLLECTOR, ctx)
    if collectors and "collector" not in specimen.get("collection", {}):
        specimen["collection"] = {"collector": collectors[0], **specimen.get("collection", {})}
    return specimen


def spm_specimen(spm: Segment, ctx: Context) -> Json:
    """Adds the Specimen of an SPM, known by the filler's number, else the placer's, else its place in the message."""
    identifiers = spm_identifiers(spm, ctx)
    more = len(spm) > 12
    return ctx.add(
        {
            "resourceType": "Specimen",
            "extension": [*ctx.removals(spm), *_extensions(spm, ctx)],
            "identifier": [*identifiers, *(_other_identifiers(spm, ctx) if len(spm) > 29 else ())],
            "accessionIdentifier": _accession(spm, ctx),
            "status": _status(spm),
            "type": cwe_codeableconcept(spm[4], ctx, _TYPE),
            "subject": ctx.subject,
            "receivedTime": field_datetime(spm[18], ctx),
            "parent": _parents(spm, ctx),
            "collection": _collection(spm, ctx),
            "processing": _processing(spm, ctx) if len(spm) > 5 else None,
            "container": _container(spm, ctx),
            "condition": _conditions(spm, ctx) if more else None,
            "note": _notes(spm) if more else None,
        },
        identifier_key(identifiers[-1], ctx.feed.name) if identifiers else f"{ctx.raw.id}|{spm.number}",
    )


def spm_identifiers(spm: Segment, ctx: Context) -> list[Json]:
    """SPM-2: the placer's number and the filler's."""
    pair = spm[2].first
    return present([eip_identifier(pair, 1, ctx, "PGN"), eip_identifier(pair, 2, ctx, "FGN")])


def _other_identifiers(spm: Segment, ctx: Context) -> list[Json]:
    """SPM-30 further accession numbers, -31 other numbers, -32 the shipment."""
    accessions = [typed(number, "ACSN") for number in each(spm[30], cx_identifier, ctx)[1:]]
    shipment = typed(ei_identifier(spm[32].first, ctx), "STN") if spm[32] else {}
    return present([*accessions, *each(spm[31], cx_identifier, ctx), shipment])


def _accession(spm: Segment, ctx: Context) -> Json:
    """SPM-30, an EI in older versions: then its fourth component is a type of universal ids."""
    number = spm[30].first
    if not number[4] or number[4].upper() in _UNIVERSAL:
        return ei_identifier(number, ctx, "ACSN")
    return typed(cx_identifier(number, ctx), "ACSN")


def _status(spm: Segment) -> str:
    """SPM-20, and unsatisfactory once there is a reason to reject it (SPM-21)."""
    return "unsatisfactory" if spm[21] else _AVAILABLE.get(spm[20].text, "")


def _parents(spm: Segment, ctx: Context) -> list[Json]:
    """SPM-3: the specimens that this one was taken from, by number."""
    numbers = [
        number
        for eip in spm[3]
        for component, kind in ((1, "PGN"), (2, "FGN"))
        if (number := eip_identifier(eip, component, ctx, kind))
    ]
    return [{"type": "Specimen", "identifier": number} for number in numbers]


def _collection(spm: Segment, ctx: Context) -> Json:
    """SPM-17 when, -12 how much, -7 how, -8 from where, with the site's modifiers (-9) and approach (-10)."""
    site = cwe_codeableconcept(spm[8], ctx, _SITE) if spm[8] else {}
    finer = [
        coding
        for number, table in ((9, _SITE_MODIFIER), (10, _APPROACH))
        for cwe in spm[number]
        for coding in cwe_codeableconcept(cwe, ctx, table).get("coding", ())
    ]
    return compact(
        {
            **_collected(spm, ctx),
            "quantity": simple(cq_quantity(spm[12].first, ctx)),
            "method": cwe_codeableconcept(spm[7], ctx, _METHOD),
            "bodySite": {**site, "coding": [*site.get("coding", ()), *finer]} if finer else site,
        }
    )


def _collected(spm: Segment, ctx: Context) -> Json:
    """SPM-17: from, and with a second component to."""
    if not spm[17].raw:
        return {}
    start, end = (dtm_datetime(spm[17].first[part], ctx, spm.path(17)) for part in (1, 2))
    return {"collectedPeriod": period(start, end)} if end else {"collectedDateTime": start}


def _container(spm: Segment, ctx: Context) -> list[Json]:
    """SPM-6 the first additive, -25 what is left, -27 kind of container; a SAC says more of each."""
    container = compact(
        {
            "type": cwe_codeableconcept(spm[27], ctx) if spm[27] else {},
            "specimenQuantity": simple(cq_quantity(spm[25].first, ctx)),
            "additiveCodeableConcept": cwe_codeableconcept(spm[6], ctx, _ADDITIVE),
        }
    )
    return [container] if container else []


def _processing(spm: Segment, ctx: Context) -> list[Json]:
    """Further additives (SPM-6), each as a step; SPM-33 and -34 from when to when it was cultured."""
    added = [cwe_codeableconcept(cwe, ctx, _ADDITIVE) for cwe in list(spm[6])[1:]]
    steps: list[Json] = [{"description": "Additive", "procedure": additive} for additive in added if additive]
    start, end = field_datetime(spm[33], ctx), field_datetime(spm[34], ctx)
    if start or end:
        steps.append({"description": "Culture", "timePeriod": period(start, end)})
    return steps


def _conditions(spm: Segment, ctx: Context) -> list[Json]:
    """SPM-24 condition, and what else is said of the state of the specimen: -16 risks, -21 why it was rejected, -22
    quality, -23 fitness, -28 condition of the container."""
    return present(
        cwe_codeableconcept(cwe, ctx, table)
        for number, table in (*_OTHER_CONDITIONS[:1], *_CONDITIONS, *_OTHER_CONDITIONS[1:])
        for cwe in spm[number]
    )


def _notes(spm: Segment) -> list[Json]:
    """SPM-14 description, -13 and -26 how many specimens and containers there are."""
    counts = ((13, "Number of grouped specimens"), (26, "Number of specimen containers"))
    return [
        *({"text": text.text} for text in spm[14] if text.text.strip()),
        *({"text": f"{words}: {spm[number].text}"} for number, words in counts if spm[number].text.strip()),
    ]


def _extensions(spm: Segment, ctx: Context) -> list[Json]:
    """SPM-5 modifiers of the type as features, -11 and -29 roles, -15 handling, -19 when it expires."""
    found = [_feature(code) for cwe in spm[5] if (code := cwe_codeableconcept(cwe, ctx, _MODIFIER))]
    for number, table, url in ((11, _ROLE, ROLE), (29, _CHILD, ROLE), (15, _HANDLING, _SPECIAL)):
        found += [
            {"url": url, "valueCodeableConcept": code}
            for cwe in spm[number]
            if (code := cwe_codeableconcept(cwe, ctx, table))
        ]
    if expires := field_datetime(spm[19], ctx):
        found.append(event({"text": "Specimen expiration"}, expires))
    return found


_SPECIAL = EXTENSION + "specimen-specialHandling"


def _feature(modifier: Json) -> Json:
    return {
        "url": _FEATURE,
        "extension": [
            {"url": "type", "valueCodeableConcept": modifier},
            {"url": "description", "valueString": concept_name(modifier) or "modifier"},
        ],
    }
