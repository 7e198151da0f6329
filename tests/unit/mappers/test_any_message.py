"""Whatever comes in, a bundle comes out that is valid FHIR R4, or a reason why not."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.outcome import judge

PEOPLE = ("EVN", "SFT", "UAC", "PID", "PD1", "NK1", "PV1", "PV2", "ROL", "PRT", "ARV", "DB1", "NPU", "MRG")
SEGMENTS = (*PEOPLE, "DG1", "AL1", "IN1", "ZPI", "OBX")
TRIGGERS = ("A01", "A03", "A08", "A11", "A17", "A20", "A24", "A28", "A37", "A40", "A41", "A42", "A45", "A47", "A99", "")

ODD = (
    "",
    '""',
    "Y",
    "N",
    "M",
    "E",
    "I",
    "01",
    "7",
    "20260302",
    "202603021240-0500",
    "1900",
    "2026022999",
    "999999999999",
)
letters = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
texts = st.one_of(st.sampled_from(ODD), letters).map(lambda t: t.replace("|", "").strip())
fields = st.lists(st.lists(texts, min_size=1, max_size=9).map("^".join), max_size=2).map("~".join)
segments = st.builds(
    lambda name, rest: "|".join([name, *rest]), st.sampled_from(SEGMENTS), st.lists(fields, max_size=50)
)
patient = st.just("PID|1||70045^^^MERCY^MR||Andrews^Harold||19550914|M")


@st.composite
def messages(draw: Callable[..., str]) -> str:
    """Segments in any order with anything in their fields, mostly with a patient who can be identified."""
    kind, trigger = draw(st.sampled_from(("ADT", "ZZZ"))), draw(st.sampled_from(TRIGGERS))
    header = f"MSH|^~\\&|APP|FAC|||{draw(texts)}||{kind}^{trigger}|1|P|2.5"
    body = draw(st.lists(st.one_of(segments, patient), max_size=8))
    return "\r".join([header, *body])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages())
def test_valid_or_held(text: str) -> None:
    """Any segments in any order give the same valid bundle each time, or a reason that is the message's own."""
    judge(text.encode())
