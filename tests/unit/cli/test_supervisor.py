import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(__file__).parent / "supervised.py"


@contextmanager
def supervised(*roles: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), *roles], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_a_signal_stops_every_role_in_good_order() -> None:
    """SIGTERM reaches the roles, they finish, and the supervisor ends with status 0."""
    with supervised("steady") as process:
        assert line(process).startswith("steady ")
        process.terminate()
        assert line(process) == "steady stopped"
        assert process.wait() == 0


def test_a_role_that_dies_is_started_again() -> None:
    """A role that was killed is back, as another process."""
    with supervised("steady") as process:
        first = int(line(process).split()[1])
        os.kill(first, signal.SIGKILL)
        second = int(line(process).split()[1])
        assert second != first
        process.terminate()
        _, errors = process.communicate()
        assert "a role died and is started again" in errors


def test_a_role_that_was_never_ready_ends_the_run() -> None:
    """A wrong configuration is told once and ends all roles with its status."""
    with supervised("steady", "misconfigured") as process:
        output, errors = process.communicate()
        assert process.returncode == 2
        assert errors == "hub: feed any: adapter: is wrong\n"
        assert "steady stopped" in output or "steady" not in output


def test_a_second_signal_ends_at_once() -> None:
    """A role that does not stop is killed when the signal comes again."""
    with supervised("stubborn") as process:
        assert line(process).startswith("stubborn ")
        process.terminate()
        assert line(process) == "stubborn goes on"
        process.terminate()
        assert process.wait() == 0


def test_no_role_outlives_a_killed_supervisor() -> None:
    """When the supervisor is killed its roles stop: nobody holds its output any more."""
    with supervised("steady") as process:
        assert line(process).startswith("steady ")
        process.kill()
        assert process.stdout
        assert process.stdout.read() == "steady stopped\n"
