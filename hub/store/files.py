"""The files that came, by feed: what each was, how far it is, and how it ended."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from hub.model import FileOutcome
from hub.store.schema import files

_NOTHING_NEW = (FileOutcome.REFUSED, FileOutcome.REPEATED)


def under_way(transaction: Connection, feed: str, name: str, sha256: str) -> Row[Any] | None:
    """The file that had not come to its end."""
    of_bytes = select(files).where(files.c.feed == feed, files.c.sha256 == sha256, files.c.name == name)
    return transaction.execute(of_bytes.where(files.c.outcome == FileOutcome.UNDER_WAY)).first()


def taken_before(transaction: Connection, feed: str, sha256: str) -> Row[Any] | None:
    """The newest file of the same bytes that was taken in whole."""
    found = select(files).where(files.c.feed == feed, files.c.sha256 == sha256, files.c.outcome == FileOutcome.TAKEN)
    return transaction.execute(found.order_by(files.c.started_at.desc())).first()


def next_version(transaction: Connection, feed: str, name: str, sha256: str) -> int:
    """The number of a file among those of its name, of which something was taken in: the same bytes have the number
    that they had before."""
    alike = (files.c.feed == feed, files.c.name == name, files.c.outcome != FileOutcome.REFUSED)
    known = transaction.execute(select(files.c.version).where(*alike, files.c.sha256 == sha256)).scalars().first()
    newest = select(func.max(files.c.version)).where(*alike)
    return known or (transaction.execute(newest).scalar() or 0) + 1


def record(transaction: Connection, row: dict[str, Any]) -> None:
    """Records a new file."""
    transaction.execute(insert(files), row)


def change(transaction: Connection, file_id: str, **values: Any) -> None:
    """Records what is new of a file."""
    transaction.execute(update(files).where(files.c.id == file_id), values)


def newest(connection: Connection, *, feed: str = "", name: str = "", limit: int = 50) -> Sequence[Row[Any]]:
    """The files of a feed, or of all, newest first."""
    query = select(files).order_by(files.c.started_at.desc(), files.c.id).limit(limit)
    if feed:
        query = query.where(files.c.feed == feed)
    if name:
        query = query.where(files.c.name == name)
    return connection.execute(query).all()


def by_id(connection: Connection, file_id: str) -> Row[Any] | None:
    """One file."""
    return connection.execute(select(files).where(files.c.id == file_id)).first()


def last_seen(connection: Connection, feed: str, pattern: str, since: str) -> str:
    """When the newest file came whose name fits the pattern (``*`` and ``?``), after a moment (UTC texts); empty for
    none. What was refused, or had been before, is not the one that is expected."""
    of_feed = select(files.c.name, files.c.started_at).where(files.c.feed == feed, files.c.started_at >= since)
    newest_first = of_feed.where(files.c.outcome.not_in(_NOTHING_NEW)).order_by(files.c.started_at.desc())
    return next((at for name, at in connection.execute(newest_first) if fnmatchcase(name, pattern)), "")
