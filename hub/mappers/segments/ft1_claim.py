"""FT1 → a line of the draft Claim, and its supporting information (HL7 v2.9, chapter 6.5.1)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.billing import inform, numbered, visit_claim
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import cq_quantity
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.facts import DAYS, YES_NO, Fact, coded, facts, moment, supporting, text
from hub.mappers.notes import Notes
from hub.model import Json

_REVENUE = Table("0456")
_MODIFIER = Table("0340")


def _measured(cq: Repetition, ctx: Notes) -> Json:
    """CQ: a quantity and its unit."""
    amount = cq_quantity(cq, ctx)
    return {"valueQuantity": amount} if amount else text(cq, ctx)


_FACTS = (
    Fact(14, "Health plan", coded("0072")),
    Fact(18, "Patient type", coded("0018")),
    Fact(27, "Advance beneficiary notice", coded("0339")),
    Fact(28, "Reason of a medically necessary duplicate", coded("0476")),
    Fact(31, "Transaction reference key", text),
    Fact(37, "Clinic", coded()),
    Fact(43, "Quantity of the drug", _measured),
    Fact(44, "Certificate of medical necessity, transmission", coded("0907")),
    Fact(45, "Certificate of medical necessity, type", coded("0908")),
    Fact(46, "Equipment, duration", text),
    Fact(47, "Certificate revised", moment),
    Fact(48, "Certificate, first", moment),
    Fact(49, "Certificate, last", moment),
    Fact(50, "Length of need", DAYS),
    Fact(53, "Equipment, frequency of billing", coded("0909")),
    Fact(54, "Certificate condition", YES_NO),
    Fact(55, "Reason of the certificate condition", coded("0910")),
)


def ft1_claim(ft1: Segment, charge: Json, ctx: Context) -> None:
    """Adds modifiers (FT1-26), revenue code (-41) and special processing (-36) of the charge, and what the bill is to
    say beside."""
    line = compact(
        {
            "revenue": cwe_codeableconcept(ft1[41], ctx, _REVENUE),
            "modifier": present(cwe_codeableconcept(cwe, ctx, _MODIFIER) for cwe in ft1[26]),
            "programCode": each(ft1[36], cwe_codeableconcept, ctx),
        }
    )
    said = facts(ft1, _FACTS, ctx)
    if not (line or said):
        return
    claim = visit_claim(ctx)
    if line:
        more = {"quantity": charge.get("quantity"), "net": charge.get("priceOverride")}
        numbered(claim, "item", compact({"productOrService": charge["code"], **line, **more}))
    inform(claim, supporting(said))
