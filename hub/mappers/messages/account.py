"""BAR and DFT: accounts, charges and what bills need (HL7 v2.9, chapter 6.4)."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.messages.adt import patient_and_visit

_ENDS = {"P02", "P06"}
"""The accounts of these events are purged or at their end."""


@message("BAR", "DFT")
def account(source: Message, ctx: Context) -> None:
    """The patient, the account and the visit; diagnoses, procedures, coverages and charges follow one by one.

    An event that ends or purges the account leaves it inactive.
    """
    patient_and_visit(source, ctx)
    if ctx.account is None:
        return
    if ctx.trigger in _ENDS:
        ctx.account["status"] = "inactive"
    if ctx.account not in ctx.focus:
        ctx.focus.append(ctx.account)
