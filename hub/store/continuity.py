"""Does the log of what was received go on from where the stages have read it?

An older copy of ``intake.db`` beside a newer ``hub.db`` would number what comes now as what was read long ago: it would
be acknowledged, and never read. So the newest record that was read must be there, and be one that ``hub.db`` knows.
"""

from collections.abc import Callable

from sqlalchemy import Engine, select

from hub.model import Stage
from hub.store import messages, positions
from hub.store.engine import reading
from hub.store.schema import stream_raw

REMEDY = "put the intake.db that belongs to this hub.db in its place, or begin with both anew"


def gap(main: Engine, id_at: Callable[[int], str | None]) -> str:
    """Why what comes now would be lost, empty when it would not; ``id_at`` says which message has an offset in the
    embedded log, None for none. Raises ``StoreBusy``."""
    with reading(main) as connection:
        position = positions.within(connection, Stage.CONVERT, 0)
        if position == positions.START:
            return ""
        found = id_at(position)
        if found is None:
            return f"the intake log ends before record {position}, up to which it has been read: it is older; {REMEDY}"
        if not messages.known(connection, [found]):
            return f"nobody knows record {position} of the intake log, which has been read: it is another's; {REMEDY}"
        return ""


def gap_between(main: Engine, intake: Engine) -> str:
    """The same of two databases. Raises ``StoreBusy``."""

    def id_at(offset: int) -> str | None:
        with reading(intake) as connection:
            return connection.execute(select(stream_raw.c.id).where(stream_raw.c.offset == offset)).scalar()

    return gap(main, id_at)
