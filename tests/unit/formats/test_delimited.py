import codecs
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Unreadable
from hub.formats.delimited import LINE_LIMIT, ROW_LINES, Layout, Row, normal_header, read_table

NAMES = Layout({"mrn": "MRN|Chart", "last": "Last name"})


def rows(data: bytes, layout: Layout = NAMES) -> list[Row]:
    return list(read_table([data], layout).rows)


def test_columns_become_fields() -> None:
    """Headers are found by their normalised names and aliases, in any order; leading zeros stay."""
    found = rows(b' last_NAME ,Chart \r\n"Andrews, Jr.",007\r\n')
    assert found == [Row(2, {"mrn": "007", "last": "Andrews, Jr."})]


def test_without_declared_columns_every_column_is_a_field() -> None:
    """A feed that declares nothing gets the normalised headers as names."""
    assert rows(b"Last name,MRN\nAndrews,1\n", Layout()) == [Row(2, {"last_name": "Andrews", "mrn": "1"})]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"Last name,x", r"'MRN\|Chart' is missing"),
        (b"MRN,Chart,Last name", "stands in the head 2 times"),
        (b'MRN,"Last name', "a quote is not closed"),
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"MRN,Last n\xffme", "byte 11 is not valid UTF-8"),
    ],
)
def test_a_head_that_does_not_fit_refuses_the_file(head: bytes, said: str) -> None:
    """A missing or doubled column, or a head that cannot be read, is an error before any row."""
    with pytest.raises(Unreadable, match=said) as caught:
        read_table([head + b"\r\n1,2,3\r\n" if head.strip() else head], NAMES)
    assert caught.value.path == "line 1"


def test_an_optional_column_may_be_missing() -> None:
    """A file may lack the fields that the feed calls optional."""
    layout = Layout({"mrn": "MRN", "phone": "Phone"}, frozenset({"phone"}))
    assert rows(b"MRN\n1\n", layout) == [Row(2, {"mrn": "1"})]


def test_columns_that_nobody_asked_for_are_told() -> None:
    """An extra column is a warning, not an error."""
    assert read_table([b"MRN,Shoe size,Last name\n"], NAMES).warnings == ("the column 'Shoe size' is not used",)


def test_a_bad_row_keeps_its_bytes_and_the_others_go_on() -> None:
    """A row of the wrong width, with broken quotes or wrong bytes says so with its line; good rows are read."""
    data = b'MRN,Last name\n1,A\n2\n3,"C"x\n4,D\xff\n\n"6\n6",F\n7,G\n'
    assert rows(data) == [
        Row(2, {"mrn": "1", "last": "A"}),
        Row(3, {}, "1 cells, the head has 2", b"2\n", "2"),
        Row(4, {}, "a quoted cell goes on after its quote", b'3,"C"x\n', '3,"C"x'),
        Row(5, {}, "byte 4 is not valid UTF-8", b"4,D\xff\n", ""),
        Row(7, {"mrn": "6\n6", "last": "F"}),
        Row(9, {"mrn": "7", "last": "G"}),
    ]


@pytest.mark.parametrize("good", [2, ROW_LINES + 50])
def test_a_quote_that_is_never_closed_costs_one_row(good: int) -> None:
    """The row with the open quote is bad; the rows that it would have swallowed are read."""
    data = b'MRN,Last name\n0,"open\n' + b"".join(b"%d,L\n" % n for n in range(good))
    found = rows(data)
    assert found[0] == Row(2, {}, "a quote is not closed", b'0,"open\n', '0,"open')
    assert [row.fields["mrn"] for row in found[1:]] == [str(n) for n in range(good)]
    assert found[-1].line == good + 2


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("MRN,Last name\n1,Müller\n".encode(), "utf-8"),
        ("MRN,Last name\n1,Müller\n".encode(), "ascii"),
        (codecs.BOM_UTF8 + "MRN,Last name\n1,Müller\n".encode(), "ascii"),
        ("MRN,Last name\n1,Müller\n".encode("utf-16"), "utf-8"),
        (codecs.BOM_UTF16_BE + "MRN,Last name\n1,Müller\n".encode("utf-16-be"), "utf-8"),
        ("MRN,Last name\n1,Müller\n".encode("utf-16-le"), "utf-16-le"),
        ("MRN,Last name\n1,Müller\n".encode("cp1252"), "cp1252"),
    ],
)
def test_declared_encodings(data: bytes, charset: str) -> None:
    """UTF-8 and, by its mark, UTF-16 are known; anything else is as declared."""
    assert rows(data, Layout(NAMES.columns, charset=charset)) == [Row(2, {"mrn": "1", "last": "Müller"})]


@pytest.mark.parametrize(
    ("data", "charset", "said"),
    [
        (codecs.BOM_UTF16_LE + b"M\x00\x00\xd8\x00\x00", "utf-8", "not valid UTF-16"),
        (b"MRN,Last name\n", "klingon", "'klingon' is not known"),
        (b"MRN,Last name\n1," + b"x" * (LINE_LIMIT + 100), "utf-8", "longer than"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole(data: bytes, charset: str, said: str) -> None:
    """Broken UTF-16, an unknown charset, or a line without end refuse the file."""
    with pytest.raises(Unreadable, match=said):
        rows(data, Layout(NAMES.columns, charset=charset))


def test_another_delimiter() -> None:
    """What separates the cells is the feed's word."""
    assert rows(b"MRN;Last name\n1;A,B\n", Layout(NAMES.columns, delimiter=";")) == [
        Row(2, {"mrn": "1", "last": "A,B"})
    ]


def test_a_file_is_never_held_whole() -> None:
    """Rows come out while the file is still being read."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b"MRN,Last name\n"
        while True:
            taken += 1
            yield b"%d,A\n" % taken

    found = read_table(endless(), NAMES).rows
    for number in range(1, 1000):
        assert next(found).fields["mrn"] == str(number)
    assert taken < 1010


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",))), min_size=2, max_size=2)),
    st.integers(1, 20),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_rows_survive_any_cut_and_any_quoting(cells: list[list[str]], size: int, end: str) -> None:
    """What was written with quotes is read back cell by cell, wherever the bytes are cut."""
    written = "MRN,Last name" + end + "".join(_quoted(row) + end for row in cells)
    data = written.encode()
    pieces = [data[n : n + size] for n in range(0, len(data), size)]
    found = [list(row.fields.values()) for row in read_table(pieces, NAMES).rows if not row.problem]
    expected = [[cell.strip() for cell in row] for row in cells if any(row)]
    if all(sum(cell.count(c) for cell in row for c in "\r\n") < ROW_LINES - 1 for row in cells):
        assert found == expected


def _quoted(row: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in row)


def test_headers_are_compared_by_what_they_say() -> None:
    """Case, spaces, punctuation and width of characters make no difference."""
    assert {normal_header(h) for h in ("Last  Name", " last_name ", "LAST-NAME", "Ｌａｓｔ name.")} == {"last_name"}
