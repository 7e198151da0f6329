"""The flat projection of a care event: what rules see as ``event``, what wording speaks of, what explanations show.

Every event has every fact: CEL raises on a missing key, so a rule may ask a lab result for its ``class`` and gets
the empty default. Times are texts as the sender wrote them (ISO 8601 with offset).
"""

from hub.model import Json

DEFAULTS: Json = {
    # the event
    "kind": "",
    "type": "",
    "version": 1,
    "ordinal": 1,
    "amended": False,
    "occurred_at": "",
    "received_at": "",
    "facility": "",
    # the visit
    "class": "",
    "class_before": "",
    "status": "",
    "unit": "",
    "visit_number": "",
    "admit_source": "",
    "disposition": "",
    "disposition_before": "",
    "disposition_group": "",
    "reason": "",
    "diagnosis": "",
    "diagnosis_code": "",
    "attending": "",
    "attending_npi": "",
    "admitted_at": "",
    "inpatient_at": "",
    "discharged_at": "",
    "admission_seen": True,
    "deceased": False,
    "masked": [],
    "labels": [],
    "readmission": False,
    "days_since_discharge": -1,
    "length_of_stay": "",
    "length_of_stay_hours": -1,
    # the result
    "report": "",
    "report_code": "",
    "report_status": "",
    "flag": "",
    "critical": False,
    "abnormal": False,
    "withdrawn": False,
    "values": [],
    "corrections": [],
    "old_value": "",
    "new_value": "",
    "flag_changed": False,
    "performer": "",
    # the document
    "document": "",
    "document_type": "",
    "author": "",
    "author_npi": "",
    "dated": "",
    "final": True,
    "confidence": 1.0,
    "excerpt": "",
    "changes": [],
    # the referral
    "referral": "",
    "referral_number": "",
    "referral_status": "",
    "referral_status_before": "",
    "referral_step": "",
    "priority": "",
    "referral_reason": "",
    "referrer": "",
    "referrer_npi": "",
    "referred_to": "",
    "referred_to_npi": "",
    "referred_to_organization": "",
    "due": "",
    "appointment_at": "",
    "appointments": 0,
    "no_shows": 0,
    "inferred": False,
    "matched_by": "",
    "note": "",
}


def facts(known: Json) -> Json:
    """All facts, those that are known over the defaults. Raises ``KeyError`` for a name that no rule could know."""
    unknown = known.keys() - DEFAULTS.keys()
    if unknown:
        raise KeyError(f"not a fact: {', '.join(sorted(unknown))}")
    return DEFAULTS | known
