"""Whatever results, orders, appointments, referrals and documents hold, a valid bundle comes out, or a reason."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.outcome import judge
from tests.unit.mappers.test_any_message import texts

TYPES = (
    *("ORU^R01", "OMG^O19", "OSU^O51", "ORM^O01", "ORR^O02", "REF^I12", "REF^I14", "REF^I15", "RRI^I12"),
    *("SIU^S12", "SIU^S15", "SIU^S26", "MDM^T01", "MDM^T02", "MDM^T06", "MDM^T11"),
)
SEGMENTS = ("ORC", "OBR", "OBX", "NTE", "SPM", "TQ1", "PRT", "DG1", "SCH", "RGS", "AIS", "AIG", "AIL", "AIP", "PV1")
MORE = ("RF1", "PRD", "TXA", "ZZZ")
ODD = (
    *("F", "C", "NW", "CA", "SC", "IP", "R", "A", "S", "AU", "LA", "Booked", "RP", "RT", "NPI", "HH", "AP", "PDF"),
    *("5.1", "<5", "-0", "007", "1e9", "3.5-5.1", "202603121215", "20260312121500.1234-0500", "0715", "Base64", "LN"),
    *("57133-1", "57133-1^Referral note^LN", "^^^20260312", "a&b&c", "SGFsbG8=", "urn:x", "10 min", " "),
)
VALUE_TYPES = (
    "NM",
    "SN",
    "ST",
    "TX",
    "FT",
    "CE",
    "CWE",
    "IS",
    "DT",
    "TM",
    "TS",
    "DR",
    "NR",
    "NA",
    "ED",
    "RP",
    "XX",
    "",
)

parts = st.one_of(texts, st.sampled_from(ODD))
fields = st.lists(st.lists(parts, min_size=1, max_size=6).map("^".join), max_size=3).map("~".join)
segments = st.builds(
    lambda name, rest: "|".join([name, *rest]), st.sampled_from(SEGMENTS + MORE), st.lists(fields, max_size=34)
)
observations = st.builds(
    lambda kind, code, value, rest: "|".join(["OBX", "1", kind, code, "", value, *rest]),
    st.sampled_from(VALUE_TYPES),
    fields,
    fields,
    st.lists(fields, max_size=8),
)
usual = st.sampled_from(
    (
        "ORC|NW|REF-1^^1.2.3.4^ISO|F-1^LAB",
        "OBR|1|REF-1^^1.2.3.4^ISO|F-1^LAB|57133-1^Referral note^LN",
        "SCH|P-1^A|F-1^B",
        "RF1|P|R|||| REF-1^^1.2.3.4^ISO",
        "TXA|1|CN|TX|||||||||D-1^N",
    )
)
PATIENT = "PID|1||70045^^^MERCY^MR||Andrews^Harold||19550914|M"


@st.composite
def messages(draw: Callable[..., str]) -> str:
    """Segments in any order with anything in their fields; nearly always with a patient."""
    header = f"MSH|^~\\&|APP|FAC|||20260312||{draw(st.sampled_from(TYPES))}|1|P|2.5.1"
    body = draw(st.lists(st.one_of(segments, observations, usual), max_size=10))
    patient = draw(st.sampled_from((PATIENT, PATIENT, PATIENT, "")))
    return "\r".join(s for s in (header, patient, *body) if s)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages())
def test_valid_or_held(text: str) -> None:
    """Any segments in any order give the same valid bundle each time, or a reason that is the message's own."""
    judge(text.encode())
