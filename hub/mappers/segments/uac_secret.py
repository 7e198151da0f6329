"""UAC: the sender's credential. It authenticates the sending and has no business in a patient's record (HL7 v2.9,
chapter 2.14.13)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment


@segment("UAC")
def uac_secret(uac: Segment, ctx: Context) -> None:
    """Keeps nothing of the credential, and says so."""
    ctx.inform(uac.place, "not-kept", "the user authentication credential is not kept")
