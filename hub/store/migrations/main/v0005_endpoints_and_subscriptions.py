"""Endpoints and subscriptions."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "endpoints",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("practice_id", types.String(), nullable=False),
        sa.Column("channel", types.String(), nullable=False),
        sa.Column("numbered", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", types.String(), nullable=False),
        sa.Column("wake_at", types.String(), nullable=False),
        sa.Column("error", types.Text(), nullable=False),
        sa.Column("holder", types.String(), nullable=False),
        sa.Column("held_until", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("practice_id", types.Key(), nullable=False),
        sa.Column("status", types.String(), nullable=False),
        sa.Column("error", types.Text(), nullable=False),
        sa.Column("resource", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.String(), nullable=False),
        sa.Column("changed_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("subscriptions_by_practice", "subscriptions", ["practice_id"], unique=False)
    op.add_column("deliveries", sa.Column("endpoint", types.Key(), server_default="", nullable=False))
    op.add_column("deliveries", sa.Column("number", sa.Integer(), server_default="0", nullable=False))
    op.create_index("deliveries_by_endpoint", "deliveries", ["endpoint", "state", "number"], unique=False)
    # What is on its way keeps its place: the order in which it was to be sent.
    op.execute(
        "UPDATE deliveries SET endpoint = (SELECT practice_id FROM notifications"
        " WHERE notifications.id = deliveries.notification_id) || '|' || channel WHERE channel <> ''"
    )
    op.execute(
        "INSERT INTO endpoints SELECT deliveries.endpoint, MIN(notifications.practice_id), MIN(deliveries.channel),"
        " 0, 0, '', '', '', '', '' FROM deliveries JOIN notifications ON notifications.id = deliveries.notification_id"
        " WHERE deliveries.endpoint <> '' GROUP BY deliveries.endpoint"
    )
