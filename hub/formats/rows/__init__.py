"""Rows of CSV feeds: which kinds there are, the fields that each has, and how a feed's columns become them."""

from hub.formats.rows.body import Said, problem_body, read_body, rows_body
from hub.formats.rows.kinds import KINDS, Field, Kind, RowKind, kind_of
from hub.formats.rows.mapping import Plan, plan_of
from hub.formats.rows.reading import RowMessage, RowMessages, layout_of, row_messages

__all__ = [
    "KINDS",
    "Field",
    "Kind",
    "Plan",
    "RowKind",
    "RowMessage",
    "RowMessages",
    "Said",
    "kind_of",
    "layout_of",
    "plan_of",
    "problem_body",
    "read_body",
    "row_messages",
    "rows_body",
]
