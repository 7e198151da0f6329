"""What the FHIR end of the intake can do: its CapabilityStatement (FHIR R4, section 5.4), no more and no less."""

from hub import __version__
from hub.model import Json

TYPES = (
    *("AllergyIntolerance", "Appointment", "AppointmentResponse", "CarePlan", "CareTeam", "Communication"),
    *("CommunicationRequest", "Composition", "Condition", "Consent", "Coverage", "DiagnosticReport"),
    *("DocumentReference", "Encounter", "EpisodeOfCare", "Flag", "Goal", "Immunization", "MedicationAdministration"),
    *("MedicationDispense", "MedicationRequest", "MedicationStatement", "Observation", "Patient", "Procedure"),
    *("QuestionnaireResponse", "RelatedPerson", "ServiceRequest", "Specimen", "Task"),
)
"""What may be posted by itself: what is about a patient. Clinicians, groups and places come in a bundle with what
refers to them, because the hub takes in messages and keeps no directory."""

_MOVES = {
    "ServiceRequest": "A referral (SNOMED CT 3457005, 103696004, 306206005 or LOINC 57133-1) begins a referral loop.",
    "Task": "Moves the referral that it focuses on, by status, businessStatus (360X codes) and output.",
    "Appointment": "Moves the referral that it is based on: booked, cancelled, noshow.",
    "DocumentReference": "A consult note, or one related to a referral, answers it.",
    "DiagnosticReport": "A result is told of; based on a referral it answers it.",
    "Encounter": "An arrival, admission, discharge or cancellation, by status and class.",
    "Patient": "Who it is; later resources may refer to it.",
}


def capability_statement(date: str) -> Json:
    """The statement; ``date`` is when the server was started, a FHIR dateTime."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "publisher": "Carering",
        "kind": "instance",
        "software": {"name": "Carering", "version": __version__},
        "implementation": {"description": "Intake of FHIR R4: what is posted is durable and becomes a message"},
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "rest": [_rest()],
        "messaging": [
            {
                "documentation": "POST a bundle of type message to $process-message, or to the base. All events are"
                " taken. The answer says that the message is stored, not what became of it.",
            }
        ],
    }


def _rest() -> Json:
    return {
        "mode": "server",
        "documentation": "Write only. A literal reference is found again when the same feed has posted what it leads"
        " to; a message about a patient whom nobody has posted is held for a person to look at.",
        "security": {"description": "A bearer token of a feed: Authorization: Bearer …"},
        "resource": [_resource(kind) for kind in TYPES],
        "interaction": [{"code": "transaction"}, {"code": "batch"}],
        "operation": [
            {
                "name": "process-message",
                "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
            }
        ],
    }


def _resource(kind: str) -> Json:
    return {
        "type": kind,
        **({"documentation": _MOVES[kind]} if kind in _MOVES else {}),
        "interaction": [{"code": "create"}, {"code": "update"}],
        "versioning": "no-version",
        "readHistory": False,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "referencePolicy": ["literal", "logical", "local"],
    }
