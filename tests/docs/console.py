"""Runs the ``console`` blocks of a page as a reader would, and compares what they print.

A line that starts with ``$`` is a command, the lines after it what it prints (``…`` stands for any text, a line of
``...`` alone for any lines). A command that ends with ``&`` goes on in the background while later ones run. The
lines of such a command may come in any order. The ports 2575, 8080 and 8081 are replaced by free ones.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PORTS = ("2575", "8080", "8081")
TRIES = 20


@dataclass(frozen=True)
class Command:
    """One command and what the page says it prints."""

    line: str
    expected: str

    @property
    def in_background(self) -> bool:
        return self.line.endswith("&")


def commands(page: Path) -> list[Command]:
    """The commands of a page, in order."""
    found = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            found.append(Command(line.strip(), expected.strip("\n")))
    return found


class Terminal:
    """Runs commands of a page in one environment; ends what still runs in the background when it is closed."""

    def __init__(self, data: Path) -> None:
        self._ports = {port: str(_free_port()) for port in PORTS}
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")} | {
            "HUB_DATA": str(data),
            "HUB_MLLP_PORT": self._ports["2575"],
            "HUB_HTTP_PORT": self._ports["8080"],
            "HUB_HTTP_INTAKE_PORT": self._ports["8081"],
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self._background: list[subprocess.Popen[str]] = []

    def check(self, command: Command) -> None:
        """Runs the command; fails unless it succeeds and prints what the page says."""
        line = self._replaced(command.line)
        expected = self._replaced(command.expected)
        if command.in_background:
            self._start(line.rstrip("& "), expected.splitlines())
            return
        printed = self._run(line)
        tries = TRIES if self._background else 1
        while not matches(expected, printed) and (tries := tries - 1):
            printed = self._run(line)  # what runs in the background may not have come so far
        assert matches(expected, printed), f"$ {line}\nthe page says:\n{expected}\nit printed:\n{printed}"

    def close(self) -> None:
        for process in self._background:
            process.terminate()
            process.communicate(timeout=20)

    def _run(self, line: str) -> str:
        done = subprocess.run(
            line, shell=True, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, f"$ {line}\nexit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.rstrip()

    def _start(self, line: str, expected: list[str]) -> None:
        """Starts the command and waits for all lines; several processes say theirs in any order."""
        process = subprocess.Popen(
            shlex.split(line), cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, text=True
        )
        self._background.append(process)
        assert process.stdout
        while expected:
            printed = process.stdout.readline()
            assert printed, f"$ {line}\nended without saying:\n{expected}"
            expected = [said for said in expected if not matches(said, printed)]

    def _replaced(self, text: str) -> str:
        for port, free in self._ports.items():
            text = re.sub(rf"\b{port}\b", free, text)
        return text


@contextmanager
def terminal(data: Path) -> Iterator[Terminal]:
    """A terminal on an installation of its own under ``data``."""
    opened = Terminal(data)
    try:
        yield opened
    finally:
        opened.close()


def matches(expected: str, printed: str) -> bool:
    """Whether ``printed`` is what a page shows; nothing shown is not looked at."""
    if not expected:
        return True
    pattern = "\n".join(".*" if line.strip() == "..." else _line(line) for line in expected.splitlines())
    return re.fullmatch(pattern, printed.rstrip(), re.DOTALL) is not None


def _line(line: str) -> str:
    return re.escape(line.rstrip()).replace("…", "[^\n]*") + "[ ]*"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
