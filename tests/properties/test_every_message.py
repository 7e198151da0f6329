"""Any segments in any order, in any delimiters, with any repeats: a valid bundle, or a reason why not."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from hub.formats.hl7v2 import STANDARD, Delimiters, build
from tests.fuzz.outcome import RECEIVED, bundle_of, judge, raw
from tests.strategies import DELIMITER_CHARACTERS

TYPES = [
    *[("ADT", f"A{n:02}") for n in (1, 3, 8, 11, 17, 24, 31, 40, 41, 45, 47, 60)],
    *(("BAR", "P01"), ("DFT", "P03"), ("MDM", "T02"), ("MDM", "T11"), ("OMG", "O19"), ("OML", "O21"), ("OMI", "O23")),
    *(("OMP", "O09"), ("ORM", "O01"), ("ORU", "R01"), ("ORU", "R30"), ("ORL", "O22"), ("OUL", "R22"), ("ORR", "O02")),
    *(("OSU", "O51"), ("PPR", "PC1"), ("REF", "I12"), ("RRI", "I12"), ("RAS", "O17"), ("RDE", "O11"), ("RDS", "O13")),
    *(("SIU", "S12"), ("SIU", "S26"), ("VXU", "V04"), ("ZZZ", "Z99"), ("ADT", ""), ("", "")),
]
SEGMENTS = re.findall(
    r"\w+",
    "PID PD1 NK1 PV1 PV2 ROL PRT DB1 OBX AL1 IAM DG1 DRG PR1 GT1 IN1 IN2 IN3 ACC UB1 UB2 MRG ORC OBR TQ1 TQ2 NTE SPM "
    "SAC CTD CTI FT1 BLG SCH RGS AIS AIG AIL AIP TXA RF1 PRD AUT IPC RXA RXR RXO RXE RXD RXC RXG ARV PDA PRB GOL PTH "
    "VAR SFT EVN ZZZ",
)
VALUES = (
    *("", '""', "Y", "N", "M", "F", "A", "D", "1", "01", "-3", "065.80", "<5", "1e9", "3.5-5.1", "10 min", "NW", "CA"),
    *("20260302", "2026", "202603021215", "20260312121500.1234-0500", "2026022999", "0715", "999999999999", "19550914"),
    *("NM", "CWE", "TX", "ED", "RP", "SN", "DTM", "AP", "PDF", "Base64", "SGVsbG8=", "LN", "HL70078", "99LOC", "ISO"),
    *("1.2.3.4", "urn:x", "http://x/y", "a|b^c~d&e\\f", "two\rlines", "Größe", "葛明志", " ", "Booked", "RP", "PP"),
)

texts = st.one_of(st.sampled_from(VALUES), st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6))
components = st.lists(texts, min_size=1, max_size=3).map(tuple)
repetitions = st.lists(components, min_size=1, max_size=7).map(tuple)
fields = st.lists(repetitions, min_size=1, max_size=3)
segments = st.tuples(st.sampled_from(SEGMENTS), st.dictionaries(st.integers(1, 30), fields, max_size=6))
PATIENT: tuple[str, dict[int, Any]] = ("PID", {3: ("70045", "", "", "MERCY", "MR"), 5: ("Andrews", "Harold"), 8: "M"})


@st.composite
def delimiters(draw: Callable[..., Any]) -> Delimiters:
    """Any five delimiters, mostly the usual ones."""
    if draw(st.booleans()):
        return STANDARD
    return Delimiters(*draw(st.permutations(DELIMITER_CHARACTERS))[:5])


@st.composite
def messages(draw: Callable[..., Any]) -> bytes:
    """A usable header, mostly a patient, and whatever else."""
    header = {
        3: "APP",
        4: "FAC",
        7: "20260302121500-0500",
        9: draw(st.sampled_from(TYPES)),
        10: "1",
        11: "P",
        12: "2.5.1",
    }
    body = draw(st.lists(segments, max_size=8))
    if draw(st.integers(0, 9)):
        body.insert(draw(st.integers(0, len(body))), PATIENT)
    return build([("MSH", header), *body], draw(delimiters()))


@given(messages())
@example(b"MSH|^~\\&|APP|FAC|||2026||ADT^A01|1|P|2.5.1\rPID|||1\rPV1" + b"|" * 20 + "H\x1a\x95C".encode())
@example(b"MSH|^~\\&")
@example(b"MSH|^~\\&|A|F|||20260302||ADT^A01|1|P|2.5.1\rOBX|||^^^Y^^urn:x&\xed\x9f\xbc\r")
@example(b"MSH|^~\\&|A|F|||20260302||ADT^A01|1|P|2.5.1\rPID|1||1^^^N&urn:x\xed\x9f\xbc&URI\r")
@example(b"MSH|^~\\&|A|F|||20260302||ADT^A01|1|P|2.5.1\rIN2|||&Y\r")
@example(b"MSH|^~\\&|||||||ADT^A01|1|P|2.5\rPID")
def test_valid_or_held(body: bytes) -> None:
    """Whatever a message holds, its bundle is valid FHIR R4 and the same each time, or the message is held."""
    judge(body)


@given(messages())
def test_a_resend(body: bytes) -> None:
    """A message that says when it was sent gives the same bundle to the byte whenever it is received."""
    assert bundle_of(raw(body)) == bundle_of(raw(body, RECEIVED + timedelta(days=1)))
