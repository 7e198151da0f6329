"""A table of its own for the probes of the intake database, which on PostgreSQL is the main one, too."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "intake_probes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    if not sa.inspect(op.get_bind()).has_table("positions"):  # else that table is the main database's
        op.drop_table("probes")
