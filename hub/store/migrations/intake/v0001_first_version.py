"""First version."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "stream_raw",
        sa.Column("offset", types.Offset(), autoincrement=True, nullable=False),
        sa.Column("key", types.String(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("id", types.String(), nullable=False),
        sa.Column("feed", types.String(), nullable=False),
        sa.Column("control_id", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("offset"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("raw_by_feed", "stream_raw", ["feed", "offset"], unique=False, if_not_exists=True)
