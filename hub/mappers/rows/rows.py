"""The entrance of rows: the body that a table reader made → a bundle, by the kind of its rows."""

from dataclasses import replace

from hub.errors import Unreadable
from hub.formats.rows import KINDS, RowKind, kind_of, plan_of, read_body
from hub.mappers.context import Context
from hub.mappers.rows.message import message_of_rows
from hub.mappers.rows.referral import referral_row, referral_status_row
from hub.mappers.rows.row import Row
from hub.model import Conversion, RawMessage
from hub.settings import Feed

_ALONE = {"referral": referral_row, "referral_status": referral_status_row}
"""Kinds that are no message of HL7 v2."""


def convert_rows(raw: RawMessage, feed: Feed) -> Conversion:
    """The bundle of the rows of a message. Raises ``Unreadable`` for one that cannot be read, naming row and field."""
    rows, kind = read_rows(raw, feed)
    raw = replace(raw, sender=raw.sender or feed.name)
    if kind.message:
        return message_of_rows(rows, kind, raw, feed)
    if mapper := _ALONE.get(kind.name):
        return mapper(rows[0], Context(raw, feed))
    raise Unreadable(f"rows of type {kind.name} become no bundle", code="unknown-type", path=f"row {rows[0].line}")


def read_rows(raw: RawMessage, feed: Feed) -> tuple[list[Row], RowKind]:
    """The rows of a message by their fields, and their kind. Raises ``Unreadable``."""
    said = read_body(raw.body)
    if said.problem:
        raise Unreadable(said.problem, code="broken-row", path=f"row {said.line}")
    if (kind := kind_of(raw.type)) is None:
        known = ", ".join(KINDS)
        raise Unreadable(f"the hub knows rows of type {known}", code="unknown-type", path=f"row {said.line}")
    plan = plan_of(said.head, feed)
    return [Row.of(cells, line, plan, feed, kind) for line, cells in said.rows], kind
