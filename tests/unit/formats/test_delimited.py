import codecs
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Unreadable
from hub.formats.delimited import LINE_LIMIT, ROW_LINES, Layout, Row, by_header, normal_header, read_table

PLAIN = Layout()


def rows(data: bytes, layout: Layout = PLAIN) -> list[Row]:
    return list(read_table([data], layout).rows)


def test_cells_are_as_they_are_written() -> None:
    """A table has its head and rows of cells; white space and leading zeros stay."""
    table = read_table([b' last_NAME ,Chart \r\n"Andrews, Jr.", 007\r\n'], PLAIN)
    assert (table.head, list(table.rows)) == ((" last_NAME ", "Chart "), [Row(2, ["Andrews, Jr.", " 007"])])


def test_rows_by_header() -> None:
    """Who knows the file by its headers reads them normalised, and the cells without the space around them."""
    table = read_table([b"Last name,MRN\n Andrews,1\n2\n"], PLAIN)
    assert [fields for _, fields in by_header(table)] == [{"last_name": "Andrews", "mrn": "1"}, {}]


def test_a_doubled_header() -> None:
    """A header that stands there twice cannot be read by its name."""
    with pytest.raises(Unreadable, match="'mrn' stands in the head 2 times"):
        next(by_header(read_table([b"MRN,Mrn\n1,2\n"], PLAIN)))


def test_files_without_a_head() -> None:
    """Without a head the columns are named by their place, and the first row is one; lines before it are skipped."""
    table = read_table([b"report of today\n\n007;Andrews\n8\n"], Layout(delimiter=";", header=False, skip=2))
    assert table.head == ("1", "2")
    assert list(table.rows) == [
        Row(3, ["007", "Andrews"]),
        Row(4, [], "1 cells, the head has 2", b"8\n", "8"),
    ]


def test_quotes_that_are_text() -> None:
    """Where the feed says that nothing is quoted, quotes belong to the cell."""
    assert rows(b'A,B\n1,5" nail\n', Layout(quote="")) == [Row(2, ["1", '5" nail'])]
    assert rows(b"A,B\n1,'2,3'\n", Layout(quote="'")) == [Row(2, ["1", "2,3"])]


TRAILED = Layout(trailer="TRL", count=2)


def test_a_trailer_counts_the_rows() -> None:
    """The trailer is no row; bad rows are counted as the sender does."""
    assert [row.line for row in rows(b"A,B\n1,2\n3\nTRL,2\n", TRAILED)] == [2, 3]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"A,B\n1,2\nTRL,2\n", "says 2 rows, there are 1"),
        (b"A,B\n1,2\n", "the trailer is missing"),
        (b"A,B\n1,2\nTRL\n", "has no count in cell 2"),
        (b"A,B\n1,2\nTRL,x\n", "has no count in cell 2"),
        (b"A,B\nTRL,0\n1,2\n", "a row stands after the trailer"),
    ],
)
def test_a_trailer_that_does_not_fit(data: bytes, said: str) -> None:
    """A file whose trailer is missing, counts otherwise or is not its end is not whole."""
    with pytest.raises(Unreadable, match=said):
        rows(data, TRAILED)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b'MRN,"Last name', "a quote is not closed"),
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"MRN,Last n\xffme", "byte 11 is not valid UTF-8"),
    ],
)
def test_a_head_that_cannot_be_read_refuses_the_file(head: bytes, said: str) -> None:
    """A head that is missing or broken is an error before any row."""
    with pytest.raises(Unreadable, match=said) as caught:
        read_table([head + b"\r\n1,2,3\r\n" if head.strip() else head], PLAIN)
    assert caught.value.path == "line 1"


def test_a_bad_row_keeps_its_bytes_and_the_others_go_on() -> None:
    """A row of the wrong width, with broken quotes or wrong bytes says so with its line; good rows are read."""
    data = b'MRN,Last name\n1,A\n2\n3,"C"x\n4,D\xff\n\n"6\n6",F\n7,G\n'
    assert rows(data) == [
        Row(2, ["1", "A"]),
        Row(3, [], "1 cells, the head has 2", b"2\n", "2"),
        Row(4, [], "a quoted cell goes on after its quote", b'3,"C"x\n', '3,"C"x'),
        Row(5, [], "byte 4 is not valid UTF-8", b"4,D\xff\n", ""),
        Row(7, ["6\n6", "F"]),
        Row(9, ["7", "G"]),
    ]


@pytest.mark.parametrize("good", [2, ROW_LINES + 50])
def test_a_quote_that_is_never_closed_costs_one_row(good: int) -> None:
    """The row with the open quote is bad; the rows that it would have swallowed are read."""
    data = b'MRN,Last name\n0,"open\n' + b"".join(b"%d,L\n" % n for n in range(good))
    found = rows(data)
    assert found[0] == Row(2, [], "a quote is not closed", b'0,"open\n', '0,"open')
    assert [row.cells[0] for row in found[1:]] == [str(n) for n in range(good)]
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
    assert rows(data, Layout(charset)) == [Row(2, ["1", "Müller"])]


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
        rows(data, Layout(charset))


def test_another_delimiter() -> None:
    """What separates the cells is the feed's word."""
    assert rows(b"MRN;Last name\n1;A,B\n", Layout(delimiter=";")) == [Row(2, ["1", "A,B"])]


def test_a_file_is_never_held_whole() -> None:
    """Rows come out while the file is still being read."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b"MRN,Last name\n"
        while True:
            taken += 1
            yield b"%d,A\n" % taken

    found = read_table(endless(), PLAIN).rows
    for number in range(1, 1000):
        assert next(found).cells[0] == str(number)
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
    found = [row.cells for row in read_table(pieces, PLAIN).rows if not row.problem]
    expected = [row for row in cells if any(row)]
    if all(sum(cell.count(c) for cell in row for c in "\r\n") < ROW_LINES - 1 for row in cells):
        assert found == expected


def _quoted(row: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in row)


def test_headers_are_compared_by_what_they_say() -> None:
    """Case, spaces, punctuation and width of characters make no difference."""
    assert {normal_header(h) for h in ("Last  Name", " last_name ", "LAST-NAME", "Ｌａｓｔ name.")} == {"last_name"}
