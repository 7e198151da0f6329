"""Probes."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "probes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,  # on PostgreSQL both databases are one
    )
