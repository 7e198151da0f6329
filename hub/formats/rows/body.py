"""Rows as the body of a raw message: JSON with the cells as they are written and the head of their file, so that a
mapping that was set right later reads the same rows again.

    {"file": "census.csv", "head": ["Chart", "Name"], "rows": [{"line": 12, "cells": ["007", "Andrews, Harold"]}]}
    {"file": "census.csv", "head": [...], "line": 13, "problem": "1 cells, the head has 2", "text": "008"}
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from hub.errors import Unreadable
from hub.formats.delimited import Row

_WRITTEN = orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class Said:
    """What ``rows_body`` or ``problem_body`` wrote: the ``rows`` with their lines, or the ``problem`` of the one row at
    ``line`` and its ``text`` (empty where its bytes are no text)."""

    file: str
    line: int
    head: tuple[str, ...] = ()
    rows: tuple[tuple[int, list[str]], ...] = ()
    problem: str = ""
    text: str = ""


def rows_body(head: tuple[str, ...], rows: Iterable[Row], name: str) -> bytes:
    """Good rows of one file."""
    said = [{"line": row.line, "cells": row.cells} for row in rows]
    return orjson.dumps({"file": name, "head": head, "rows": said}, option=_WRITTEN)


def problem_body(head: tuple[str, ...], row: Row, name: str) -> bytes:
    """A row with a problem: what was written in ``text``, or in ``base64`` when the bytes are not in the charset."""
    kept = {"text": row.text} if row.text else {"base64": base64.b64encode(row.raw).decode()}
    said = {"file": name, "head": head, "line": row.line, "problem": row.problem, **kept}
    return orjson.dumps(said, option=_WRITTEN)


def read_body(body: bytes) -> Said:
    """What a body says. Raises ``Unreadable`` for one that no table reader has made."""
    try:
        said = orjson.loads(body)
        file = str(said.get("file", ""))
        if "problem" in said:
            text = said.get("text") or base64.b64decode(said.get("base64", "")).decode("utf-8", "backslashreplace")
            return Said(file, int(said["line"]), _head(said), problem=str(said["problem"]), text=text)
        rows = tuple((int(row["line"]), [str(cell) for cell in row["cells"]]) for row in said["rows"])
        return Said(file, rows[0][0], _head(said), rows)
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise Unreadable("the row is not the JSON that a table reader makes", path="row") from None


def _head(said: dict[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, said.get("head", ())))
