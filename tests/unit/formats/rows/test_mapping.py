from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Unreadable
from hub.formats.delimited import Row
from hub.formats.rows import KINDS, Plan, problem_body, read_body, row_messages, rows_body
from hub.model import Format
from hub.settings import Feed, PluginUse


def feed(kind: str = "adt", **known: Any) -> Feed:
    """A feed of rows."""
    return Feed(name="rows", adapter=PluginUse(kind="folder"), format=Format.CSV, type=kind, **known)


def fields(cells: list[str], head: list[str], **columns: Any) -> dict[str, str]:
    """The fields of one row."""
    return Plan(head, feed(columns=columns)).fields(cells)


def test_a_column_by_its_aliases() -> None:
    """Headers are found by their normalised names and aliases, in any order; leading zeros stay."""
    assert fields(["Andrews ", "007"], [" last_NAME ", "Chart"], mrn="MRN|Chart", last="Last name") == {
        "mrn": "007",
        "last": "Andrews",
    }


def test_without_columns_every_header_is_a_field() -> None:
    """A feed that declares nothing gets the normalised headers as names."""
    assert Plan(["Last", "MRN"], feed()).fields(["Andrews", "1"]) == {"last": "Andrews", "mrn": "1"}


def test_columns_by_their_place() -> None:
    """In files without a head a column is named by its number."""
    assert fields(["Andrews", "007"], ["1", "2"], mrn=2, last=1) == {"mrn": "007", "last": "Andrews"}


@pytest.mark.parametrize(
    ("column", "cells", "made"),
    [
        ({"column": "A", "split": ",", "part": 1}, ["Andrews, Harold", ""], "Andrews"),
        ({"column": "A", "split": ",", "part": 2}, ["Andrews, Harold", ""], "Harold"),
        ({"column": "A", "split": ",", "part": -1}, ["Andrews, Harold, Jr.", ""], "Jr."),
        ({"column": "A", "split": ",", "part": 2}, ["Andrews", ""], ""),
        ({"join": ["A", "B"]}, ["12 Elm Street", "Apt 2"], "12 Elm Street Apt 2"),
        ({"join": ["A", "B"], "by": ", "}, ["12 Elm Street", ""], "12 Elm Street"),
        ({"column": "A", "repair": {"pad": 5}}, ["45", ""], "00045"),
        ({"column": "A", "repair": "upper"}, ["smith", ""], "SMITH"),
    ],
)
def test_a_field_of_several_cells_or_of_a_part(column: Any, cells: list[str], made: str) -> None:
    """A field is made of a part of a cell, of several cells, or of a repaired one."""
    assert fields(cells, ["A", "B"], last=column).get("last", "") == made


def test_constants_fill_what_is_empty() -> None:
    """A constant stands where a row says nothing."""
    plan = Plan(["MRN", "Authority"], feed(constants={"mrn_authority": "BUSY"}, columns={"mrn": "MRN"}))
    assert plan.fields(["1", ""]) == {"mrn": "1", "mrn_authority": "BUSY"}
    assert plan.unused == ("Authority",)


@pytest.mark.parametrize(
    ("head", "said"), [(["Last"], r"'MRN\|Chart' is missing"), (["MRN", "Chart", "Last"], "stands in the head 2 times")]
)
def test_a_head_that_does_not_fit(head: list[str], said: str) -> None:
    """A required column that is missing, or that stands twice, refuses the file."""
    with pytest.raises(Unreadable, match=said) as caught:
        fields([], head, mrn="MRN|Chart", last="Last")
    assert caught.value.path == "line 1"


def test_an_optional_column_may_be_missing() -> None:
    """A file may lack the fields that the feed calls optional."""
    plan = Plan(["MRN"], feed(columns={"mrn": "MRN", "phone": "Phone"}, optional=["phone"]))
    assert plan.fields(["1"]) == {"mrn": "1"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("03/02/2026", "2026-03-02"),
        ("03/02/2026 17:05", "2026-03-02T17:05:00-05:00"),
        ("03/02/2026 5:05 PM", "2026-03-02T17:05:00-05:00"),
        ("03/02/2026 1705", "2026-03-02T17:05:00-05:00"),
    ],
)
def test_moments(text: str, written: str) -> None:
    """A date is read by the feed's form, with or without a time of day in the feed's zone."""
    plan = Plan(["A"], feed(columns={"admit_time": "A"}, date_format="%m/%d/%Y", time_zone="America/New_York"))
    found, whole = plan.moment("admit_time", text)
    assert (found.isoformat() if whole else found.date().isoformat()) == written


