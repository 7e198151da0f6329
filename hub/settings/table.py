"""How the files of a CSV feed are written, and which of their cells a field is made of."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from hub.settings.parts import Strict
from hub.settings.profile import Repairs

NAMED_DELIMITERS = {"tab": "\t", "pipe": "|", "comma": ",", "semicolon": ";"}


class Trailer(Strict):
    """The last row of a file: its first cell ``starts`` so, and its cell number ``count`` (from 1) counts the rows."""

    starts: str = Field(min_length=1)
    count: int = Field(2, ge=1)


def _delimiter(value: Any) -> Any:
    return NAMED_DELIMITERS.get(value, value)


class TableUse(Strict):
    """The dialect of a feed's files.

    ``delimiter`` is a character or ``tab``, ``pipe``; ``quote`` is empty where quotes are text. Without a ``header``
    columns are named by their place, from 1. The first ``skip`` lines are no part of the table. With a ``trailer``
    nothing of a file is let through before it was found and counts right. A file with more than ``bad_rows`` rows that
    cannot be read is stopped.
    """

    delimiter: Annotated[str, BeforeValidator(_delimiter), Field(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Field(max_length=1)] = '"'
    header: bool = True
    skip: Annotated[int, Field(ge=0, le=1000)] = 0
    trailer: Trailer | None = None
    bad_rows: Annotated[int, Field(ge=0)] = 1000


class Column(Strict):
    """Which cells a field is made of, and how.

    ``column`` is a header, or several allowed ones with ``|`` between them (in files without a header the place of the
    column, from 1); or ``join`` names columns whose values stand one after another with ``by`` between them. Of a value
    that is ``split``, ``part`` counts (from 1; negative from the end). ``date`` is the form of this column's dates,
    where it is another than the feed's, ``width`` the least number of digits: a shorter number has lost its zeros.
    ``repair`` is what a feed's profile can ask for.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True)

    column: str = ""
    join: tuple[str, ...] = ()
    by: str = " "
    split: str = ""
    part: int = 1
    date: str = ""
    width: Annotated[int, Field(ge=0, le=64)] = 0
    repair: Repairs = ()

    @model_validator(mode="after")
    def _one_source(self) -> "Column":
        if bool(self.column) == bool(self.join):
            raise ValueError("needs a column or join, and not both")
        if self.part == 0:
            raise ValueError("part counts from 1, or from -1 at the end")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns it is made of, each with its aliases."""
        return self.join or (self.column,)


def _column(value: Any) -> Any:
    return value if isinstance(value, dict | Column) else {"column": value}


Columns = dict[str, Annotated[Column, BeforeValidator(_column)]]
