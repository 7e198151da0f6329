"""Which processes live, which of them does what one does for all, and whether the databases can be written."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, delete, or_, select, update

from hub.model import Json
from hub.store.schema import claims, probes, pulses
from hub.store.upsert import insert_new, upsert


@dataclass(frozen=True, slots=True)
class Pulse:
    """One process in one role; ``at`` is when it last did something, ``state`` what it says of itself. UTC texts."""

    role: str
    instance: str
    started_at: str
    at: str
    state: Json


def beat(transaction: Connection, pulse: Pulse) -> None:
    """Replaces what the process said before."""
    row = {
        "role": pulse.role,
        "instance": pulse.instance,
        "started_at": pulse.started_at,
        "at": pulse.at,
        "state": orjson.dumps(pulse.state),
    }
    upsert(transaction, pulses, [row])


def end(transaction: Connection, role: str, instance: str) -> None:
    """The process stops in good order."""
    transaction.execute(delete(pulses).where(pulses.c.role == role, pulses.c.instance == instance))


def forget(transaction: Connection, before: str) -> None:
    """Those that died long ago."""
    transaction.execute(delete(pulses).where(pulses.c.at < before))


def all_of(connection: Connection) -> Sequence[Pulse]:
    """All that are known, the newest beat of each role first."""
    rows = connection.execute(select(pulses).order_by(pulses.c.role, pulses.c.at.desc()))
    return [Pulse(row.role, row.instance, row.started_at, row.at, orjson.loads(row.state)) for row in rows]


def claim(transaction: Connection, name: str, holder: str, now: str, until: str) -> str:
    """Takes or keeps the work of that name until then, unless another has it: when it was first claimed at all, or
    nothing. Compare and set, in the transaction of the row."""
    insert_new(transaction, claims, [{"name": name, "holder": holder, "until": until, "since": now}])
    free = or_(claims.c.holder == holder, claims.c.until < now)
    taken = transaction.execute(update(claims).where(claims.c.name == name, free).values(holder=holder, until=until))
    if taken.rowcount != 1:
        return ""
    return str(transaction.execute(select(claims.c.since).where(claims.c.name == name)).scalar_one())


def probe(transaction: Connection, database: str, now: str) -> None:
    """Writes to the database (a name in ``schema.probes``), and so finds out whether it can be written."""
    upsert(transaction, probes[database], [{"id": 1, "at": now}])
