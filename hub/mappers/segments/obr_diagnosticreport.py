"""OBR (and ORC) → DiagnosticReport (HL7 v2.9, chapter 7.4.1)."""

from hub.fhir.build import compact, period, present
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import DIAGNOSTIC_SERVICE, REPORT_STATUS
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cnn_practitioner import cnn_practitioner
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.groups import Order
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.obx_value import ATTACHMENT
from hub.mappers.segments.orc_servicerequest import order_identifiers, order_servicerequest
from hub.mappers.segments.spm_specimen import spm_specimen
from hub.model import Json, stable_id


def obr_diagnosticreport(order: Order, ctx: Context) -> Json:
    """Adds the DiagnosticReport of an order group with its observations, specimens and the order that it answers.

    Its id is made of the filler's number (OBR-3, ORC-3), else the placer's, so that a correction has the same id.
    """
    obr = order.obr
    assert obr is not None, "a result without OBR has no report"
    identifiers = order_identifiers(order, ctx)
    effective = _effective(obr, ctx)
    issued = field_instant(obr[22], ctx)
    specimens = [spm_specimen(spm, ctx) for spm in order.specimens]
    key = _key(identifiers, obr, ctx)
    shared = Report(key, effective, issued, ctx.reference(specimens[0]) if len(specimens) == 1 else None)
    observations = [obx_observation(observed, shared, ctx) for observed in order.observations]
    report = ctx.add(
        {
            "resourceType": "DiagnosticReport",
            "extension": ctx.removals(obr),
            "identifier": identifiers,
            "basedOn": _based_on(order, ctx),
            "status": _status(obr, observations, ctx),
            "category": present([cwe_codeableconcept(obr[24], ctx, DIAGNOSTIC_SERVICE)]),
            "code": cwe_codeableconcept(obr[4], ctx) or {"text": "not stated"},
            "subject": ctx.subject,
            "encounter": ctx.visit,
            **effective,
            "issued": issued,
            "performer": _performers(observations),
            "resultsInterpreter": _interpreters(obr, ctx),
            "specimen": [ctx.reference(specimen) for specimen in specimens],
            "result": [ctx.reference(observation) for observation in observations],
            "presentedForm": _attachments(observations),
        },
        key,
    )
    ctx.focus.append(report)
    return report


def _key(identifiers: list[Json], obr: Segment, ctx: Context) -> str:
    """The filler's number, else the placer's, else the place in the message. Several reports of one message that
    share a number (an accession) are told apart by their code."""
    by_type = {i["type"]["coding"][0]["code"]: i for i in reversed(identifiers)}
    number = by_type.get("FILL") or by_type.get("PLAC")
    key = identifier_key(number, ctx.feed.name) if number else f"{ctx.raw.id}|{obr.number}"
    return f"{key}|{obr[4].first[1]}" if stable_id("DiagnosticReport", key) in ctx.resources else key


def _based_on(order: Order, ctx: Context) -> list[Json]:
    request = order_servicerequest(order, ctx)
    return [ctx.reference(request)] if request else []


def _status(obr: Segment, observations: list[Json], ctx: Context) -> str:
    """OBR-25; a sender who leaves it out says by his observations whether it is final."""
    if stated := ctx.translated(REPORT_STATUS, obr[25]):
        return stated
    statuses = {observation["status"] for observation in observations}
    if statuses == {"final"}:
        return "final"
    return "corrected" if statuses and statuses <= {"final", "corrected"} else "unknown"


def _effective(obr: Segment, ctx: Context) -> Json:
    """When it was observed: OBR-7, with OBR-8 a period."""
    start, end = field_datetime(obr[7], ctx), field_datetime(obr[8], ctx)
    if end:
        return {"effectivePeriod": period(start, end)}
    return {"effectiveDateTime": start} if start else {}


def _performers(observations: list[Json]) -> list[Json]:
    """Whoever performed the observations, each once."""
    found = {p["reference"]: p for o in observations for p in o.get("performer", ())}
    return list(found.values())


def _interpreters(obr: Segment, ctx: Context) -> list[Json]:
    """Principal result interpreter (OBR-32), then assistants (OBR-33)."""
    return present(_ndl_reference(ndl, ctx) for field in (obr[32], obr[33]) for ndl in field)


def _ndl_reference(ndl: Repetition, ctx: Context) -> Json:
    """NDL.1 (CNN: id, family, given, middle, suffix, prefix, degree, source, authority) → Practitioner."""
    practitioner = cnn_practitioner(ndl, ctx)
    if practitioner is None:
        return {}
    return ctx.reference(practitioner, full_name(practitioner.get("name", [{}])[0]))


def _attachments(observations: list[Json]) -> list[Json]:
    """Reports that came as documents (OBX of type ED or RP)."""
    return [
        compact(e["valueAttachment"])
        for observation in observations
        for e in observation.get("extension", ())
        if e["url"] == ATTACHMENT
    ]
