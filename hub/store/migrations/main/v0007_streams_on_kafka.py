"""Streams on kafka."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("sequence", types.Offset(), autoincrement=True, nullable=False),
        sa.Column("stage", types.Key(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", types.Offset(), nullable=False),
        sa.Column("stream", types.String(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("key", types.String(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_lane", "outbox", ["stage", "partition", "sequence"], unique=False)
    op.create_table(
        "raw_counts",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("feed", types.Key(), nullable=False),
        sa.Column("records", types.Offset(), nullable=False),
        sa.Column("newest", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "feed"),
    )
    op.create_table(
        "stream_origins",
        sa.Column("stream", types.Key(), nullable=False),
        sa.Column("origin", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
    )
