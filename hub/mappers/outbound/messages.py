"""Which segments make which message."""

from collections.abc import Callable

from hub.formats.hl7v2.build import build
from hub.mappers.outbound.appointment_sch import appointment_notes, appointment_resources, appointment_sch
from hub.mappers.outbound.condition_dg1 import conditions_dg1, encounter_dg1
from hub.mappers.outbound.diagnosticreport_obr import diagnosticreport_obr
from hub.mappers.outbound.documentreference_txa import documentreference_obx, documentreference_txa
from hub.mappers.outbound.encounter_pv1 import encounter_pv1
from hub.mappers.outbound.header_msh import Built, header_evn, header_msa, header_msh
from hub.mappers.outbound.observation_obx import observation_obx
from hub.mappers.outbound.patient_pid import patient_pd1, patient_pid
from hub.mappers.outbound.resources import Envelope, Resources
from hub.mappers.outbound.servicerequest_orc import (
    notes,
    servicerequest_obr,
    servicerequest_orc,
    servicerequest_prt,
    servicerequest_tq1,
)
from hub.mappers.outbound.servicerequest_rf1 import is_referral, parties_prd, servicerequest_rf1
from hub.model import Json


def message(bundle: Json, kind: str, envelope: Envelope) -> bytes:
    """The message of that kind (``MDM^T02``) that says what the bundle says. Raises ``ValueError`` for a kind that is
    not one of ``MESSAGES``, and for a bundle without what the message is about."""
    name = kind.partition("^")[0]
    if name not in MESSAGES:
        raise ValueError(f"messages of type {name} are not sent")
    resources = Resources(bundle)
    return build([header_msh(kind, envelope), *MESSAGES[name](kind, resources, envelope)])


def _adt(kind: str, resources: Resources, envelope: Envelope) -> list[Built]:
    return [
        header_evn(kind, resources, envelope),
        *_patient_and_visit(resources),
        *encounter_dg1(resources.first("Encounter"), resources),
    ]


def _mdm(kind: str, resources: Resources, envelope: Envelope) -> list[Built]:
    document = _needed("DocumentReference", resources)
    return [
        header_evn(kind, resources, envelope),
        *_patient_and_visit(resources),
        *_answered(document, resources),
        documentreference_txa(document, resources),
        *documentreference_obx(document),
    ]


def _answered(document: Json, resources: Resources) -> list[Built]:
    """The orders that the document answers, as far as the bundle knows them."""
    orders = resources.each(document.get("context", {}).get("related"), "ServiceRequest")
    return [
        segment
        for number, request in enumerate({order["id"]: order for order in orders}.values(), 1)
        for segment in (
            servicerequest_orc(request, resources),
            servicerequest_obr(request, number, resources),
            *notes(request.get("note"), resources),
        )
    ]


def _oru(kind: str, resources: Resources, envelope: Envelope) -> list[Built]:
    _needed("DiagnosticReport", resources)
    reports = enumerate(resources.of("DiagnosticReport"), 1)
    return [
        *_patient_and_visit(resources),
        *(segment for number, report in reports for segment in diagnosticreport_obr(report, number, resources)),
    ]


def _omg(kind: str, resources: Resources, envelope: Envelope) -> list[Built]:
    _needed("ServiceRequest", resources)
    found = _patient_and_visit(resources)
    for number, request in enumerate(resources.of("ServiceRequest"), 1):
        found += [
            servicerequest_orc(request, resources),
            *servicerequest_tq1(request),
            servicerequest_obr(request, number, resources),
            *notes(request.get("note"), resources),
            *servicerequest_prt(request, resources),
            *conditions_dg1(resources.each(request.get("reasonReference"), "Condition")),
            *_observations(request.get("supportingInfo"), resources),
        ]
    return found


def _osu(kind: str, resources: Resources, envelope: Envelope) -> list[Built]:
    _needed("ServiceRequest", resources)
    orders = [servicerequest_orc(request, resources) for request in resources.of("ServiceRequest")]
    return [*_pid(resources), *orders]


def _siu(kind: str, resources: Resources, envelope: Envelope) -> list[Built]:
    appointment = _needed("Appointment", resources)
    return [
        appointment_sch(appointment, resources),
        *appointment_notes(appointment),
        *_patient_and_visit(resources),
        *_observations(appointment.get("supportingInformation"), resources),
        *conditions_dg1(resources.each(appointment.get("reasonReference"), "Condition")),
        *appointment_resources(appointment, resources),
    ]


def _referral(kind: str, resources: Resources, envelope: Envelope) -> list[Built]:
    request = next(filter(is_referral, resources.of("ServiceRequest")), {}) or _needed("ServiceRequest", resources)
    answer = header_msa(resources) if kind.startswith("RRI") else []
    return [
        *answer,
        servicerequest_rf1(request, resources),
        *parties_prd(request, resources),
        *([patient_pid(resources.patient)] if resources.patient else ()),
        *conditions_dg1(resources.each(request.get("reasonReference"), "Condition")),
        *_results(request, resources),
        *encounter_pv1(resources.first("Encounter"), resources),
    ]


def _results(request: Json, resources: Resources) -> list[Built]:
    """The reports that come with a referral, which has no ORC."""
    reports = enumerate(resources.each(request.get("supportingInfo"), "DiagnosticReport"), 1)
    found = [segment for number, report in reports for segment in diagnosticreport_obr(report, number, resources)]
    return [segment for segment in found if segment[0] != "ORC"]


MESSAGES: dict[str, Callable[[str, Resources, Envelope], list[Built]]] = {
    "ADT": _adt,
    "MDM": _mdm,
    "ORU": _oru,
    "OMG": _omg,
    "OSU": _osu,
    "SIU": _siu,
    "REF": _referral,
    "RRI": _referral,
}
"""The types of messages that can be sent."""


def _observations(references: list[Json] | None, resources: Resources) -> list[Built]:
    found = enumerate(resources.each(references, "Observation"), 1)
    return [segment for number, one in found for segment in observation_obx(one, number, resources)]


def _needed(kind: str, resources: Resources) -> Json:
    """The resource that a message is about."""
    if found := resources.first(kind):
        return found
    raise ValueError(f"the bundle has no {kind}")


def _pid(resources: Resources) -> list[Built]:
    """The patient with his practitioners."""
    patient = resources.patient
    return [patient_pid(patient), *patient_pd1(patient, resources)] if patient else []


def _patient_and_visit(resources: Resources) -> list[Built]:
    visits = [one for one in resources.of("Encounter") if resources.at(one.get("subject")) is resources.patient]
    return [*_pid(resources), *encounter_pv1(visits[0] if visits else {}, resources)]
