"""Logging: structured lines to standard error, JSON where no terminal reads them.

Log lines carry ids, codes and counts, never patient data (promise P9): of an exception they tell its type and
where it was raised, but not its text, which may quote what a sender sent.
"""

import contextlib
import logging
import sys
import traceback
from pathlib import Path
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

_PACKAGE = Path(__file__).parents[3]


class StandardError:
    """Standard error, whatever that is when a line is written.

    A line that cannot be written (the disk is full, nobody reads the pipe) is lost: nothing else may fail for it.
    """

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it was closed
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


STANDARD_ERROR = StandardError()


def configure(level: str) -> None:
    """Sets up logging for this process, that of libraries too; ``level`` is the least level that is written."""
    least = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exception_place,
    ]
    structlog.configure(
        processors=[*shared, _renderer()],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: structlog.PrintLogger(cast(TextIO, STANDARD_ERROR)),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(max(least, logging.WARNING), shared)


def exception_place(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Puts ``exception`` (types and places, innermost last) where ``exc_info`` was."""
    given = event.pop("exc_info", None)
    info: ExcInfo | None = None
    if isinstance(given, BaseException):
        info = (type(given), given, given.__traceback__)
    elif given:
        info = sys.exc_info() if given is True else given  # type: ignore[assignment]
    if info and info[0]:
        event["exception"] = f"{info[0].__name__} at {' > '.join(_places(info))}"
    return event


def _places(info: ExcInfo) -> list[str]:
    frames = traceback.extract_tb(info[2])
    return [f"{_short(frame.filename)}:{frame.lineno}" for frame in frames]


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(_PACKAGE)) if path.is_relative_to(_PACKAGE) else path.name


def _configure_libraries(least: int, shared: list[Processor]) -> None:
    handler = logging.StreamHandler(cast(TextIO, STANDARD_ERROR))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer()],
        )
    )
    logging.basicConfig(level=least, handlers=[handler], force=True)


def _renderer() -> Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer()
