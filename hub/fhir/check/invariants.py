"""The invariants of FHIR R4 that bind what the hub writes, by the types whose definitions state them.

Most say which elements go together: they follow from the *names* of an element's members alone. The others look at
values, and only where the members they speak of are there. Which ones are left out says
docs/decisions/0014-the-check-is-compiled.md.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any, TypeAlias

from hub.fhir.moments import later
from hub.fhir.systems import TERMINOLOGY
from hub.model import Json

Names: TypeAlias = Set[str]
"""What an element says something of: its members, a choice by its stem (``value`` for ``valueString``)."""


@dataclass(frozen=True, slots=True)
class OfNames:
    """An invariant over the names of members."""

    key: str
    says: str
    holds: Callable[[Names], bool]


@dataclass(frozen=True, slots=True)
class OfValues:
    """An invariant over values, which is looked at where all of ``needs`` are there."""

    key: str
    says: str
    needs: frozenset[str]
    holds: Callable[[Json], bool]


def _given(needed: str, *by: str) -> Callable[[Names], bool]:
    """One of ``by`` needs ``needed``."""
    return lambda names: needed in names or names.isdisjoint(by)


def _some(*wanted: str) -> Callable[[Names], bool]:
    return lambda names: not names.isdisjoint(wanted)


def _not_both(one: str, other: str) -> Callable[[Names], bool]:
    return lambda names: not (one in names and other in names)


def _both_or_none(one: str, other: str) -> Callable[[Names], bool]:
    return lambda names: (one in names) == (other in names)


OF_NAMES: dict[str, tuple[OfNames, ...]] = {
    "Extension": (
        OfNames(
            "ext-1", "has either a value or extensions", lambda names: ("value" in names) != ("extension" in names)
        ),
    ),
    "Attachment": (OfNames("att-1", "data needs a contentType", _given("contentType", "data")),),
    "ContactPoint": (OfNames("cpt-2", "a value needs a system", _given("system", "value")),),
    "Quantity": (OfNames("qty-3", "a code of the unit needs its system", _given("system", "code")),),
    "Age": (OfNames("age-1", "a value needs a code", _given("code", "value")),),
    "Count": (OfNames("cnt-3", "a value needs a code", _given("code", "value")),),
    "Distance": (OfNames("dis-1", "a value needs a code", _given("code", "value")),),
    "Duration": (OfNames("drt-1", "a code needs a value", _given("value", "code")),),
    "Ratio": (
        OfNames("rat-1", "numerator and denominator go together", _both_or_none("numerator", "denominator")),
        OfNames("rat-1", "has a numerator or an extension", _some("numerator", "extension")),
    ),
    "Expression": (OfNames("exp-1", "has an expression or a reference", _some("expression", "reference")),),
    "Timing.repeat": (
        OfNames("tim-1", "a duration needs its unit", _given("durationUnit", "duration")),
        OfNames("tim-2", "a period needs its unit", _given("periodUnit", "period")),
        OfNames("tim-6", "periodMax needs a period", _given("period", "periodMax")),
        OfNames("tim-7", "durationMax needs a duration", _given("duration", "durationMax")),
        OfNames("tim-8", "countMax needs a count", _given("count", "countMax")),
        OfNames("tim-9", "an offset needs a when", _given("when", "offset")),
        OfNames("tim-10", "has timeOfDay or when, not both", _not_both("timeOfDay", "when")),
    ),
    "Patient.contact": (
        OfNames(
            "pat-1",
            "has a name, telecom, address or organization",
            _some("name", "telecom", "address", "organization"),
        ),
    ),
    "Organization": (OfNames("org-1", "has a name or an identifier", _some("name", "identifier")),),
    "Observation": (
        OfNames("obs-6", "dataAbsentReason stands where there is no value", _not_both("dataAbsentReason", "value")),
    ),
    "Observation.referenceRange": (OfNames("obs-3", "has low, high or text", _some("low", "high", "text")),),
    "ServiceRequest": (OfNames("prr-1", "orderDetail needs a code", _given("code", "orderDetail")),),
    "Appointment": (OfNames("app-2", "has start and end, or neither", _both_or_none("start", "end")),),
    "Appointment.participant": (OfNames("app-1", "has a type or an actor", _some("type", "actor")),),
    "AppointmentResponse": (OfNames("apr-1", "has a participantType or an actor", _some("participantType", "actor")),),
    "Bundle.entry": (OfNames("bdl-5", "has a resource", _some("resource", "request", "response")),),
    "CarePlan.activity": (OfNames("cpl-3", "has a detail or a reference, not both", _not_both("detail", "reference")),),
    "Condition.stage": (OfNames("con-1", "has a summary or an assessment", _some("summary", "assessment")),),
    "Condition.evidence": (OfNames("con-2", "has a code or a detail", _some("code", "detail")),),
    "Consent": (OfNames("ppc-1", "has a policy or a policyRule", _some("policy", "policyRule")),),
    "FamilyMemberHistory": (
        OfNames("fhs-1", "has age or born, not both", _not_both("age", "born")),
        OfNames("fhs-2", "estimatedAge needs an age", _given("age", "estimatedAge")),
    ),
    "Goal.target": (OfNames("gol-1", "a detail needs its measure", _given("measure", "detail")),),
    "Immunization.education": (
        OfNames("imm-1", "has a documentType or a reference", _some("documentType", "reference")),
    ),
    "ImmunizationRecommendation.recommendation": (
        OfNames("imr-1", "has a vaccineCode or a targetDisease", _some("vaccineCode", "targetDisease")),
    ),
    "InsurancePlan": (OfNames("ipn-1", "has a name or an identifier", _some("name", "identifier")),),
    "List": (OfNames("lst-1", "emptyReason stands where there is no entry", _not_both("emptyReason", "entry")),),
    "MedicationAdministration.dosage": (OfNames("mad-1", "has a dose or a rate", _some("dose", "rate")),),
    "QuestionnaireResponse.item": (OfNames("qrs-1", "has answers or items, not both", _not_both("answer", "item")),),
}


def _has(concept: Any, system: str, *codes: str) -> bool:
    """Whether a CodeableConcept is one of these codes of HL7's code system."""
    url = TERMINOLOGY + system
    return any(c.get("system") == url and c.get("code") in codes for c in concept.get("coding", ()))


