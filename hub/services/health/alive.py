"""Which roles run: each process says so, as long as it does something."""

import os
import socket
from datetime import datetime, timedelta

from hub.model import Json
from hub.services.context import Hub
from hub.store import pulses
from hub.store.engine import Turn, utc_text, writing
from hub.store.pulses import Pulse

STALE = timedelta(seconds=60)
"""A role that has said nothing for so long has stopped."""

FORGOTTEN = timedelta(days=1)
"""So long a process is remembered that did not stop in good order."""

ROLES = ("receive", "convert", "route", "deliver")
"""What must run, here or elsewhere, so that what comes in goes out."""


def is_fresh(pulse: Pulse, now: datetime) -> bool:
    """Whether its process still does something."""
    return now - datetime.fromisoformat(pulse.at) < STALE


class Alive:
    """The pulse of this process in its role. A stage that hangs in its work has none."""

    def __init__(self, hub: Hub, role: str) -> None:
        self._hub = hub
        self._role = role
        self.instance = f"{socket.gethostname()}:{os.getpid()}"
        self._started = utc_text(hub.clock.now())
        self._turns = 1
        self._counted = 0

    def turned(self) -> None:
        """The work has come around once more."""
        self._turns += 1

    def beat(self, state: Json | None = None) -> None:
        """Writes down that the process lives, unless its work stands still. Raises ``TransientError``."""
        if self._turns == self._counted:
            return
        now = self._hub.clock.now()
        with writing(self._hub.main, Turn.STAGE) as transaction:
            pulses.beat(transaction, self._pulse(utc_text(now), state or {}))
            pulses.forget(transaction, utc_text(now - FORGOTTEN))
        self._counted = self._turns

    def end(self) -> None:
        """The process stops in good order. Raises ``TransientError``."""
        with writing(self._hub.main, Turn.STAGE) as transaction:
            pulses.end(transaction, self._role, self.instance)

    def _pulse(self, now: str, state: Json) -> Pulse:
        return Pulse(self._role, self.instance, self._started, now, state)
