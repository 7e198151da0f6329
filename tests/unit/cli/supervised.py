"""A supervisor with small roles, run as a program by the tests: each role prints its process id when it is ready."""

import os
import signal
import sys

from hub.cli.supervisor import Announce, Supervisor
from hub.errors import ConfigurationError
from hub.services.operations import logs


def steady(announce: Announce) -> None:
    """Runs until SIGTERM, then says so."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("steady stopped", flush=True)))
    announce(f"steady {os.getpid()}")
    while True:
        signal.pause()


def stubborn(announce: Announce) -> None:
    """Does not hear SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: print("stubborn goes on", flush=True))
    announce(f"stubborn {os.getpid()}")
    while True:
        signal.pause()


def misconfigured(_: Announce) -> None:
    """Is never ready."""
    raise ConfigurationError("feed any", "adapter", "is wrong")


ROLES = {role.__name__: role for role in (steady, stubborn, misconfigured)}

if __name__ == "__main__":
    logs.configure("info")
    sys.exit(Supervisor({name: ROLES[name] for name in sys.argv[1:]}).run())
