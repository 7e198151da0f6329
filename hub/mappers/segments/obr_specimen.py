"""OBR-7 to -15, -37, -39 → Specimen, where no SPM says it (HL7 v2.9, chapter 7.4.1; v2-to-FHIR, ``OBR[Specimen]``)."""

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import cq_quantity, simple
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.segments.obr_servicerequest import FASTING, is_fasting
from hub.model import Json

_SOURCE, _ADDITIVE, _SITE, _MODIFIER, _ROLE = (Table(number) for number in ("0070", "0371", "0163", "0495", "0369"))
ROLE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Specimen.role"
"""The role of a specimen, an element of R5."""
_COLLECTED = (9, 10, 14, 15, 37, 39)


def obr_specimen(obr: Segment, specimen: Json | None, key: str, ctx: Context) -> Json | None:
    """What the OBR says of the specimen, added to the one of its SPM, else as a Specimen of its own."""
    if len(obr) < 9 or not any(obr.raws[number] for number in _COLLECTED if number < len(obr.raws)):
        return specimen
    members = _members(obr, ctx)
    if not members:
        return specimen
    if specimen is None:
        return ctx.add({"resourceType": "Specimen", "subject": ctx.subject, **members}, key, "OBR")
    taken, more = specimen.get("collection", {}), members.get("collection", {})
    if any(name.startswith("collected") for name in taken):
        more = {name: value for name, value in more.items() if not name.startswith("collected")}
    collection = {**more, **taken}
    known = {"collection", "container"} if "container" in specimen else {"collection"}
    complete(specimen, {name: value for name, value in members.items() if name not in known})
    if collection:
        specimen["collection"] = collection
    return specimen


def _members(obr: Segment, ctx: Context) -> Json:
    """OBR-15 with when and by whom it was taken and received, the number of containers (-37), comments (-39)."""
    source = sps_members(obr[15].first, ctx) if obr[15] else {}
    comments = [text for cwe in obr[39] if (text := (cwe[9] or cwe[2] or cwe[1]).strip())]
    count = [f"Number of sample containers: {obr[37].text}"] if obr[37] else []
    return compact(
        {
            **source,
            "receivedTime": field_datetime(obr[14], ctx),
            "collection": {**_collection(obr, ctx), **source.get("collection", {})},
            "note": [*source.get("note", ()), *({"text": text} for text in (*comments, *count))],
        }
    )


def sps_members(sps: Repetition, ctx: Context) -> Json:
    """Members of the Specimen of an SPS: .1 type, .2 additive, .3 in words, .4 site, .5 its modifier, .6 method, .7
    role."""
    additive = cwe_codeableconcept(sps.inner(2), ctx, _ADDITIVE)
    site, modifier = cwe_codeableconcept(sps.inner(4), ctx, _SITE), cwe_codeableconcept(sps.inner(5), ctx, _MODIFIER)
    role = cwe_codeableconcept(sps.inner(7), ctx, _ROLE)
    finer = modifier.get("coding", [])
    return compact(
        {
            "extension": [{"url": ROLE, "valueCodeableConcept": role}] if role else None,
            "type": cwe_codeableconcept(sps.inner(1), ctx, _SOURCE),
            "collection": compact(
                {
                    "method": cwe_codeableconcept(sps.inner(6), ctx),
                    "bodySite": {**site, "coding": [*site.get("coding", ()), *finer]} if finer else site,
                }
            ),
            "container": [{"additiveCodeableConcept": additive}] if additive else None,
            "note": [{"text": sps.whole(3)}] if sps[3].strip() else None,
        }
    )


def _collection(obr: Segment, ctx: Context) -> Json:
    """When (OBR-7, -8), how much (-9), by whom (-10); whether the patient had fasted (-13)."""
    start, end = field_datetime(obr[7], ctx), field_datetime(obr[8], ctx)
    collectors = each(obr[10], xcn_reference, ctx)
    fasting = present(cwe_codeableconcept(cwe, ctx, FASTING) for cwe in obr[13] if is_fasting(cwe))
    return compact(
        {
            "collector": collectors[0] if collectors else None,
            **({"collectedPeriod": period(start, end)} if end else {"collectedDateTime": start}),
            "quantity": simple(cq_quantity(obr[9].first, ctx)),
            "fastingStatusCodeableConcept": fasting[0] if fasting else None,
        }
    )
