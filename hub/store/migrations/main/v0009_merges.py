"""Merges."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "identity_merges",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("survivor", types.Key(), nullable=False),
        sa.Column("retired", types.Key(), nullable=False),
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("by", types.String(), nullable=False),
        sa.Column("at", types.String(), nullable=False),
        sa.Column("undone_at", types.String(), nullable=False),
        sa.Column("undone_by", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("identity_merges_by_retired", "identity_merges", ["retired"], unique=False)
    op.create_index("identity_merges_by_survivor", "identity_merges", ["survivor"], unique=False)
