"""How a command fails: one clear line on standard error and a status other than 0."""

import os
import sys
import traceback

from hub.errors import ConfigurationError, HubError

EXIT_ERROR = 1
EXIT_CONFIGURATION = 2
EXIT_UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h: a fault of the hub itself."""


def failed(error: Exception) -> int:
    """Tells of the error in one line; returns the exit status. Of an error that the hub does not know only the type
    is told, and at the level ``debug`` where it was raised: its text may quote what a sender sent (promise P9)."""
    if isinstance(error, HubError):
        print(f"hub: {error}", file=sys.stderr, flush=True)
        return EXIT_CONFIGURATION if isinstance(error, ConfigurationError) else EXIT_ERROR
    hint = "set HUB_LOG_LEVEL=debug to see where"
    if os.environ.get("HUB_LOG_LEVEL", "").lower() == "debug":
        traceback.print_tb(error.__traceback__)
        hint = "raised there"
    print(f"hub: unexpected {type(error).__name__}; {hint}", file=sys.stderr, flush=True)
    return EXIT_UNEXPECTED
