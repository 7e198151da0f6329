"""OBX (and its NTE) → Observation (HL7 v2.9, chapter 7.4.2)."""

import re
from dataclasses import dataclass, field

from hub.fhir.build import compact, extension, present
from hub.fhir.order_codes import INTERPRETATION, INTERPRETATION_V2, OBSERVATION_STATUS
from hub.fhir.systems import EXTENSION, TERMINOLOGY, V2
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.nm_decimal import Decimal, nm_decimal
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner, xcn_reference
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.groups import Observed
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered_fields
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.obx_value import obx_unit, obx_values, quantity
from hub.model import Json

_RANGE = re.compile(r"\s*(-?[\d.]+)\s*(?:-|–|to)\s*(-?[\d.]+)\s*")
_BOUND = re.compile(r"\s*([<>])=?\s*(-?[\d.]+)\s*")
_USUAL_FIELDS = 15


@dataclass(slots=True)
class Report:
    """What the observations of one report share: the report's key, effective time, specimen; and what was seen."""

    key: str
    effective: Json
    issued: str = ""
    specimen: Json | None = None
    seen: dict[str, int] = field(default_factory=dict)

    def occurrence(self, code: str) -> str:
        """How many of this code came before: the same result of a corrected report is the same Observation."""
        number = self.seen.get(code, 0)
        self.seen[code] = number + 1
        return str(number)


@dataclass(frozen=True, slots=True)
class _Coded:
    """What stands alike in many results of a test: OBX-3 code, -6 unit, -7 reference range (in that unit for a value
    that is a Quantity, else without), -8 interpretation, -11 status."""

    code: Json
    key: str
    unit: Json
    range: list[Json]
    range_in_unit: list[Json]
    interpretation: list[Json]
    status: str


def obx_observation(observed: Observed, report: Report, ctx: Context) -> Json:
    """Adds the Observation of an OBX: its id is made of the report, the code (OBX-3), the sub-id (OBX-4) and the place
    among results of the same code, so that a correction meets what it corrects."""
    obx = observed.obx
    coded = _coded(obx, ctx)
    key = f"{coded.key}|{obx[4].text}"
    values, attachments = obx_values(obx, coded.unit, ctx)
    return ctx.add(
        {
            "resourceType": "Observation",
            "extension": [*attachments, *_extensions(obx, ctx), *ctx.removals(obx)],
            "status": coded.status,
            "code": coded.code,
            "subject": ctx.subject,
            "encounter": ctx.visit,
            **_effective(obx, report, ctx),
            "issued": report.issued,
            **(_value(values, coded.code) if values or attachments else _absence(obx, ctx)),
            "interpretation": coded.interpretation,
            "note": nte_annotations(observed.notes, ctx) if observed.notes else None,
            "specimen": report.specimen,
            "referenceRange": coded.range_in_unit if _is_quantity(values) else coded.range,
            **(_how(obx, ctx) if len(obx) > _USUAL_FIELDS else {}),
        },
        report.key,
        key,
        report.occurrence(key),
    )


@remembered_fields(3, 6, 7, 8, 11)
def _coded(obx: Segment, ctx: Notes) -> _Coded:
    code, unit, text = _code(obx, ctx), obx_unit(obx[6].first, ctx), obx[7].first.text
    return _Coded(
        code=code,
        key=_code_key(code),
        unit=unit,
        range=_reference_range(text, {}),
        range_in_unit=_reference_range(text, unit),
        interpretation=each(obx[8], _interpretation, ctx),
        status=ctx.translated(OBSERVATION_STATUS, obx[11]) or "unknown",
    )


def _how(obx: Segment, ctx: Context) -> Json:
    """How and by whom it was observed: the fields from OBX-16 on, which most results leave out."""
    return {
        "identifier": present([ei_identifier(obx[21].first, ctx, "FILL")]),
        "category": _category(obx),
        "performer": obx_performers(obx, ctx),
        "bodySite": cwe_codeableconcept(obx[20], ctx),
        "method": cwe_codeableconcept(obx[17], ctx),
    }


