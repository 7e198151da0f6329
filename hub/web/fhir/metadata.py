"""What the FHIR end for practices can do: its CapabilityStatement (FHIR R4, section 5.4), no more and no less."""

from hub import __version__
from hub.fhir.backport import PROFILES
from hub.fhir.backport.topics import TOPIC, TOPICS
from hub.model import Json
from hub.services.practice.told import READABLE

_OPERATION = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-"


def capability_statement(base: str, date: str) -> Json:
    """The statement; ``date`` is when the server was started, a FHIR dateTime."""
    reads = [{"type": kind, "interaction": [{"code": "read"}]} for kind in ("Basic", "Group", *READABLE)]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "publisher": "Carering",
        "kind": "instance",
        "software": {"name": "Carering", "version": __version__},
        "implementation": {"description": "What a practice is told, and its subscriptions", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "implementationGuide": [
            "http://hl7.org/fhir/uv/subscriptions-backport/ImplementationGuide/hl7.fhir.uv.subscriptions-backport"
        ],
        "rest": [
            {
                "mode": "server",
                "documentation": "Each practice sees its own subscriptions and what it was told.",
                "security": {"description": "A bearer token of a practice: Authorization: Bearer …"},
                "resource": [_subscription(), _patient(), *(r for r in reads if r["type"] != "Patient")],
            }
        ],
    }


def _patient() -> Json:
    return {
        "type": "Patient",
        "documentation": "Persons of the practice's panel and of its notices, with the identifiers of all systems.",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "family", "type": "string"},
            {"name": "given", "type": "string"},
            {"name": "birthdate", "type": "date"},
            {"name": "gender", "type": "token"},
            {"name": "identifier", "type": "token"},
        ],
        "operation": [
            {"name": "match", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-match"},
            {"name": "ihe-pix", "definition": "https://profiles.ihe.net/ITI/PIXm/OperationDefinition/IHE.PIXm.pix"},
        ],
    }


def _subscription() -> Json:
    return {
        "type": "Subscription",
        "extension": [
            {"url": f"{PROFILES}capabilitystatement-subscriptiontopic-canonical", "valueCanonical": TOPIC + name}
            for name in TOPICS
        ],
        "supportedProfile": [f"{PROFILES}backport-subscription"],
        "interaction": [{"code": code} for code in ("read", "create", "update", "delete", "search-type")],
        "operation": [{"name": name, "definition": f"{_OPERATION}{name}"} for name in ("status", "events")],
    }
