import sys
from io import StringIO

import pytest
import structlog

from hub.services.operations.logs import STANDARD_ERROR, exception_place


class Full(StringIO):
    """A file on a disk that is full."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_line_that_cannot_be_written_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logging to a full disk fails nothing else; once there is room, lines are written again."""
    logger = structlog.PrintLogger(STANDARD_ERROR)  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stderr", Full())
    logger.msg("lost")
    monkeypatch.setattr(sys, "stderr", there := StringIO())
    logger.msg("written")
    assert there.getvalue() == "written\n"


def test_an_exception_is_logged_without_its_text() -> None:
    """Of an exception the log tells the type and the place, but not the text, which may quote a patient."""
    try:
        int("Andrews")
    except ValueError as error:
        event = exception_place(None, "error", {"event": "failed", "exc_info": error})
    assert event["exception"].startswith("ValueError at ")
    assert "tests/unit/services/operations/test_logs.py" in event["exception"]
    assert "Andrews" not in str(event)
