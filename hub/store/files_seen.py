"""When a file of some name last came: known by what was made of it, whose control id begins with the file's name."""

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from hub.store.engine import utc_text
from hub.store.schema import messages


def newest(connection: Connection, feed: str, pattern: str, since: datetime) -> datetime | None:
    """The newest arrival of a file of the feed whose name fits the pattern (``*`` and ``?``), after that moment.

    Rows of a table are called ``name#line``, documents ``name``.
    """
    like = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%").replace("?", "_")
    name = messages.c.control_id
    query = select(func.max(messages.c.received_at)).where(
        messages.c.feed == feed,
        messages.c.received_at >= utc_text(since),
        or_(name.like(like, escape="\\"), name.like(f"{like}#%", escape="\\")),
    )
    found = connection.execute(query).scalar()
    return datetime.fromisoformat(found) if found else None
