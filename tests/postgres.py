"""A PostgreSQL server of the tests' own on loopback, without Docker, and databases that are made on it."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.ports import free_port
from tests.waiting import until

GIVEN = "HUB_TEST_POSTGRES"
"""The URL of a server that is there already, by a user who may create databases."""
REQUIRED = "HUB_TEST_POSTGRES_REQUIRED"
UNPRIVILEGED = ("postgres", "nobody")
"""Whom the server runs as when the tests run as root, which it refuses to: the first one that exists."""
PATIENCE_SECONDS = 60.0

_INITDB = (
    "--username=hub",
    "--auth=trust",
    "--no-sync",
    "--no-instructions",
    "--encoding=UTF8",
    # a locale that sorts otherwise than by code points, as an installation may have it
    "--locale=C",
    "--locale-provider=icu",
    "--icu-locale=en-US",
)


class Databases:
    """Databases on a server, one for each name; ``admin`` is the URL of one that is there."""

    def __init__(self, admin: str) -> None:
        self._admin = make_url(admin).set(drivername="postgresql")
        self._made: dict[str, str] = {}
        self._numbers = count(1)

    def url(self, name: str) -> str:
        """The URL of the database by that name, which is new and empty the first time."""
        if name not in self._made:
            self._made[name] = f"hub_test_{os.getpid()}_{next(self._numbers)}"
            self._say("CREATE DATABASE {}", self._made[name])
        made = self._admin.set(drivername="postgresql+psycopg", database=self._made[name])
        return made.render_as_string(hide_password=False)

    def drop(self) -> None:
        """Drops all that were made, whoever is still connected."""
        while self._made:
            self._say("DROP DATABASE {} WITH (FORCE)", self._made.popitem()[1])

    def _say(self, statement: str, name: str) -> None:
        with psycopg.connect(self._admin.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))  # type: ignore[arg-type]


class Server:
    """A server process that can be killed and started again on the same port with the same data."""

    def __init__(self, binaries: Path, folder: Path, *settings: str) -> None:
        self._binaries, self._folder, self._settings = binaries, folder, settings
        self._user = _unprivileged(folder)
        self.port = free_port()
        self.admin = f"postgresql://hub@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-D", "data", *_INITDB).check_returncode()
        self.start()

    def start(self) -> None:
        """Returns when it takes connections; what is left of a server that was killed is waited for."""
        self._process = self._launch()
        until(self._is_up, (self._folder / "log").read_text)

    def kill(self) -> None:
        """SIGKILL to all of its processes: what it had only in memory is gone."""
        processes = [self._process.pid, *_children(self._process.pid)]
        for process in processes:
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(process, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ends it, whoever is still connected."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE_SECONDS)

    def _launch(self) -> "subprocess.Popen[bytes]":
        where = (f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=")
        options = [word for setting in (*where, *self._settings) for word in ("-c", setting)]
        command = [str(self._binaries / "postgres"), "-D", "data", *options]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, **self._user)

    def _is_up(self) -> bool:
        """Whether it takes connections; one that found the former still there is started again."""
        if self._process.poll() is not None:
            self._process = self._launch()
        return self._answers()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.admin).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        command = [str(self._binaries / program), *arguments]
        return subprocess.run(command, cwd=self._folder, stdout=subprocess.DEVNULL, check=False, **self._user)


@contextmanager
def serving(binaries: Path, *settings: str) -> Iterator[Server]:
    """A server in a folder of its own, until the end of the block; ``settings`` are lines of ``postgresql.conf``."""
    folder = Path(tempfile.mkdtemp(prefix="carering-postgres-"))
    try:
        server = Server(binaries, folder, *settings)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def binaries() -> Path | None:
    """The folder of the newest installed server's programs."""
    versions = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _unprivileged(folder: Path) -> dict[str, Any]:
    """For a child process: the user who the server runs as, and who gets the folder."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next(names[name] for name in UNPRIVILEGED if name in names)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _children(parent: int) -> list[int]:
    """The processes that a process has started (proc(5): the fourth field of ``stat``)."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            process, _, rest = status.read_text().partition(" (")
        except OSError:  # it has ended meanwhile
            continue
        if int(rest.rpartition(") ")[2].split()[1]) == parent:
            found.append(int(process))
    return found
