from hub.fhir.check import check
from hub.identity.demographics import Demographics
from hub.identity.golden import as_patient, golden

OLD = Demographics(
    name="Harold J Andrews",
    family="andrews",
    given="harold",
    middle="j",
    birth_date="1955-09-14",
    street="14 mill st",
    postal="12508",
    phones=("8455550142",),
)
MOVED = Demographics(name="Harold Andrews", family="andrews", given="harold", street="9 oak rd", city="troy")
UNKNOWN = Demographics(name="Unknown Unknown", family="unknown", given="unknown", sex="male")


def test_of_every_field_the_newest_statement_counts() -> None:
    """A new address is one statement with its town; what it leaves out stays as it was said before."""
    view = golden([MOVED, OLD])
    assert (view.street, view.postal, view.city) == ("9 oak rd", "", "troy")
    assert (view.birth_date, view.phones, view.name) == ("1955-09-14", ("8455550142",), "Harold J Andrews")


def test_a_name_that_was_filled_in_yields() -> None:
    """Whoever is known by name is not called Unknown because one system has it so."""
    assert golden([UNKNOWN, OLD]).name == "Harold J Andrews"
    assert golden([UNKNOWN]).name == "Unknown Unknown"


def test_the_view_is_a_valid_patient() -> None:
    """With much or nothing known; the persons who were merged into this one are named."""
    for said in ([MOVED, OLD], [UNKNOWN], [Demographics()]):
        assert check(as_patient("p1", ["urn:x|1"], golden(said), ["p2"])) == []
