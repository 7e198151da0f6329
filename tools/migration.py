"""Writes the next script of the schema's history: what ``hub/store/schema`` has and the newest version lacks.

``python -m tools.migration DATABASE TITLE`` (``main`` or ``intake``; the title is a few words). What it writes is to be
read and mended: it sees tables, columns and indexes, but no data that must move, and a renamed column as two.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import UpgradeOps
from sqlalchemy import Connection, MetaData, make_url

from hub.store import migrations, schema, sqlite
from hub.store.types import Offset, Text

DATABASES = {"main": schema.main, "intake": schema.intake}
SCRIPT = '''"""{title}"""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "{version}"
down_revision = {before!r}


def upgrade() -> None:
{code}
'''


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.migration", description=__doc__)
    parser.add_argument("database", choices=DATABASES)
    parser.add_argument("title")
    given = parser.parse_args()
    script = write(given.database, given.title)
    sys.stdout.write(f"{script or 'nothing to write: the newest version has all of it'}\n")
    return 0


def write(name: str, title: str) -> Path | None:
    """The new script; None when there is nothing to write."""
    folder = migrations.FOLDER / name
    known = migrations.versions(name)
    changes = difference(DATABASES[name])
    if changes.is_empty():
        return None
    version, before = f"{len(known) + 1:04}", known[-1] if known else None
    lines = render_python_code(changes, render_item=_item).splitlines()
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    script = folder / f"v{version}_{title.lower().replace(' ', '_')}.py"
    script.write_text(SCRIPT.format(title=f"{title.capitalize()}.", version=version, before=before, code=code))
    return script


def difference(tables: MetaData) -> UpgradeOps:
    """What a new database at the newest version lacks."""
    name = migrations.name_of(tables)
    with sqlite.create(make_url("sqlite://")).begin() as connection:
        if migrations.versions(name):
            migrations.upgrade(connection, tables)
        changes = produce_migrations(comparing(connection, name), tables).upgrade_ops
    assert changes is not None
    return changes


def comparing(connection: Connection, name: str) -> MigrationContext:
    """For a comparison of the database with tables; its version table and the other database's tables are not seen."""
    unseen = {f"schema_{other}" for other in DATABASES} | {
        table for other, tables in DATABASES.items() if other != name for table in tables.tables
    }
    unseen -= set(DATABASES[name].tables)
    seen = {"include_name": lambda table, kind, _: kind != "table" or table not in unseen, "compare_type": True}
    return MigrationContext.configure(connection, opts=seen)


def _item(kind: str, item: Any, _: AutogenContext) -> str | bool:
    return f"types.{type(item).__name__}()" if kind == "type" and isinstance(item, Text | Offset) else False


if __name__ == "__main__":
    sys.exit(main())
