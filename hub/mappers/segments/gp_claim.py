"""GP1 and GP2 → the draft Claim of the visit: ambulatory payment classification (HL7 v2.9, chapters 6.5.15, 6.5.16)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.billing import inform, visit_claim
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.facts import COUNT, Fact, coded, facts, money, supporting
from hub.model import Json

_GP1 = (
    Fact(1, "Type of bill", coded("0455")),
    Fact(2, "Revenue code", coded("0456")),
    Fact(3, "Disposition of the claim", coded("0457")),
    Fact(4, "Edits of the claim", coded("0458")),
    Fact(5, "Outlier cost", money),
)
_GP2 = (
    Fact(1, "Revenue code of the procedure", coded("0456")),
    Fact(2, "Units of service", COUNT),
    Fact(3, "Charge", money),
    Fact(4, "Reimbursement action", coded("0459")),
    Fact(5, "Denial or rejection", coded("0460")),
    Fact(6, "Edits of the procedure", coded("0458")),
    Fact(7, "Ambulatory payment classification", coded("0466")),
    Fact(8, "Edits of the modifier", coded("0467")),
    Fact(9, "Payment adjustment", coded("0468")),
    Fact(10, "Packaging status", coded("0469")),
    Fact(11, "Expected payment", money),
    Fact(12, "Type of reimbursement", coded("0470")),
    Fact(13, "Copayment", money),
    Fact(14, "Rate for a unit of service", COUNT),
)


@segment("GP1", "GP2")
def gp_claim(gp: Segment, ctx: Context) -> Json:
    """Adds how the visit (GP1) and a procedure of it (GP2) are classified for payment."""
    claim = visit_claim(ctx)
    inform(claim, supporting(facts(gp, _GP1 if gp.name == "GP1" else _GP2, ctx)))
    return claim
