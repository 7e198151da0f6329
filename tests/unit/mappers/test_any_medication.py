"""Whatever messages of drugs and vaccines hold, a valid bundle comes out, or a reason."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.outcome import judge
from tests.unit.mappers.test_any_message import texts

PATIENT = "PID|1||70045^^^MERCY^MR||Andrews^Harold||19550914|M"
TYPES = ("OMP^O09", "RDE^O11", "RDS^O13", "RGV^O15", "RAS^O17", "RRE^O12", "VXU^V04", "RSP^K11")
OTHERS = ("ORM^O01", "ADT^A08")
DRUGS = ("RXO", "RXE", "RXG", "RXD", "RXA")
AROUND = (
    "ORC",
    "RXR",
    "RXC",
    "TQ1",
    "NTE",
    "CDO",
    "DG1",
    "OBR",
    "PV1",
    "PRT",
    "TQ2",
    "QPD",
    "QAK",
    "QRI",
    "RCP",
    "ZRX",
)
ODD = (
    *("1", "0.5", "1-2", "999", "-1", "<5", "as directed", "2.50", "H8", "mL/h", "mg^milligram^UCUM", "D", "9999"),
    *("BID", "Q6H", "Q0H", "PRN", "Q1J135", "^^^^12^h", "DW", "C", "A&B&C^D", "10^d", "20260301", "202603011200-0500"),
    *("CP", "RE", "NA", "D", "NW", "IP", "CA", "I", "G", "T", "Y", "998", "03^MMR^CVX", "00^New^NIP001", "S", "0600"),
)
LOINC = ("64994-7", "30963-3", "69764-9", "30956-7", "29768-9", "29769-7", "30973-2", "31044-1", "30980-7", "59784-9")

parts = st.one_of(st.sampled_from(ODD), st.sampled_from(ODD), texts)
fields = st.lists(st.lists(parts, min_size=1, max_size=5).map("^".join), max_size=2).map("~".join)
rows = st.lists(fields, max_size=45)
drugs = st.builds(lambda name, rest: "|".join([name, *rest]), st.sampled_from(DRUGS), rows)
around = st.builds(lambda name, rest: "|".join([name, *rest]), st.sampled_from(AROUND), st.lists(fields, max_size=34))
observations = st.builds(
    lambda kind, code, sub_id, value: f"OBX|1|{kind}|{code}^^LN|{sub_id}|{value}||||||F",
    st.sampled_from(("CE", "NM", "DT", "TS", "ST", "")),
    st.sampled_from(LOINC),
    st.sampled_from(("1", "2", "")),
    fields,
)


@st.composite
def messages(draw: Callable[..., str]) -> str:
    """Segments in any order with anything in their fields; messages of drugs also without a patient."""
    kind = draw(st.sampled_from(TYPES + OTHERS))
    header = f"MSH|^~\\&|APP|FAC|||20260312||{kind}|1|P|2.5.1"
    body = draw(st.lists(st.one_of(drugs, around, observations), max_size=9))
    patient = PATIENT if kind in OTHERS else draw(st.sampled_from((PATIENT, PATIENT, PATIENT, "")))
    return "\r".join(s for s in (header, patient, *body) if s)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages())
def test_valid_or_held(text: str) -> None:
    """Any segments in any order give the same valid bundle each time, or a reason that is the message's own."""
    judge(text.encode())
