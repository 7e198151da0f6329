"""The command line: one file per command or small family; each imports what it needs only when it runs."""

import sys

from hub.cli.failing import failed


def main() -> None:
    """The command ``hub``."""
    from hub.cli.app import app

    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last resort: nobody meets a traceback unasked
        sys.exit(failed(error))
