"""IPC → identifiers and details of an imaging order, and its ImagingStudy (HL7 v2.9, chapter 4.5.6)."""

from hub.fhir.build import compact, complete, present
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.ei_device import device
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_DICOM = "urn:dicom:uid"


@segment("IPC")
def ipc_alone(ipc: Segment, ctx: Context) -> Json | None:
    """An IPC that stands by itself tells of a study alone."""
    if ctx.subject is None:
        zzz_basic(ipc, ctx)
        return None
    return _study(ipc, ctx)


def ipc_servicerequest(ipc: Segment, request: Json, ctx: Context) -> None:
    """Completes the order: IPC-1 accession, -2 requested procedure and -4 step numbers, -6 protocols, -8 where, -7 and
    -9 the station; the study itself (-3, -5) is an ImagingStudy that is based on it."""
    details = [cwe_codeableconcept(cwe, ctx) for cwe in ipc[6]]
    station = _station(ipc, ctx)
    more = {
        "identifier": _numbers(ipc, ctx),
        "orderDetail": present(details) if "code" in request else None,
        "locationCode": present(cwe_codeableconcept(cwe, ctx) for cwe in ipc[8]),
        "performer": [ctx.reference(station)] if station else None,
    }
    complete(request, compact(more))
    if ctx.subject is not None:
        study = _study(ipc, ctx)
        complete(study, {"basedOn": [ctx.reference(request)]})


def _numbers(ipc: Segment, ctx: Context) -> list[Json]:
    kinds = ((1, "ACSN", ""), (2, "", "Requested procedure"), (4, "", "Scheduled procedure step"))
    found = []
    for number, kind, words in kinds:
        identifier = ei_identifier(ipc[number].first, ctx)
        if identifier:
            found.append(typed(identifier, kind) if kind else {"type": {"text": words}, **identifier})
    return found


def _study(ipc: Segment, ctx: Context) -> Json:
    """Adds the ImagingStudy, known by its instance UID (IPC-3), else by its accession number."""
    uid = ipc[3].text
    accession = typed(ei_identifier(ipc[1].first, ctx), "ACSN")
    assigner = ei_identifier(ipc[3].first, ctx).get("assigner")
    instance = {"system": _DICOM, "value": uid if uid.startswith("urn:") else f"urn:oid:{uid}", "assigner": assigner}
    of_study = compact(instance) if uid else {}
    key = of_study or accession
    modality = cwe_codeableconcept(ipc[5], ctx) if ipc[5] else {}
    return ctx.add(
        {
            "resourceType": "ImagingStudy",
            "identifier": present([of_study, accession]),
            "status": "registered",
            "modality": modality.get("coding"),
            "subject": ctx.subject,
            "encounter": ctx.visit,
            "procedureCode": present(cwe_codeableconcept(cwe, ctx) for cwe in ipc[6]),
        },
        identifier_key(key, ctx.feed.name) if key else f"{ctx.raw.id}|{ipc.line}",
    )


def _station(ipc: Segment, ctx: Context) -> Json:
    """Adds the Device that is scheduled: IPC-7 its number, -9 its DICOM application entity title."""
    number, title = ei_identifier(ipc[7].first, ctx), ipc[9].text
    key = number or ({"value": title} if title else {})
    if not key:
        return {}
    members = {
        "identifier": present([number]),
        "deviceName": [{"name": title, "type": "other"}] if title else None,
        "type": {"text": "Imaging station"},
    }
    return device(members, key, ctx)
