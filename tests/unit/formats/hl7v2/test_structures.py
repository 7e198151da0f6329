import pytest

from hub.formats.hl7v2.structures import is_wrong


@pytest.mark.parametrize(
    ("kind", "trigger", "structure", "wrong"),
    [
        ("ADT", "A08", "ADT_A01", False),
        ("ADT", "A08", "ADT_A08", True),
        ("ADT", "A12", "ADT_A09", False),
        ("ADT", "A12", "ADT_A12", False),
        ("ADT", "A04", "", False),
        ("ADT", "Z01", "ADT_Z01", False),
        ("ORM", "O01", "ANYTHING", False),
        ("MDM", "T01", "MDM_T02", True),
        ("SIU", "S26", "SIU_S12", False),
        ("SIU", "S26", "SIU_S26", True),
    ],
)
def test_a_structure_belongs_to_its_events(kind: str, trigger: str, structure: str, wrong: bool) -> None:
    """What the event has in some version of table 0354 is right; nothing is said of what is not known or not sent."""
    assert is_wrong(kind, trigger, structure) is wrong
