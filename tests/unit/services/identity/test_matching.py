import pytest

from hub.errors import Unreadable
from hub.services.identity.matching import match

HEAD = "record_id,given_name,surname,date_of_birth,sex,phone,mrn,facility\n"


def matched(*rows: str, head: str = HEAD) -> dict[str, str]:
    return match([(head + "\n".join(rows) + "\n").encode()]).clusters


def test_name_birth_date_sex_and_one_thing_more_are_one_person() -> None:
    """Two records that agree in name, birth date, sex and telephone number are linked, however they are written."""
    assert matched(
        "r1,Harold,Andrews,1955-09-14,M,(555) 010-7788,,",
        "r2,HAROLD,ANDREWS,09/14/1955,male,555-010-7788,,",
    ) == {"r1": "r1", "r2": "r1"}


def test_a_name_and_a_birth_date_alone_are_not_enough() -> None:
    """Two records with nothing more in common stay two people and are offered for review."""
    rows = "r1,Harold,Andrews,1955-09-14,M,5550107788,,\nr2,Harold,Andrews,1955-09-14,M,5550109900,,\n"
    found = match([(HEAD + rows).encode()])
    assert found.clusters == {"r1": "r1", "r2": "r2"}
    assert [(pair.a, pair.b) for pair in found.review] == [("r1", "r2")]
    assert 0.5 < found.review[0].score < 1


def test_a_number_of_one_facility_is_one_person() -> None:
    """A medical record number of the same facility links, the same number of another facility does not."""
    assert matched(
        "r1,Harold,Andrews,1955-09-14,M,,70045,MERCY",
        "r2,Harry,Andrews,1955-09-14,M,,70045,MERCY",
        "r3,Ellen,Brooks,1960-02-02,F,,70045,LAKESIDE",
    ) == {"r1": "r1", "r2": "r1", "r3": "r3"}


def test_a_number_of_somebody_else_is_not_believed() -> None:
    """A number that comes with another name and another birth date does not link; a person decides."""
    rows = "r1,Harold,Andrews,1955-09-14,M,,70045,MERCY\nr2,Ellen,Brooks,1960-02-02,F,,70045,MERCY\n"
    found = match([(HEAD + rows).encode()])
    assert found.clusters == {"r1": "r1", "r2": "r2"}
    assert [(pair.a, pair.b) for pair in found.review] == [("r1", "r2")]


def test_every_cell_may_be_empty() -> None:
    """A record that says nothing is a person of its own."""
    assert matched("r1,,,,,,,", "r2,,,,,,,") == {"r1": "r1", "r2": "r2"}


@pytest.mark.parametrize(
    ("row", "problem"), [("r1,a,b,c", "cells"), (",a,b,,,,,", "without"), ("r0,a,b,,,,,", "before")]
)
def test_a_row_that_cannot_be_read_stops_it(row: str, problem: str) -> None:
    """A row that would be missing in the output is an error that names the line."""
    with pytest.raises(Unreadable, match=rf"line 3: .*{problem}"):
        matched("r0,Harold,Andrews,1955-09-14,M,,,", row)


def test_febrls_own_columns_are_understood() -> None:
    """Compact dates, a street number of its own and exchanged names are read as they are meant."""
    head = (
        "rec_id,given_name,surname,street_number,address_1,address_2,suburb,postcode,state,date_of_birth,soc_sec_id\n"
    )
    assert matched(
        "r1,lavinia,thackeray,12,ranken place,rosebery hill,piggabeen,0870,nsw,19640314,4307152",
        "r2,thackeray,lavinia,12,rankeo place,rosebery hill,piggabgen,0870,nsw,19640314,4307152",
        head=head,
    ) == {"r1": "r1", "r2": "r1"}


def test_a_record_that_fits_two_clusters_of_one_person_joins_them() -> None:
    """Two clusters that nothing tells apart are one person once a record belongs to both."""
    head = "record_id,first,last,dob,sex,address,zip,phone\n"
    assert matched(
        "r1,Lavinia,Thackeray,1964-03-14,F,12 Mill Street,12508,",
        "r2,Lavinia,Thackeray,1964-03-14,F,,,555-010-7788",
        "r3,Lavinia,Thackeray,1964-03-14,F,12 Mill St,12508,555-010-7788",
        head=head,
    ) == {"r1": "r1", "r2": "r1", "r3": "r1"}


def test_twins_are_two_people_for_review() -> None:
    """Twins share everything but the given name; they are offered to a person and not linked."""
    head = "record_id,first,last,dob,sex,address,zip,phone\n"
    rows = (
        "r1,Jaden,Reed,2015-03-14,M,12 Mill Street,12508,5550107788\n"
        "r2,Jayden,Reed,2015-03-14,M,12 Mill Street,12508,5550107788\n"
    )
    found = match([(head + rows).encode()])
    assert found.clusters == {"r1": "r1", "r2": "r2"}
    assert [(pair.a, pair.b) for pair in found.review] == [("r1", "r2")]


def test_a_table_without_record_ids_says_so() -> None:
    """The missing column is named."""
    with pytest.raises(Unreadable, match="there is no column record_id"):
        match([b"first,last\nHarold,Andrews\n"])
