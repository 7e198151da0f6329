"""OBR (and ORC) → DiagnosticReport (HL7 v2.9, chapter 7.4.1)."""

from dataclasses import replace

from hub.fhir.build import compact, complete, period, present
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import DIAGNOSTIC_SERVICE, REPORT_STATUS
from hub.fhir.systems import EXTENSION, V3
from hub.formats.hl7v2.segment import Segment, excerpt
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cnn_practitioner import ndl_reference
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.groups import Order
from hub.mappers.segments.nte_annotation import note_extensions, nte_annotations
from hub.mappers.segments.obr_specimen import obr_specimen
from hub.mappers.segments.obx_observation import SUB_ID, Report, obx_observation
from hub.mappers.segments.obx_value import ATTACHMENT
from hub.mappers.segments.orc_servicerequest import order_identifiers, order_servicerequest
from hub.mappers.segments.prt_participation import FUNCTION, prt_devices, prt_performers
from hub.mappers.segments.spm_specimen import sample_specimen
from hub.model import Json, stable_id

_SUPPORTING = EXTENSION + "workflow-supportingInfo"
_TECHNICIAN = {"coding": [{"system": V3 + "ParticipationType", "code": "SPRF", "display": "secondary performer"}]}
_TRANSCRIPTIONIST = {"coding": [{"system": V3 + "ParticipationType", "code": "TRANS", "display": "Transcriber"}]}


def obr_diagnosticreport(order: Order, ctx: Context) -> Json:
    """Adds the DiagnosticReport of an order group with its observations, specimens and the order that it answers.

    Its id is made of the filler's number (OBR-3, ORC-3), else the placer's, so that a correction has the same id. A
    sender may leave the OBR out: then the report does not say what was asked for.
    """
    obr = order.obr or _unstated(order, ctx)
    identifiers = order_identifiers(order, ctx)
    key = _key(identifiers, order, ctx)
    specimens = _specimens(order, obr, key, ctx)
    shared = Report(
        key=key,
        effective=_effective(obr, ctx),
        issued=field_instant(obr[22], ctx),
        specimen=ctx.reference(specimens[0]) if len(specimens) == 1 else None,
        specimens=specimens,
    )
    observations = _observations(order, shared, ctx)
    request = order_servicerequest(order, ctx)
    report = ctx.add(
        {
            "resourceType": "DiagnosticReport",
            "extension": [
                *ctx.removals(obr),
                *({"url": _SUPPORTING, "valueReference": one} for one in prt_devices(order.participations, ctx)),
                *(note_extensions(nte_annotations(order.notes, ctx)) if request is None else ()),
            ],
            "identifier": [*identifiers, *present([ei_identifier(obr[51].first, ctx)])],
            "basedOn": [ctx.reference(request)] if request else None,
            "status": _status(obr, observations, ctx),
            "category": present([cwe_codeableconcept(obr[24], ctx, DIAGNOSTIC_SERVICE)]),
            "code": cwe_codeableconcept(obr[4], ctx) or {"text": "not stated"},
            "subject": ctx.subject,
            "encounter": ctx.visit,
            **shared.effective,
            "issued": shared.issued,
            "performer": _performers(order, obr, observations, ctx),
            "resultsInterpreter": [*each(obr[32], ndl_reference, ctx), *each(obr[33], ndl_reference, ctx)],
            "specimen": [ctx.reference(specimen) for specimen in specimens],
            "result": [ctx.reference(observation) for observation in observations],
            "presentedForm": _attachments(observations),
        },
        key,
    )
    ctx.focus.append(report)
    return report


def _unstated(order: Order, ctx: Context) -> Segment:
    """An OBR without a word."""
    ctx.error(order.head.place, "100", "results without an OBR: the report does not say what was asked for")
    return excerpt({1: ""}, order.head.syntax)


def _specimens(order: Order, obr: Segment, key: str, ctx: Context) -> list[Json]:
    """Those of the SPM and SAC; what the OBR says of a specimen goes to the only one."""
    found = [sample_specimen(sample, ctx) for sample in order.samples]
    if len(found) > 1:
        return found
    specimen = obr_specimen(obr, found[0] if found else None, key, ctx)
    return [specimen] if specimen else []


