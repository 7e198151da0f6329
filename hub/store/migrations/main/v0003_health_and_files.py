"""Health and files."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "alarm_mutes",
        sa.Column("kind", types.Key(), nullable=False),
        sa.Column("feed", types.Key(), nullable=False),
        sa.Column("subject", types.Key(), nullable=False),
        sa.Column("until", types.String(), nullable=False),
        sa.Column("by", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "feed", "subject"),
    )
    op.create_table(
        "alarms",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("kind", types.Key(), nullable=False),
        sa.Column("feed", types.Key(), nullable=False),
        sa.Column("subject", types.Key(), nullable=False),
        sa.Column("expected", types.Text(), nullable=False),
        sa.Column("seen", types.Text(), nullable=False),
        sa.Column("text", types.Text(), nullable=False),
        sa.Column("opened_at", types.Key(), nullable=False),
        sa.Column("closed_at", types.String(), nullable=False),
        sa.Column("acknowledged_by", types.String(), nullable=False),
        sa.Column("acknowledged_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alarms_by_time", "alarms", ["opened_at"], unique=False)
    op.create_index(
        "alarms_open",
        "alarms",
        ["kind", "feed", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at = ''"),
        postgresql_where=sa.text("closed_at = ''"),
    )
    op.create_table(
        "claims",
        sa.Column("name", types.Key(), nullable=False),
        sa.Column("holder", types.String(), nullable=False),
        sa.Column("until", types.String(), nullable=False),
        sa.Column("since", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "files",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("feed", types.Key(), nullable=False),
        sa.Column("name", types.Key(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", types.Key(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("outcome", types.String(), nullable=False),
        sa.Column("reason", types.Text(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("positions", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", types.Key(), nullable=False),
        sa.Column("ended_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("files_by_bytes", "files", ["feed", "sha256"], unique=False)
    op.create_index("files_by_feed", "files", ["feed", "started_at"], unique=False)
    op.create_index("files_by_name", "files", ["feed", "name"], unique=False)
    op.create_table(
        "probes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,  # on PostgreSQL both databases are one
    )
    op.create_table(
        "pulses",
        sa.Column("role", types.Key(), nullable=False),
        sa.Column("instance", types.Key(), nullable=False),
        sa.Column("started_at", types.String(), nullable=False),
        sa.Column("at", types.String(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("role", "instance"),
    )
    op.create_table(
        "traffic_hours",
        sa.Column("feed", types.Key(), nullable=False),
        sa.Column("label", types.Key(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "label", "hour"),
    )
    op.create_index("traffic_by_hour", "traffic_hours", ["hour"], unique=False)
    op.create_table(
        "traffic_minutes",
        sa.Column("feed", types.Key(), nullable=False),
        sa.Column("kind", types.Key(), nullable=False),
        sa.Column("label", types.Key(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "kind", "label", "minute"),
    )
    op.create_index("traffic_by_minute", "traffic_minutes", ["minute"], unique=False)
    op.create_table(
        "traffic_totals",
        sa.Column("feed", types.Key(), nullable=False),
        sa.Column("kind", types.Key(), nullable=False),
        sa.Column("label", types.Key(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("newest", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "kind", "label"),
    )
