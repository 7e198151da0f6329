"""OM1 and OM2 → ObservationDefinition: a test in the sender's master file (HL7 v2.9, chapters 8.8.9 and 8.8.10)."""

from collections.abc import Sequence

from hub.fhir.build import compact, complete, present
from hub.fhir.codes import GENDER, untranslated
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.dispatch import segment
from hub.mappers.facts import COUNT, Fact, coded, components, facts, moment, text
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_TYPES = {
    "NM": "Quantity",
    **dict.fromkeys(("CE", "CWE", "CNE", "CF", "IS", "ID"), "CodeableConcept"),
    **dict.fromkeys(("ST", "TX", "FT"), "string"),
    **dict.fromkeys(("DT", "TS", "DTM"), "dateTime"),
    "TM": "time",
    "DR": "Period",
    "NR": "Range",
    "SN": "Range",
    "NA": "SampledData",
}
"""OBX-2 to ObservationDefinition.permittedDataType."""
_RANGES = {6: "reference", 7: "critical", 8: "absolute"}
_FACTS = (
    Fact(3, "Permitted data type", coded("0125")),
    Fact(4, "Specimen required", coded("0136")),
    Fact(5, "Producer", coded()),
    Fact(6, "Description", text),
    Fact(8, "Other name", text),
    Fact(10, "Preferred short name", text),
    Fact(11, "Preferred long name", text),
    Fact(12, "Orderable", coded("0136")),
    Fact(13, "Instrument", coded()),
    Fact(15, "Portable", coded("0136")),
    Fact(16, "Producing department", coded()),
    Fact(17, "Telephone of the department", text),
    Fact(18, "Nature of the service", coded("0174")),
    Fact(19, "Report subheader", coded()),
    Fact(20, "Place in the report", text),
    Fact(21, "Definition changed", moment),
    Fact(22, "Effective", moment),
    Fact(23, "Typical turn-around in minutes", COUNT),
    Fact(24, "Processing time in minutes", COUNT),
    Fact(25, "Processing priority", coded("0168")),
    Fact(26, "Reporting priority", coded("0176")),
    Fact(27, "Outside site", coded()),
    Fact(28, "Address of the outside site", text),
    Fact(29, "Telephone of the outside site", text),
    Fact(30, "Confidentiality", coded("0177")),
    Fact(31, "Needed to interpret", coded()),
    Fact(32, "Interpretation", text),
    Fact(33, "Contraindication", coded()),
    Fact(34, "Reflex test", coded()),
    Fact(35, "Rule of the reflex test", text),
    Fact(36, "Fixed canned message", coded()),
    Fact(37, "Preparation of the patient", text),
    Fact(38, "Medication of the procedure", coded()),
    Fact(39, "Factors that may affect it", text),
    Fact(40, "Schedule of the service", text),
    Fact(41, "Validation method", text),
    Fact(42, "Resource for its orders", coded("0254")),
)
_NUMERIC_FACTS = (Fact(9, "Delta check", text), Fact(10, "Minimum meaningful increment", COUNT))


@segment("OM1")
def om1_observationdefinition(om1: Segment, ctx: Context) -> Json | None:
    """OM1-2 code with -7, -3 data types, -9 name in reports, -14 method, -18 its nature; what ObservationDefinition has
    no element for in R4 is a fact of the catalogue beside it."""
    codes = [one for number in (2, 7) for cwe in om1[number] if (one := cwe_codeableconcept(cwe, ctx))]
    if not codes:
        zzz_basic(om1, ctx)
        return None
    types = dict.fromkeys(_TYPES[kind.text] for kind in om1[3] if kind.text in _TYPES)
    codings = [coding for one in codes for coding in one.get("coding", ())]
    defined = ctx.add(
        {
            "resourceType": "ObservationDefinition",
            "category": present([cwe_codeableconcept(om1[18], ctx, untranslated("0174"))]),
            "code": compact({"coding": codings, "text": codes[0].get("text", "")}),
            "permittedDataType": list(types),
            "method": cwe_codeableconcept(om1[14], ctx),
            "preferredReportName": om1[9].text,
        },
        ctx.feed.name,
        om1[2].first[1] or om1[2].first[2],
    )
    ctx.focus.append(defined)
    _catalogued(om1, _FACTS, defined, ctx)
    return defined


@segment("OM2")
def om2_details(om2: Segment, ctx: Context) -> Json | None:
    """OM2-2 unit, -3 precision, -4 SI unit, -5 factor between them, -6 to -8 normal, critical and absolute ranges."""
    defined = ctx.last
    if defined is None or defined["resourceType"] != "ObservationDefinition":
        zzz_basic(om2, ctx)
        return None
    precision = nm_decimal(om2[3].first[1]) if om2[3] else None
    details = {
        "customaryUnit": cwe_codeableconcept(om2[2], ctx),
        "unit": cwe_codeableconcept(om2[4], ctx),
        "conversionFactor": nm_decimal(om2[5].text) if om2[5] else None,
        "decimalPrecision": precision if isinstance(precision, int) and 0 <= precision < 100 else None,
    }
    ranges = [
        {"category": category, **said}
        for number, category in _RANGES.items()
        for said in each(om2[number], _interval, ctx)
    ]
    complete(defined, compact({"quantitativeDetails": compact(details), "qualifiedInterval": ranges}))
    _catalogued(om2, _NUMERIC_FACTS, defined, ctx)
    return defined


def _interval(rfr: Repetition, ctx: Context) -> Json:
    """RFR: range, sex, age, gestational age, species, race, condition; a bare NR has its two numbers as components."""
    bare = rfr.syntax.subcomponent not in rfr.part(1) and nm_decimal(rfr[2]) is not None
    values = _range((rfr[1], rfr[2])) if bare else _range(rfr.subcomponents(1))
    if bare or not values:
        return {"range": values} if values else {}
    others = [{"text": words} for words in (rfr[5], rfr[6]) if words]
    return compact(
        {
            "range": values,
            "appliesTo": others,
            "gender": GENDER.codes.get(rfr[2], ""),
            "age": _range(rfr.subcomponents(3)),
            "gestationalAge": _range(rfr.subcomponents(4)),
            "condition": rfr[7],
        }
    )


def _range(parts: Sequence[str]) -> Json:
    """NR: the lower and the upper number."""
    low, high, *_ = [*(nm_decimal(part) if part else None for part in parts), None, None]
    return compact({name: {"value": value} for name, value in (("low", low), ("high", high)) if value is not None})


def _catalogued(one: Segment, of: tuple[Fact, ...], defined: Json, ctx: Context) -> None:
    said = components(facts(one, of, ctx))
    if said:
        about = {"code": {"text": "Definition of the test"}, "focus": [ctx.reference(defined)]}
        observation = {"resourceType": "Observation", "status": "final", **about, "component": said}
        ctx.add(observation, "catalogue", defined["id"], one.name)