def test_a_form_with_a_time() -> None:
    """A form that has a time of day is all that a date may be."""
    plan = Plan(["A"], feed(columns={"admit_time": "A"}, date_format="%Y%m%d%H%M"))
    assert plan.moment("admit_time", "202603021705")[1]
    with pytest.raises(Unreadable, match="not a date of the form"):
        plan.moment("admit_time", "2026-03-02")


def test_a_column_with_dates_of_its_own_form() -> None:
    """One column may write its dates in another form than the others."""
    plan = Plan(["A", "B"], feed(columns={"dob": {"column": "A", "date": "%d.%m.%Y"}, "admit_time": "B"}))
    assert plan.moment("dob", "14.09.1955")[0].date().isoformat() == "1955-09-14"
    assert plan.moment("admit_time", "2026-03-02 10:00")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1/2/26", "a spreadsheet may have shortened its year"),
        ("46083", "it may be a spreadsheet's number of a day"),
        ("yesterday", "not a date of the form %m/%d/%Y$"),
    ],
)
def test_dates_that_a_spreadsheet_has_damaged(text: str, said: str) -> None:
    """What a spreadsheet makes of a date is never guessed at, and the reason says what it looks like."""
    plan = Plan(["A"], feed(columns={"dob": "A"}, date_format="%m/%d/%Y"))
    with pytest.raises(Unreadable, match=said):
        plan.moment("dob", text)


@pytest.mark.parametrize(
    ("name", "text", "damaged"),
    [
        ("mrn", "1.23E+05", True),
        ("mrn", "7E10", True),
        ("mrn", "123", True),
        ("mrn", "00000123", False),
        ("mrn", "E123", False),
        ("reason", "1.5E+3", False),
    ],
)
def test_numbers_that_a_spreadsheet_has_damaged(name: str, text: str, damaged: bool) -> None:
    """An identifier with a power of ten, or shorter than its declared width, has lost digits."""
    columns = {"mrn": {"column": "A", "width": 8}, "reason": "B"}
    assert bool(Plan(["A", "B"], feed(columns=columns)).damage(name, text)) is damaged


def messages(data: bytes, kind: str = "result", **known: Any) -> Iterator[tuple[int, int, list[list[str]]]]:
    """The messages of a file: first line, last line, cells."""
    for message in row_messages([data], feed(kind, **known), "r.csv").messages:
        said = read_body(message.body)
        yield message.line, message.last, [cells for _, cells in said.rows]


def test_rows_of_one_report_are_one_message() -> None:
    """Rows one after another with the same report are one message; a bad row is alone, and splits them."""
    data = b"mrn,accession,value\n1,L1,5\n1,L1,6\n1,L2,7\nx\n1,L2,8\n,,9\n,,9\n"
    assert list(messages(data)) == [
        (2, 3, [["1", "L1", "5"], ["1", "L1", "6"]]),
        (4, 4, [["1", "L2", "7"]]),
        (5, 5, []),
        (6, 6, [["1", "L2", "8"]]),
        (7, 7, [["", "", "9"]]),
        (8, 8, [["", "", "9"]]),
    ]


def test_a_visit_is_a_message_by_itself() -> None:
    """Rows of lists are one message each."""
    assert [line for line, _, _ in messages(b"mrn,class\n1,I\n1,I\n", "adt")] == [2, 3]


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1), st.integers(1, 10**9), st.text(max_size=5))
def test_a_body_says_what_was_written(cells: list[str], line: int, name: str) -> None:
    """A row comes out of a body as it went in."""
    said = read_body(rows_body(("A", "B"), [Row(line, cells)], name))
    assert (said.file, said.line, said.head, said.rows) == (name, line, ("A", "B"), ((line, cells),))


def test_a_bad_row_keeps_its_bytes() -> None:
    """A row whose bytes are no text is kept as they are."""
    body = problem_body(("A",), Row(3, [], "byte 2 is not valid UTF-8", b"2\xff\n"), "r.csv")
    assert orjson.loads(body)["base64"] == "Mv8K"
    assert read_body(body).text == "2\\xff\n"


def test_every_field_has_its_own_place() -> None:
    """No two fields of a kind write to the same place, and each says what it is."""
    for kind in KINDS.values():
        places = [field.place for field in kind.fields.values() if field.place]
        assert len(places) == len(set(places)), kind.name
        assert all(field.about for field in kind.fields.values())
        assert all(name in kind.fields for names in kind.required for name in names)
        assert all(name in kind.fields for name in kind.together)