def _observations(order: Order, shared: Report, ctx: Context) -> list[Json]:
    """The results, then what was observed of each specimen after them; grouped by their sub-ids (OBX-4 ``1`` and
    ``1.1``) and under the result that led to the order (OBR-26)."""
    found = [obx_observation(observed, shared, ctx) for observed in order.observations]
    for sample, specimen in zip(order.samples, shared.specimens, strict=False):
        if sample.observations and sample.spm is not None and sample.spm.line > order.head.line:
            of_it = replace(shared, specimen=ctx.reference(specimen))
            found += [obx_observation(observed, of_it, ctx) for observed in sample.observations]
    if any("." in observed.obx[4].text for observed in order.observations):
        _group(order, found, ctx)
    if order.obr is not None and order.obr[26]:
        _attach(order.obr, found, ctx)
    return found


def _group(order: Order, observations: list[Json], ctx: Context) -> None:
    by_sub_id: dict[str, Json] = {}
    for observed, observation in zip(order.observations, observations, strict=False):
        sub_id = observed.obx[4].text
        parent = by_sub_id.get(sub_id.rpartition(".")[0])
        by_sub_id.setdefault(sub_id, observation)
        if parent is not None and parent is not observation:
            complete(parent, {"hasMember": [ctx.reference(observation)]})


def _attach(obr: Segment, observations: list[Json], ctx: Context) -> None:
    """OBR-26: .1 the code and .2 the sub-id of a result that stands earlier in the message."""
    prl = obr[26].first
    code = cwe_codeableconcept(prl.inner(1), ctx).get("coding")
    own = {observation["id"] for observation in observations}
    for parent in list(ctx.resources.values()):
        if (
            parent["resourceType"] == "Observation"
            and parent["id"] not in own
            and parent["code"].get("coding") == code
            and _sub_id_of(parent) == prl[2]
        ):
            complete(parent, {"hasMember": [ctx.reference(observation) for observation in observations]})
            return


def _sub_id_of(observation: Json) -> str:
    for one in observation.get("extension", ()):
        if one["url"] == SUB_ID:
            return str(one["extension"][0].get("valueString", ""))
    return ""


def _key(identifiers: list[Json], order: Order, ctx: Context) -> str:
    """The filler's number, else the placer's, else the place in the message. Several reports of one message that
    share a number (an accession) are told apart by their code."""
    by_type = {i["type"]["coding"][0]["code"]: i for i in reversed(identifiers)}
    number = by_type.get("FILL") or by_type.get("PLAC")
    obr = order.obr
    key = identifier_key(number, ctx.feed.name) if number else f"{ctx.raw.id}|{(obr or order.head).number}"
    code = obr[4].first[1] if obr is not None else ""
    return f"{key}|{code}" if stable_id("DiagnosticReport", key) in ctx.resources else key


def _status(obr: Segment, observations: list[Json], ctx: Context) -> str:
    """OBR-25; a sender who leaves it out says by his observations whether it is final."""
    if stated := ctx.translated(REPORT_STATUS, obr[25]):
        return stated
    statuses = {observation["status"] for observation in observations}
    if statuses == {"final"}:
        return "final"
    return "corrected" if statuses and statuses <= {"final", "corrected"} else "unknown"


def report_effective(order: Order, ctx: Context) -> Json:
    """When the results of an order were observed."""
    return _effective(order.obr, ctx) if order.obr is not None else {}


def _effective(obr: Segment, ctx: Context) -> Json:
    """When it was observed: OBR-7, with OBR-8 a period."""
    start, end = field_datetime(obr[7], ctx), field_datetime(obr[8], ctx)
    if end:
        return {"effectivePeriod": period(start, end)}
    return {"effectiveDateTime": start} if start else {}


def _performers(order: Order, obr: Segment, observations: list[Json], ctx: Context) -> list[Json]:
    """Whoever performed the observations, each once; the technician (OBR-34), the transcriptionist (OBR-35) and those
    of PRT with what they did."""
    found = {p["reference"]: p for o in observations for p in o.get("performer", ())}
    if len(obr) > 33:
        for number, role in ((34, _TECHNICIAN), (35, _TRANSCRIPTIONIST)):
            for who in each(obr[number], ndl_reference, ctx):
                known = found.get(who["reference"], who)
                found[who["reference"]] = {"extension": [{"url": FUNCTION, "valueCodeableConcept": role}], **known}
    for who in prt_performers(order.participations, ctx):
        found.setdefault(who["reference"], who)
    return list(found.values())


def _attachments(observations: list[Json]) -> list[Json]:
    """Reports that came as documents (OBX of type ED or RP)."""
    return [
        compact(e["valueAttachment"])
        for observation in observations
        for e in observation.get("extension", ())
        if e["url"] == ATTACHMENT
    ]
