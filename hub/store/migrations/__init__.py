"""The history of the schema, forward only: a folder for each of the two databases, in it a script for each version.

A database says in its table ``schema_main`` or ``schema_intake`` which version it has; on PostgreSQL, where both live
in one database, both tables are there. ``make migration`` writes the next script.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, inspect, text

from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parent


def name_of(tables: MetaData) -> str:
    """Which of the databases has these tables (``main``, ``intake``); empty for tables without a history."""
    return str(tables.info.get("migrations", ""))


def versions(name: str) -> tuple[str, ...]:
    """All versions of that database that this hub knows (``0001``), oldest first."""
    return tuple(sorted(script.stem[1:5] for script in (FOLDER / name).glob("v*.py")))


def version(connection: Connection, name: str) -> str:
    """The version that the database has; empty for one that is new, or older than the first version."""
    if not inspect(connection).has_table(_version_table(name)):
        return ""
    found = connection.execute(text(f"SELECT version_num FROM {_version_table(name)}")).scalar()  # noqa: S608 - ours
    return str(found or "")


def is_current(connection: Connection, name: str) -> bool:
    """Whether nothing is to be done. Raises ``ConfigurationError`` for a database that a newer hub has changed."""
    found, known = version(connection, name), versions(name)
    if found and found not in known:
        reason = f"the {name} database has schema {found} of a newer version; this one knows {known[-1]}"
        raise ConfigurationError("settings", "HUB_DATABASE_URL", reason)
    return found == known[-1]


def has_any(connection: Connection, tables: MetaData) -> bool:
    """Whether one of the tables is there already."""
    return not set(tables.tables).isdisjoint(inspect(connection).get_table_names())


def upgrade(transaction: Connection, tables: MetaData) -> None:
    """Brings the database to the newest version; all of it happens in the transaction, or nothing."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    name = name_of(tables)
    if is_current(transaction, name):
        return
    adopted = not version(transaction, name) and has_any(transaction, tables)
    scripts = _scripts(FOLDER / name)
    options = {
        "version_table": _version_table(name),
        "transactional_ddl": True,
        "fn": lambda found, _: scripts._upgrade_revs("head", found),
    }
    context = MigrationContext.configure(transaction, opts=options)
    with Operations.context(context):
        context.run_migrations()
    if adopted:
        _check_columns(transaction, tables)


def _check_columns(transaction: Connection, tables: MetaData) -> None:
    """A database from before the first version got the tables that it lacked; nobody knows its other columns."""
    inspector = inspect(transaction)
    for table in tables.sorted_tables:
        missing = set(table.columns.keys()) - {column["name"] for column in inspector.get_columns(table.name)}
        if missing:
            reason = f"the table {table.name} is from before the first version and lacks {', '.join(sorted(missing))}"
            raise ConfigurationError("settings", "HUB_DATABASE_URL", reason)


def _version_table(name: str) -> str:
    return f"schema_{name}"


@cache
def _scripts(folder: Path) -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(folder), version_locations=[str(folder)])
