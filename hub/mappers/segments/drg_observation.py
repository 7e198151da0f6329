"""DRG, and the grouper's fields of DG1 → Observation of the diagnosis related group (HL7 v2.9, chapter 6.5.3)."""

from hub.fhir.build import compact, present
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.dispatch import segment
from hub.mappers.facts import COUNT, DAYS, MINUTES, YES_NO, Fact, coded, components, facts, money, wording
from hub.model import Json

GROUP = {"text": "Diagnosis related group"}
_FACTS = (
    Fact(3, "DRG approved", YES_NO),
    Fact(4, "DRG grouper review", coded("0056")),
    Fact(5, "Outlier type", coded("0083")),
    Fact(6, "Outlier days", DAYS),
    Fact(7, "Outlier cost", money),
    Fact(8, "DRG payor", coded("0229")),
    Fact(9, "Outlier reimbursement", money),
    Fact(10, "Confidential", YES_NO),
    Fact(11, "DRG transfer type", coded("0415")),
    Fact(13, "Grouper status", coded("0734")),
    Fact(14, "Patient clinical complexity level", coded("0728")),
    Fact(15, "Effective weight", COUNT),
    Fact(16, "Monetary amount", money),
    Fact(17, "Status of the patient", coded("0739")),
    Fact(18, "Grouper software", coded()),
    Fact(19, "Grouper software version", coded()),
    Fact(20, "Status of the financial calculation", coded("0742")),
    Fact(21, "Relative discount or surcharge", money),
    Fact(22, "Basic charge", money),
    Fact(23, "Total charge", money),
    Fact(24, "Discount or surcharge", money),
    Fact(25, "Calculated days", DAYS),
    Fact(26, "Status of the sex", coded("0749")),
    Fact(27, "Status of the age", coded("0749")),
    Fact(28, "Status of the length of stay", coded("0749")),
    Fact(29, "Same day", coded("0749")),
    Fact(30, "Status of the separation mode", coded("0749")),
    Fact(31, "Status of the weight at birth", coded("0755")),
    Fact(32, "Ventilation minutes", MINUTES),
    Fact(33, "Status of the ventilation minutes", coded("0757")),
)


@segment("DRG")
def drg_observation(drg: Segment, ctx: Context) -> Json | None:
    """Adds the group (DRG-1), when it was assigned (-2) and by whom (-12), with the grouper's results as components."""
    coder = [full_name(xpn_humanname(name, ctx)) for name in drg[12]]
    return related_group(
        drg,
        {
            "valueCodeableConcept": cwe_codeableconcept(drg[1], ctx),
            "effectiveDateTime": field_datetime(drg[2], ctx),
            "performer": [{"display": name} for name in coder if name],
            "component": components(facts(drg, _FACTS, ctx)),
        },
        ctx,
    )


def related_group(source: Segment, members: Json, ctx: Context) -> Json | None:
    """Adds the Observation of a group; without a patient its segment is kept as it is."""
    found = compact(members)
    if not present([found.get("valueCodeableConcept"), found.get("component")]):
        return None
    return ctx.add(
        {
            "resourceType": "Observation",
            "extension": ctx.removals(source),
            "status": "final",
            "code": GROUP,
            "subject": ctx.whom,
            "encounter": ctx.visit,
            **found,
        },
        ctx.stay,
        "DRG",
        "|".join(map(wording, source)),
    )
