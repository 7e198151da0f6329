import pytest

from hub.errors import HubError, Refused, StoreBusy, Unreadable
from hub.formats.hl7v2.acknowledgement import read_acknowledgement
from hub.formats.hl7v2.answer import answer
from hub.formats.hl7v2.header import read_header

GOOD = None
BAD = Refused("no PID", condition="100", location="PID")
NEVER = Refused("no such type", condition="200", location="MSH-9", reject=True)


def code(accept: str, application: str, error: HubError | None, kind: str = "ADT^A01") -> str:
    message = f"MSH|^~\\&|A|B|C|D|2026||{kind}|M1|P|2.5.1|||{accept}|{application}\r".encode()
    said = answer(read_header(message), control_id="H1", now="2026", error=error)
    return read_acknowledgement(said).code if said else ""


@pytest.mark.parametrize(
    ("accept", "application", "codes"),
    [
        ("", "", ("AA", "AE", "AR")),
        ('""', '""', ("AA", "AE", "AR")),
        ("NE", "AL", ("AA", "AE", "AR")),
        ("", "AL", ("AA", "AE", "AR")),
        ("NE", "ER", ("", "AE", "AR")),
        ("NE", "SU", ("AA", "", "")),
        ("AL", "", ("CA", "CE", "CR")),
        ("AL", "AL", ("CA", "CE", "CR")),
        ("AL", "NE", ("CA", "CE", "CR")),
        ("ER", "NE", ("", "CE", "CR")),
        ("SU", "NE", ("CA", "", "")),
        ("NE", "NE", ("", "", "")),
        ("NE", "", ("", "", "")),
        ("", "NE", ("", "", "")),
    ],
)
def test_mode_and_condition(accept: str, application: str, codes: tuple[str, str, str]) -> None:
    """MSH-15 and MSH-16 decide between original and enhanced mode, and whether there is an answer at all."""
    assert tuple(code(accept, application, error) for error in (GOOD, BAD, NEVER)) == codes


def test_an_acknowledgement_gets_none() -> None:
    """Neither an ACK nor its refusal is answered."""
    assert code("", "", GOOD, "ACK^A01") == code("", "", NEVER, "ACK") == code("AL", "AL", NEVER, "ACK") == ""


@pytest.mark.parametrize(
    ("error", "condition"),
    [(StoreBusy("locked by 70045"), b"|207^"), (Unreadable("cut off", path="BTS"), b"|199^"), (BAD, b"|100^")],
)
def test_what_kind_of_error_it_was(error: HubError, condition: bytes) -> None:
    """A log that is busy is an application error whose inner text is not told; the others keep what they say."""
    header = read_header(b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|M1|P|2.5.1\r")
    said = answer(header, control_id="H1", now="2026", error=error)
    assert condition in said
    assert b"70045" not in said
