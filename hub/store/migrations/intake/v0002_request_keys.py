"""Request keys."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "request_keys",
        sa.Column("feed", types.String(), nullable=False),
        sa.Column("key", types.String(), nullable=False),
        sa.Column("says", types.String(), nullable=False),
        sa.Column("claim", types.String(), nullable=False),
        sa.Column("claimed_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "key"),
    )