def _in_order(first: str, last: str) -> Callable[[Json], bool]:
    return lambda element: not later(element[first], element[last])


def _repeated_code(observation: Json) -> bool:
    """Whether a component has the Observation's own code (obs-7)."""
    own = [coding for coding in observation["code"].get("coding", ()) if isinstance(coding, dict)]
    return any(c in own for part in observation["component"] for c in part.get("code", {}).get("coding", ()))


def _positive(number: Any) -> bool:
    return not isinstance(number, int | float) or number >= 0


def _type(entry: Json) -> str | None:
    kind: str | None = entry.get("resource", {}).get("resourceType")
    return kind


def _distinct(urls: list[str]) -> bool:
    return len(urls) == len(set(urls))


def _agrees(entry: Json) -> bool:
    """Whether a full URL is the id as a UUID, or an address that ends with it."""
    url, identity = entry["fullUrl"], entry["resource"].get("id", "")
    if url[9:] == identity:
        return bool(url[:9] == "urn:uuid:")
    return bool(url.startswith("http") and url.endswith(f"/{identity}"))


_ALLERGY, _CONDITION = "allergyintolerance-verification", "condition-ver-status"

OF_VALUES: dict[str, tuple[OfValues, ...]] = {
    "Period": (
        OfValues("per-1", "does not end before it starts", frozenset({"start", "end"}), _in_order("start", "end")),
    ),
    "Task": (
        OfValues(
            "inv-1",
            "is not modified before it is authored",
            frozenset({"authoredOn", "lastModified"}),
            _in_order("authoredOn", "lastModified"),
        ),
    ),
    "MedicationDispense": (
        OfValues(
            "mdd-1",
            "is not handed over before it is prepared",
            frozenset({"whenPrepared", "whenHandedOver"}),
            _in_order("whenPrepared", "whenHandedOver"),
        ),
    ),
    "Organization": (
        OfValues(
            "org-2",
            "has no address of use home",
            frozenset({"address"}),
            lambda one: all(address.get("use") != "home" for address in one["address"]),
        ),
        OfValues(
            "org-3",
            "has no telecom of use home",
            frozenset({"telecom"}),
            lambda one: all(telecom.get("use") != "home" for telecom in one["telecom"]),
        ),
    ),
    "Observation": (
        OfValues(
            "obs-7",
            "has no value where a component has its code",
            frozenset({"value", "component", "code"}),
            lambda observation: not _repeated_code(observation),
        ),
    ),
    "AllergyIntolerance": (
        OfValues(
            "ait-1",
            "has a clinicalStatus unless it is entered in error",
            frozenset(),
            lambda one: (
                "clinicalStatus" in one or _has(one.get("verificationStatus", {}), _ALLERGY, "entered-in-error")
            ),
        ),
        OfValues(
            "ait-2",
            "has no clinicalStatus when it is entered in error",
            frozenset({"clinicalStatus", "verificationStatus"}),
            lambda one: not _has(one["verificationStatus"], _ALLERGY, "entered-in-error"),
        ),
    ),
    "Condition": (
        OfValues(
            "con-4",
            "is inactive, in remission or resolved when it is abated",
            frozenset({"abatement"}),
            lambda one: _has(one.get("clinicalStatus", {}), "condition-clinical", "resolved", "remission", "inactive"),
        ),
        OfValues(
            "con-5",
            "has no clinicalStatus when it is entered in error",
            frozenset({"clinicalStatus", "verificationStatus"}),
            lambda one: not _has(one["verificationStatus"], _CONDITION, "entered-in-error"),
        ),
    ),
    "Appointment": (
        OfValues(
            "app-3",
            "has start and end unless it is proposed, cancelled or on a waitlist",
            frozenset({"status"}),
            lambda one: (
                not one.keys().isdisjoint(("start", "_start")) or one["status"] in ("proposed", "cancelled", "waitlist")
            ),
        ),
        OfValues(
            "app-4",
            "has a cancelationReason only when it is cancelled or the patient did not come",
            frozenset({"cancelationReason", "status"}),
            lambda one: one["status"] in ("noshow", "cancelled"),
        ),
    ),
    "Group": (
        OfValues(
            "grp-1", "has members when it is actual", frozenset({"member"}), lambda one: one.get("actual") is True
        ),
    ),
    "Timing.repeat": (
        OfValues("tim-4", "has no negative duration", frozenset({"duration"}), lambda one: _positive(one["duration"])),
        OfValues("tim-5", "has no negative period", frozenset({"period"}), lambda one: _positive(one["period"])),
        OfValues(
            "tim-9",
            "has no offset from a meal itself",
            frozenset({"offset", "when"}),
            lambda one: not {"C", "CM", "CD", "CV"}.intersection(one["when"]),
        ),
    ),
    "Bundle": (
        OfValues(
            "bdl-12",
            "begins with a MessageHeader when it is a message",
            frozenset({"entry"}),
            lambda one: one.get("type") != "message" or _type(one["entry"][0]) == "MessageHeader",
        ),
        OfValues(
            "bdl-7",
            "has no full URL twice",
            frozenset({"entry"}),
            lambda one: _distinct([entry["fullUrl"] for entry in one["entry"] if "fullUrl" in entry]),
        ),
    ),
    "Bundle.entry": (
        OfValues(
            "fullUrl",
            "has the id of its resource in its full URL",
            frozenset({"fullUrl", "resource"}),
            _agrees,
        ),
    ),
}
"""The keys are those of the specification; ``fullUrl`` is its rule on resolving references (section 2.36.4)."""
