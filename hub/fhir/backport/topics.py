"""The topics that can be subscribed to, and what can be filtered by."""

from dataclasses import dataclass

from hub.model import Json, Notification

TOPIC = "urn:carering:topic:"

TOPICS = {
    "encounter-transition": ("encounter.",),
    "result-posted": ("result.",),
    "document-posted": ("document.", "treatment."),
    "referral-status": ("referral.",),
}
"""By name, the beginnings of the types of care events that a topic is about."""

FOCUS = {
    "encounter-transition": "Encounter",
    "result-posted": "DiagnosticReport",
    "document-posted": "DocumentReference",
    "referral-status": "ServiceRequest",
}
"""The type of resource that a topic's events are about."""

FILTERS = {
    "patient": "the patient, Patient/<id>",
    "_in": "the practice's panel, Group/<practice>",
    "kind": "the kind of happening: ed-arrival, inpatient-admit, discharge, …",
    "severity": "low, medium, high or urgent",
    "facility": "where it happened, as the notice names it",
    "class": "the class of visit, a v3-ActCode: EMER, IMP, OBSENC, AMB",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One criterion: a parameter, of which one of the values must hold."""

    parameter: str
    values: tuple[str, ...]

    def admits(self, notice: Notification) -> bool:
        """Whether the notice is among what is asked for."""
        return _value(self.parameter, notice) in self.values


def _value(parameter: str, notice: Notification) -> str:
    by_name = {
        "patient": f"Patient/{notice.person_id}",
        "_in": f"Group/{notice.practice_id}",
        "kind": notice.kind,
        "severity": notice.urgency.value,
    }
    return by_name.get(parameter) or str(notice.facts.get(parameter, ""))


def topic_of(notice: Notification) -> str:
    """The name of the topic that a notice belongs to; empty when it belongs to none."""
    kind = str(notice.facts.get("type", ""))
    return next((name for name, begins in TOPICS.items() if kind.startswith(begins)), "")


def as_basic(name: str) -> Json:
    """A topic as R4 knows it: a Basic resource (Subscriptions R5 Backport, section Topic Discovery)."""
    r5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic."
    filters = [
        {
            "url": f"{r5}canFilterBy",
            "extension": [
                {"url": "description", "valueMarkdown": text},
                {"url": "resource", "valueUri": FOCUS[name]},
                {"url": "filterParameter", "valueString": parameter},
            ],
        }
        for parameter, text in FILTERS.items()
    ]
    return {
        "resourceType": "Basic",
        "id": name,
        "extension": [
            {"url": f"{r5}url", "valueUri": TOPIC + name},
            {"url": f"{r5}title", "valueString": name.replace("-", " ")},
            {"url": f"{r5}status", "valueCode": "active"},
            *filters,
        ],
        "code": {"coding": [{"system": "http://hl7.org/fhir/fhir-types", "code": "SubscriptionTopic"}]},
    }
