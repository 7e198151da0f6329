"""Blocks by number; the hub fills them again from the records when it opens the database."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "identity_rules",
        sa.Column("name", types.Key(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.drop_table("identity_blocks")
    op.create_table(
        "identity_blocks",
        sa.Column("block", types.Offset(), autoincrement=False, nullable=False),
        sa.Column("record", types.Key(), nullable=False),
        sa.PrimaryKeyConstraint("block", "record"),
        sqlite_with_rowid=False,
    )
