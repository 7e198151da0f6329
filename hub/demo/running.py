"""A hub of the demo's own: the real command, its processes, its ports, in a folder of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import MetaData

from hub.errors import ConfigurationError, TransientError
from hub.services.context import Hub
from hub.services.operations.progress import backlog
from hub.settings import Settings, load_settings, variable
from hub.store import migrations, schema
from hub.store.engine import open_engine, reading
from hub.wiring import open_hub

SITE = Path(__file__).parent / "site"
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02


class NotSettled(TransientError):
    """The hub of the demo did not do its work in time."""

    code = "not-settled"


@contextmanager
def running_hub(data: Path) -> Iterator[Hub]:
    """Runs ``hub run`` over the demo's site until the end of the block; yields the same hub, to look at."""
    settings = _settings(data)
    command = [sys.executable, "-m", "hub", "run"]
    with subprocess.Popen(command, env=_environment(settings), stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this very program
        try:
            _wait_until_ready(process)
            with closing(open_hub(settings)) as hub:
                yield hub
        finally:
            process.terminate()


def settle(hub: Hub) -> None:
    """Waits until everything that was received has gone through all stages."""
    wait_until(lambda: not any(backlog(hub).values()), "the stages did not finish")


def wait_until(done: Callable[[], bool], otherwise: str) -> None:
    """Looks again and again. Raises ``NotSettled`` with the words of ``otherwise``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise NotSettled(f"{otherwise} within {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(LOOK_SECONDS)


def _settings(data: Path) -> Settings:
    usual = load_settings()
    named = os.environ.get(variable("database_url"), "")  # one in hub.yaml is the site's, and not meant
    if named:
        _require_empty(named)
    return usual.model_copy(
        update={
            "config": SITE,
            "data": data,
            "database_url": named,
            "streams_url": os.environ.get(variable("streams_url"), "embedded:"),
            "host": "127.0.0.1",
            "mllp_port": _free_port(usual.mllp_port),
            "http_port": _free_port(usual.http_port),
            "fhir_port": _free_port(usual.fhir_port),
        }
    )


def _require_empty(url: str) -> None:
    """The people of the story shall not turn up among patients."""
    engine = open_engine(url, MetaData())
    try:
        with reading(engine) as connection:
            used = migrations.has_any(connection, schema.main)
    finally:
        engine.dispose()
    if used:
        reason = "this database is in use; the demo needs an empty one, or none at all"
        raise ConfigurationError("environment", variable("database_url"), reason)


def _environment(settings: Settings) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    named = ("config", "data", "database_url", "streams_url", "host", "mllp_port", "http_port", "fhir_port")
    return {
        **others,
        **{variable(name): str(getattr(settings, name)) for name in named},
        "HUB_LOG_LEVEL": "warning",
    }


def _free_port(wanted: int) -> int:
    """The wanted port, or any other where somebody has it already."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NotSettled("no port is free on 127.0.0.1")


def _wait_until_ready(process: "subprocess.Popen[str]") -> None:
    """Reads what the processes announce until the receiver and the console are there."""
    assert process.stdout, "opened with a pipe"
    missing = {"MLLP", "console"}
    for line in process.stdout:
        missing = {word for word in missing if word not in line}
        if not missing:
            return
    raise NotSettled("the hub ended before it was ready")
