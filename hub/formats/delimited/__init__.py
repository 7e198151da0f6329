"""Delimited text (RFC 4180 and its relatives): bytes in any pieces → rows of cells, in constant memory.

Nothing is replaced or guessed: a row that cannot be read keeps its own bytes and says why, and the rows after it
go on. Only the head of a file, a trailer that counts otherwise, or an encoding that fails as a whole refuse the file.
"""

from hub.formats.delimited.lines import LINE_LIMIT, ROW_LINES
from hub.formats.delimited.table import Layout, Row, Table, by_header, normal_header, read_table

__all__ = ["LINE_LIMIT", "ROW_LINES", "Layout", "Row", "Table", "by_header", "normal_header", "read_table"]
