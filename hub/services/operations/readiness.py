"""Is the hub ready: what comes in is kept, and goes on to the end."""

from dataclasses import dataclass

from hub.errors import TransientError
from hub.services.context import Hub
from hub.services.health.alive import ROLES, is_fresh
from hub.services.health.storage import Storage
from hub.services.operations.progress import backlog
from hub.store import pulses
from hub.store.engine import reading


@dataclass(frozen=True, slots=True)
class Readiness:
    """Ready when there is no reason against it; ``backlog`` is how much waits for each stage (empty when unknown)."""

    reasons: tuple[str, ...]
    backlog: dict[str, int]

    @property
    def ready(self) -> bool:
        return not self.reasons


def readiness(hub: Hub, storage: Storage) -> Readiness:
    """Asks the databases by writing to them, and each role when it last did something. Takes a few seconds at most."""
    troubles = storage.troubles()
    if troubles:  # nothing else can be known now
        return Readiness(tuple(troubles), {})
    try:
        return Readiness(tuple(_of_roles(hub)), {stage.value: count for stage, count in backlog(hub).items()})
    except TransientError as error:
        return Readiness((f"the databases cannot be read ({error.code})",), {})


def _of_roles(hub: Hub) -> list[str]:
    with reading(hub.main) as connection:
        known = pulses.all_of(connection)
    now = hub.clock.now()
    fresh = [pulse for pulse in known if is_fresh(pulse, now)]
    stopped = [f"{role} does not run" for role in ROLES if role not in {pulse.role for pulse in fresh}]
    return stopped + [f"nothing can be stored ({p.state['trouble']})" for p in fresh if p.state.get("trouble")]
