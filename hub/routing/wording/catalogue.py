"""How events are told, by the name that a rule gives: a title of one line and a text of a few plain sentences.

No wording names the patient: whoever shows a notice says whose it is, and a channel that may not say it does not.
Corrections begin with CORRECTED, cancellations with CANCELLED.
"""

from hub.model import CareEvent
from hub.routing.wording import findings, visits
from hub.routing.wording.phrases import Wording, Words
from hub.routing.wording.referrals import referral

WORDINGS: dict[str, Wording] = {
    "ed_arrival": visits.arrival("Emergency arrival", "Arrived in the emergency department"),
    "inpatient_admit": visits.arrival("Admitted as an inpatient", "Admitted"),
    "observation": visits.arrival("Under observation", "Under observation since"),
    "ed_to_inpatient": visits.to_inpatient,
    "inpatient_to_outpatient": visits.to_outpatient,
    "readmission": visits.readmission,
    "transfer": visits.transfer,
    "discharge": visits.discharge,
    "ed_discharge": visits.ed_discharge,
    "discharge_amended": visits.discharge_amended,
    "death": visits.death,
    "admit_cancelled": visits.cancelled("admission"),
    "discharge_cancelled": visits.cancelled("discharge"),
    "transfer_cancelled": visits.cancelled("transfer"),
    "result_critical": findings.result("Critical result"),
    "result_abnormal": findings.result("Abnormal result"),
    "result_final": findings.result("Result"),
    "result_corrected": findings.result_corrected,
    "document": findings.document,
    "discharge_summary": findings.discharge_summary,
    "document_retracted": findings.document_retracted,
    "treatment_change": findings.treatment_change,
    "referral": referral,
}
"""The names that rules may use."""


def word(name: str, event: CareEvent) -> Words:
    """The event in the words of that name. Raises ``KeyError`` for a name that does not exist."""
    return WORDINGS[name](event.facts)
