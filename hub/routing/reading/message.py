"""What a bundle states: the only place where routing looks at FHIR."""

from collections.abc import Iterator

from hub.fhir.labels import withheld
from hub.fhir.order_codes import REFERRAL_CODES
from hub.fhir.systems import EVENT
from hub.model import Json
from hub.routing.instants import instant
from hub.routing.reading.bundle import Resources, human_name
from hub.routing.reading.clinical import document_statement, encounter_statement, result_statement
from hub.routing.reading.referrals import appointment_signal, referral_signals, task_signals
from hub.routing.statements import MergeStatement, Reading, Source, Statement, UnmergeStatement

TEST_DATA = "test data (MSH-11) never leaves the hub"

UNLINK = "A37"
ANSWER = "R04"
"""The answer to a query (ORF^R04): results that somebody asked for, of whatever age. They are no news, and must not
take the place of the message that brings them as news."""

_NO_VISIT = frozenset({"A18", "A24", "A28", "A29", "A30", "A31", "A34", "A35", "A36", "A37", "A39", "A40"}) | frozenset(
    {"A41", "A43", "A44", "A46", "A47", "A48", "A49"}
)
"""ADT events that say something of persons or accounts and nothing of a visit, whatever their PV1 repeats."""

_BY_STATUS = {
    "planned": "A05",
    "arrived": "A04",
    "triaged": "A04",
    "in-progress": "A01",
    "onleave": "A21",
    "finished": "A03",
    "cancelled": "A11",
    "entered-in-error": "A11",
}
"""Encounter.status of a posted Encounter to the event of HL7 v2 that says the same; any other only describes."""


def read(bundle: Json, message_id: str, person_id: str, received_at: str, feed: str = "") -> Reading:
    """The statements of one message bundle. ``received_at`` is UTC text; ``feed`` makes keys of identifiers that name
    no authority."""
    resources = Resources(bundle, feed)
    header = next(iter(resources.of("MessageHeader")), {})
    trigger = header.get("eventCoding", {}).get("code", "")
    source = _source(resources, message_id, person_id, received_at)
    return Reading(
        source=source,
        trigger=trigger,
        statements=tuple(_statements(resources, trigger, source)),
        named_pcps=resources.named_pcps,
        silent=TEST_DATA if _is_test(header) else withheld([header, resources.patient] if resources.patient else []),
        patient=_display(resources.patient),
    )


def _source(resources: Resources, message_id: str, person_id: str, received_at: str) -> Source:
    provenance = next((p for p in resources.of("Provenance") if _is_of_message(resources, p)), {})
    occurred_at = provenance.get("occurredDateTime") or received_at
    return Source(message_id, person_id, occurred_at, instant(occurred_at, received_at), received_at)


def _is_of_message(resources: Resources, provenance: Json) -> bool:
    """Whether it says where the message itself comes from, and not a document or an appointment in it."""
    target = resources.at(next(iter(provenance.get("target", ())), None))
    return target is not None and target["resourceType"] == "MessageHeader"


def _is_test(header: Json) -> bool:
    return any(tag.get("code") == "HTEST" for tag in header.get("meta", {}).get("tag", ()))


def _statements(resources: Resources, trigger: str, source: Source) -> Iterator[Statement]:
    yield from _unmerges(resources, source) if trigger == UNLINK else _merges(resources, source)
    if trigger.startswith("A") and trigger not in _NO_VISIT:
        for encounter in resources.about_patient("Encounter"):
            yield encounter_statement(resources, encounter, trigger, source)
    for encounter in _posted_visits(resources):
        yield encounter_statement(resources, encounter, _BY_STATUS.get(encounter["status"], "A08"), source)
    if trigger != ANSWER:
        for report in resources.about_patient("DiagnosticReport"):
            yield result_statement(resources, report, source)
    for document in resources.about_patient("DocumentReference"):
        yield document_statement(resources, document, source)
    yield from _referrals(resources, source)


def _referrals(resources: Resources, source: Source) -> Iterator[Statement]:
    for order in resources.about_patient("ServiceRequest"):
        if _is_referral(order):
            yield from referral_signals(resources, order, source)
    for task in resources.of("Task"):
        yield from task_signals(resources, task, source)
    for appointment in resources.of("Appointment"):
        yield from appointment_signal(resources, appointment, source)


def _posted_visits(resources: Resources) -> Iterator[Json]:
    """The visits that a posted message is about, not those that an order or a document only takes place in."""
    header = next(iter(resources.of("MessageHeader")), {})
    if header.get("eventCoding", {}).get("system") != EVENT:
        return
    focus = [resources.at(reference) for reference in header.get("focus", ())]
    yield from (encounter for encounter in resources.about_patient("Encounter") if encounter in focus)


def _is_referral(order: Json) -> bool:
    concepts = (*order.get("category", ()), order.get("code", {}))
    codings = ((c.get("system"), c.get("code")) for concept in concepts for c in concept.get("coding", ()))
    return any(coding in REFERRAL_CODES for coding in codings)


def _merges(resources: Resources, source: Source) -> Iterator[MergeStatement]:
    """Merged pairs, and linked ones once."""
    seen: list[str] = []
    for survivor in resources.of("Patient"):
        for link in survivor.get("link", ()):
            other = resources.at(link["other"]) if link["type"] in ("replaces", "seealso") else None
            if other and resources.keys(other)[0] not in seen:
                yield MergeStatement(source, resources.keys(survivor)[0], resources.keys(other)[0])
        seen += resources.keys(survivor)[:1]


def _unmerges(resources: Resources, source: Source) -> Iterator[UnmergeStatement]:
    for other in resources.of("Patient"):
        if other is not resources.patient:
            yield UnmergeStatement(source, resources.keys(resources.patient)[0], resources.keys(other)[0])


def _display(patient: Json) -> dict[str, object]:
    return {
        "name": human_name(patient),
        "birth_date": patient.get("birthDate", ""),
        "sex": patient.get("gender", ""),
    }
