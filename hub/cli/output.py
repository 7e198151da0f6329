"""How commands print: tables for people, JSON for programs; data on standard output, all else on standard error."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TextIO

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
By = Annotated[str, typer.Option("--by", help="Who does this; default: the name you are logged in with.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]

SHORT = 8
"""Characters of an id that are shown and taken."""


def print_json(value: Any) -> None:
    """One JSON document; indented where a person looks at it."""
    import orjson

    option = orjson.OPT_INDENT_2 if sys.stdout.isatty() else 0
    sys.stdout.buffer.write(orjson.dumps(value, option=option | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def print_line(value: Any) -> None:
    """One JSON record on a line of its own."""
    import orjson

    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str, to: TextIO | None = None
) -> None:
    """A table, as wide as its contents where nobody looks; ``empty`` is said when there are no rows.

    It goes to standard output unless ``to`` says otherwise.
    """
    out = to or sys.stdout
    texts = [[str(cell) for cell in row] for row in rows]
    if not texts:
        print(empty, file=out)
    elif out.isatty():
        _print_rich(columns, texts, out)
    else:
        _print_plain(columns, texts, out)


def short(identifier: str) -> str:
    """The beginning of an id, which is enough to ask for the thing."""
    return identifier[:SHORT]


def when(moment: str) -> str:
    """A UTC text to the second."""
    return moment[:19].replace("T", " ")


def say(line: str) -> None:
    """A word to the person, not to the program that reads the output."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def progress(doing: str, total: int | None = None) -> Iterator[Any]:
    """A progress bar on standard error where a person looks; yields a function to call after each step."""
    if not sys.stderr.isatty():
        yield lambda steps=1: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda steps=1: bar.advance(task, steps)


def me() -> str:
    """The name that the person is logged in with."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no login name and no entry in the password database, as in some containers
        return "operator"


def _print_plain(columns: Sequence[str], rows: list[list[str]], out: TextIO) -> None:
    widths = [max(len(line[i]) for line in [list(columns), *rows]) for i in range(len(columns))]
    for line in [list(columns), *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), file=out)


def _print_rich(columns: Sequence[str], rows: list[list[str]], out: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=out).print(table)
