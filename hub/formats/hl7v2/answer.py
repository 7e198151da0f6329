"""Which acknowledgement a message gets (HL7 v2 chapter 2, "Message acknowledgment"): original and enhanced mode."""

from hub.errors import HubError, Refused, Unreadable
from hub.formats.hl7v2.acknowledgement import acknowledge
from hub.formats.hl7v2.header import Header

_ORIGINAL = "A"
_ENHANCED = "C"
_WHEN_IT_FAILED = "ER"
_WHEN_IT_WENT_WELL = "SU"
_NEVER = "NE"


def answer(header: Header, *, control_id: str, now: str, error: HubError | None = None) -> bytes:
    """The first answer to a message that was taken in, or with an ``error`` was not; ``b""`` when none is wanted.

    With MSH-15 and MSH-16 empty (or MSH-15 ``NE``, which leaves the word to MSH-16) it is AA, AE or AR; else MSH-15
    governs CA, CE or CR. An acknowledgement is never acknowledged. ``control_id`` is the answer's own MSH-10.
    """
    mode, condition = _mode(header)
    if header.type in ("ACK", "MCF") or condition == (_WHEN_IT_WENT_WELL if error else _WHEN_IT_FAILED):
        return b""
    if condition == _NEVER:
        return b""
    refusal = _refusal(error) if error else None
    outcome = ("R" if refusal.reject else "E") if refusal else "A"
    return acknowledge(header, mode + outcome, control_id=control_id, now=now, error=refusal)


def application_answer(
    header: Header, *, control_id: str, now: str, error: HubError | None = None, confirm: str = ""
) -> bytes:
    """The application acknowledgement that follows the commit acknowledgement in enhanced mode, once the message has
    been processed: AA or, with an ``error``, AE; ``b""`` when MSH-16 wants none. ``confirm`` is its own MSH-15: when
    the other side is to answer it with a commit acknowledgement."""
    if not wants_application_answer(header) or header.application_ack == (
        _WHEN_IT_WENT_WELL if error else _WHEN_IT_FAILED
    ):
        return b""
    refusal = _refusal(error) if error else None
    code = "AE" if refusal else "AA"
    return acknowledge(header, code, control_id=control_id, now=now, error=refusal, confirm=confirm)


def wants_application_answer(header: Header) -> bool:
    """Whether an application acknowledgement of its own may follow: MSH-15 has asked for a commit acknowledgement, and
    MSH-16 for more than that."""
    return header.accept_ack not in ("", _NEVER) and header.application_ack not in ("", _NEVER)


def _mode(header: Header) -> tuple[str, str]:
    """The first letter of the code, and the condition (HL7 table 0155) under which there is an answer."""
    accept, application = header.accept_ack, header.application_ack
    if accept not in ("", _NEVER):
        return _ENHANCED, accept
    if accept == _NEVER and not application:
        return _ENHANCED, _NEVER
    return _ORIGINAL, application


def _refusal(error: HubError) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, Unreadable):
        return Refused(str(error), condition=error.code if error.code.isdecimal() else "199", location=error.path)
    return Refused("the message cannot be stored for now; send it again", condition="207")
