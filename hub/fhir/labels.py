"""Security labels and wishes that say what may leave the hub: who is not told of at all, and what is left out.

v3-Confidentiality: V very restricted, R restricted; v3-ActCode 42CFRPart2: records of substance use disorder treatment.
"""

from collections.abc import Iterable

from hub.fhir.systems import PROTECTION, V2
from hub.model import Json

VERY_RESTRICTED, RESTRICTED, PART_2 = "V", "R", "42CFRPart2"
NO_VIP = frozenset({"N", "NO", "0"})

OPTED_OUT = "the patient wants the record to be protected (PD1-12): nobody is told"
VIP = "the visit is a VIP's (PV1-16): nobody is told"
LABELLED_V = "labelled very restricted (V): nobody is told"
TEST_PERSON = "test data (ZZTEST) never leaves the hub"

PART_2_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""42 CFR 2.32(a)(2): the notice that accompanies a disclosure."""

ENVELOPE_AND_PATIENT = ("MessageHeader", "Patient")


def withheld(resources: Iterable[Json]) -> str:
    """Why nobody may be told of a message with these resources; empty when somebody may."""
    for resource in resources:
        kind = resource["resourceType"]
        if kind == "Patient" and _is_test(resource):
            return TEST_PERSON
        if kind == "Patient" and _is_protected(resource):
            return OPTED_OUT
        if kind in ENVELOPE_AND_PATIENT and VERY_RESTRICTED in labels(resource):
            return LABELLED_V
    return ""


def visit_withheld(encounter: Json) -> str:
    """Why nobody may be told of a visit."""
    if VERY_RESTRICTED in labels(encounter):
        return LABELLED_V
    courtesies = encounter.get("hospitalization", {}).get("specialCourtesy", ())
    codes = [c for courtesy in courtesies for c in courtesy.get("coding", ()) if c.get("system") == V2 + "0099"]
    return VIP if any(c.get("code", "").upper() not in NO_VIP for c in codes) else ""


def restricted(resource: Json) -> bool:
    """Whether diagnosis and reason are to be left out."""
    return RESTRICTED in labels(resource)


def labels(resource: Json) -> set[str]:
    """The codes of a resource's security labels."""
    return {label.get("code", "") for label in resource.get("meta", {}).get("security", ())}


def without_restricted(bundle: Json) -> Json:
    """The bundle without what is labelled R: restricted diagnoses, and of a restricted patient, message or visit all
    diagnoses and reasons."""
    resources = [entry["resource"] for entry in bundle.get("entry", ())]
    everything = any(restricted(r) for r in resources if r["resourceType"] in (*ENVELOPE_AND_PATIENT, "Encounter"))
    gone = {
        entry["fullUrl"]
        for entry in bundle.get("entry", ())
        if entry["resource"]["resourceType"] == "Condition" and (everything or restricted(entry["resource"]))
    }
    if not gone and not everything:
        return bundle
    kept = [e for e in bundle["entry"] if e["fullUrl"] not in gone]
    return {**bundle, "entry": [{**e, "resource": _stripped(e["resource"], gone, everything)} for e in kept]}


def _stripped(resource: Json, gone: set[str], everything: bool) -> Json:
    if resource["resourceType"] != "Encounter":
        return resource
    kept = {k: v for k, v in resource.items() if not (everything and k in ("reasonCode", "reasonReference"))}
    diagnoses = [d for d in kept.pop("diagnosis", ()) if d.get("condition", {}).get("reference") not in gone]
    return {**kept, **({"diagnosis": diagnoses} if diagnoses else {})}


def _is_test(patient: Json) -> bool:
    return any(str(name.get("family", "")).upper().startswith("ZZTEST") for name in patient.get("name", ()))


def _is_protected(patient: Json) -> bool:
    return any(e["url"] == PROTECTION and e.get("valueBoolean") is True for e in patient.get("extension", ()))
