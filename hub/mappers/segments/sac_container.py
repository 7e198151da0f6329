"""SAC → Specimen.container, and what a laboratory measures of the sample in it (HL7 v2.9, chapter 13.4.3)."""

from hub.fhir.build import compact, complete, present
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import amount, cwe_unit, simple, unit_words
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.dispatch import segment
from hub.mappers.segments.obr_specimen import sps_members
from hub.mappers.segments.obx_value import structured
from hub.model import Json

_ADDITIVE, _STATUS, _HANDLING = Table("0371"), Table("0370"), Table("0376")
_CONDITIONS = (
    *((28, Table("0372")), (30, Table("0373")), (40, Table("0374")), (41, Table("0382"))),
    *((42, Table("0375")), (44, Table("0377"))),
)
"""Specimen component, treatment, contaminants, interfering drugs, artificial blood, other environmental factors."""
_DESCRIBED = (
    *((8, "status"), (9, "carrier"), (10, "carrier number"), (11, "position in carrier"), (12, "tray")),
    *((13, "tray number"), (14, "position in tray"), (15, "location"), (25, "separator"), (26, "cap")),
    *((49, "form"), (50, "material"), (51, "common name")),
)
"""What R4 has only words for: where the container stands and of what it is made."""
_SIZES = (
    *((16, 20, "height"), (17, 20, "diameter"), (18, 20, "barrier delta"), (19, 20, "bottom delta")),
    *((45, 46, "length"), (47, 48, "width"), (23, 24, "initial volume")),
)
"""Numbers in words, and the fields of their units."""
_MEASURES = (
    *((29, 99, "Dilution factor"), (31, 99, "Temperature"), (32, 33, "Hemolysis index"), (34, 35, "Lipemia index")),
    *((36, 37, "Icterus index"), (38, 39, "Fibrin index")),
)
"""What is measured of the sample, and the fields of the units."""


@segment("SAC")
def sac_alone(sac: Segment, ctx: Context) -> Json:
    """A container that stands by itself is a Specimen of unknown kind."""
    specimen = sac_specimen(sac, ctx)
    if container := sac_container(sac, specimen, ctx):
        complete(specimen, {"container": [container]})
    return specimen


def sac_specimen(sac: Segment, ctx: Context) -> Json:
    """Adds the Specimen in a container that has no SPM: by accession (SAC-2, -1), else by the container's number."""
    accession, container = _accession(sac, ctx), ei_identifier(sac[3].first, ctx)
    number = accession or container
    return ctx.add(
        {"resourceType": "Specimen", "subject": ctx.subject, "accessionIdentifier": accession, **_source(sac, ctx)},
        identifier_key(number, ctx.feed.name) if number else f"{ctx.raw.id}|SAC|{sac.number}",
    )


def sac_container(sac: Segment, specimen: Json, ctx: Context) -> Json:
    """The container (SAC-3, -4, -5 numbers, -21 to -24 volumes, -27 additive); accession, handling, conditions and
    measurements go to its Specimen."""
    _complete(sac, specimen, ctx)
    if len(sac) > 15:
        _measured(sac, specimen, ctx)
    numbers = [ei_identifier(sac[number].first, ctx) for number in (3, 4, 5)]
    return compact(
        {
            "identifier": present(numbers),
            "description": _description(sac),
            "type": cwe_codeableconcept(sac[9], ctx) if sac[9] else {},
            "capacity": simple(amount(sac[21], sac[24], ctx)),
            "specimenQuantity": simple(amount(sac[22], sac[24], ctx)),
            "additiveCodeableConcept": cwe_codeableconcept(sac[27], ctx, _ADDITIVE) if sac[27] else {},
        }
    )


def _accession(sac: Segment, ctx: Context) -> Json:
    """SAC-2, else the accession number of an external laboratory (SAC-1)."""
    return ei_identifier(sac[2].first, ctx, "ACSN") or ei_identifier(sac[1].first, ctx, "ACSN")


def _source(sac: Segment, ctx: Context) -> Json:
    return sps_members(sac[6].first, ctx) if sac[6] else {}


def _complete(sac: Segment, specimen: Json, ctx: Context) -> None:
    external = ei_identifier(sac[1].first, ctx, "ACSN") if sac[2] else {}
    handling = [cwe_codeableconcept(cwe, ctx, _HANDLING) for cwe in sac[43]]
    more = {
        "accessionIdentifier": _accession(sac, ctx),
        "identifier": present([external]),
        "extension": [
            {"url": EXTENSION + "specimen-specialHandling", "valueCodeableConcept": code} for code in handling if code
        ],
        "condition": present(cwe_codeableconcept(cwe, ctx, table) for n, table in _CONDITIONS for cwe in sac[n]),
        "processing": _registered(sac, ctx),
    }
    complete(specimen, {name: value for name, value in more.items() if value})
    _drawn(sac, specimen, ctx)


def _drawn(sac: Segment, specimen: Json, ctx: Context) -> None:
    """What SAC-6 says beyond the SPM, of which each member stays: type, site, method, role and words."""
    source = _source(sac, ctx)
    complete(specimen, {name: value for name, value in source.items() if name not in ("collection", "container")})
    if collection := {**source.get("collection", {}), **specimen.get("collection", {})}:
        specimen["collection"] = collection


def _registered(sac: Segment, ctx: Context) -> list[Json]:
    """SAC-7: when the container was last registered with the automated system."""
    moment = field_datetime(sac[7], ctx)
    return [{"description": "Container registration", "timeDateTime": moment}] if moment else []


def _description(sac: Segment) -> str:
    said = [f"{words}: {text}" for number, words in _DESCRIBED if (text := _said(sac[number]))]
    sizes = [
        f"{words}: {text} {unit_words(sac[unit].first)}".rstrip()
        for number, unit, words in _SIZES
        if (text := _said(sac[number]))
    ]
    return "; ".join((*said, *sizes))


def _said(field: Field) -> str:
    return ", ".join(
        " ".join(part for n in range(1, len(one) + 1) for part in one.subcomponents(n) if part) for one in field
    )


def _measured(sac: Segment, specimen: Json, ctx: Context) -> None:
    """Indices, dilution and temperature as Observations of the specimen."""
    for number, unit, words in _MEASURES:
        field = sac[number]
        if not field:
            continue
        of = cwe_unit(sac[unit].first, ctx)
        quantity = amount(field, sac[unit], ctx)
        value: Json = {"valueQuantity": quantity} if quantity else structured(field.first, of, ctx)
        ctx.add(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": words},
                "subject": ctx.subject,
                "specimen": ctx.reference(specimen),
                **value,
            },
            specimen["id"],
            str(sac.line),
            words,
        )