def obx_performers(obx: Segment, ctx: Context) -> list[Json]:
    """OBX-16 observers, then who did it (OBX-23 with -24), with the medical director (OBX-25) as a PractitionerRole."""
    performers = [xcn_reference(xcn, ctx) for xcn in obx[16]]
    organization = xon_organization(obx[23], ctx)
    if organization and "address" not in organization and (address := xad_address(obx[24].first, ctx)):
        organization["address"] = [address]
    director = xcn_practitioner(obx[25], ctx)
    if director:
        performers.append(ctx.reference(_director(director, organization, ctx)))
    elif organization:
        performers.append(ctx.reference(organization, organization.get("name", "")))
    return present(performers)


def _director(director: Json, organization: Json | None, ctx: Context) -> Json:
    role = {"coding": [{"system": V2 + "0912", "code": "MDIR", "display": "Medical Director"}]}
    return ctx.add(
        {
            "resourceType": "PractitionerRole",
            "practitioner": ctx.reference(director),
            "organization": ctx.reference(organization) if organization else None,
            "code": [role],
        },
        "MDIR",
        director["id"],
        organization["id"] if organization else "",
    )


def _code(obx: Segment, ctx: Notes) -> Json:
    if code := cwe_codeableconcept(obx[3], ctx):
        return code
    ctx.warn(obx.path(3), "required", "the observation does not say what was observed")
    return {"text": "not stated"}


def _code_key(code: Json) -> str:
    """The first coding, else the words."""
    first = code["coding"][0] if "coding" in code else {"code": code["text"]}
    return f"{first.get('system', '')}|{first['code']}"


def _is_quantity(values: list[Json]) -> bool:
    return len(values) == 1 and "valueQuantity" in values[0]


def _value(values: list[Json], code: Json) -> Json:
    """One value is the Observation's own, several are its components."""
    if len(values) > 1:
        return {"component": [{"code": code, **value} for value in values]}
    return values[0] if values else {}


def _extensions(obx: Segment, ctx: Context) -> list[Json]:
    if len(obx) <= _USUAL_FIELDS and not obx[4]:
        return []
    return present(
        [
            extension(EXTENSION + "observation-v2-subid", "String", obx[4].text),
            extension(EXTENSION + "observation-analysis-date-time", "DateTime", field_datetime(obx[19], ctx)),
        ]
    )


def _category(obx: Segment) -> list[Json]:
    """OBX-29 (table 0936); without it what R4's own list calls laboratory and the like is not guessed."""
    code = obx[29].text
    return [{"coding": [{"system": V2 + "0936", "code": code}]}] if code else []


def _effective(obx: Segment, report: Report, ctx: Context) -> Json:
    moment = field_datetime(obx[14], ctx)
    return {"effectiveDateTime": moment} if moment else report.effective


def _absence(obx: Segment, ctx: Context) -> Json:
    """Why there is no value: OBX-11 N is "not asked", OBX-32 the sender's own reason."""
    stated = cwe_codeableconcept(obx[32], ctx)
    code = "not-asked" if obx[11].text == "N" else ""
    standard = [{"system": TERMINOLOGY + "data-absent-reason", "code": code}] if code else []
    reason = compact({"coding": [*standard, *stated.get("coding", ())], "text": stated.get("text", "")})
    return {"dataAbsentReason": reason} if reason else {}


def _interpretation(cwe: Repetition, ctx: Notes) -> Json:
    """OBX-8: the v3 code of the same name; what only version 2 knows stays in table 0078."""
    if cwe[1] in INTERPRETATION_V2:
        return {"coding": [compact({"system": V2 + "0078", "code": cwe[1], "display": cwe[2]})]}
    return cwe_codeableconcept(cwe, ctx, INTERPRETATION)


def _reference_range(text: str, unit: Json) -> list[Json]:
    """OBX-7 as text, and as low and high where it reads as numbers (``3.5-5.1``, ``<106``)."""
    if not text:
        return []
    return [{**{name: quantity(number, unit) for name, number in _bounds(text)}, "text": text}]


def _bounds(text: str) -> tuple[tuple[str, Decimal], ...]:
    """The ends of a range that are numbers, by name."""
    if match := _RANGE.fullmatch(text):
        ends = {"low": match[1], "high": match[2]}
    elif match := _BOUND.fullmatch(text):
        ends = {"high" if match[1] == "<" else "low": match[2]}
    else:
        return ()
    return tuple((name, number) for name, end in ends.items() if (number := nm_decimal(end)) is not None)
