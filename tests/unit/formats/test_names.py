import pytest

from hub.formats.names import PersonName, read_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Harold Andrews", PersonName("Andrews", ("Harold",))),
        ("Andrews, Harold J.", PersonName("Andrews", ("Harold", "J"))),
        ("Dr. Laura Love, MD, FACC", PersonName("Love", ("Laura",), "Dr.")),
        ("Mr. Harold J. Andrews Jr.", PersonName("Andrews", ("Harold", "J"), "Mr.", "Jr")),
        ("Laura Love, MD on 02/24/2026 16:10", PersonName("Love", ("Laura",))),
        ("Harold Andrews (45 y)", PersonName("Andrews", ("Harold",))),
        ("Dr. Busy", PersonName("Busy", (), "Dr.")),
        ("", PersonName()),
    ],
)
def test_names(text: str, expected: PersonName) -> None:
    """A name is read in its parts, without title, credentials and what follows it."""
    assert read_name(text) == expected


def test_half_a_name_is_none() -> None:
    """A family name alone does not name a patient."""
    assert not read_name("Andrews")
    assert read_name("Andrews, Harold")
