"""First version."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("notification_id", types.String(), nullable=False),
        sa.Column("channel", types.String(), nullable=False),
        sa.Column("state", types.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", types.String(), nullable=False),
        sa.Column("receipt", types.String(), nullable=False),
        sa.Column("error", types.String(), nullable=False),
        sa.Column("changed_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("deliveries_by_notification", "deliveries", ["notification_id"], unique=False, if_not_exists=True)
    op.create_index("deliveries_due", "deliveries", ["state", "next_at"], unique=False, if_not_exists=True)
    op.create_table(
        "duplicates",
        sa.Column("raw_partition", sa.Integer(), nullable=False),
        sa.Column("raw_offset", types.Offset(), nullable=False),
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("feed", types.String(), nullable=False),
        sa.Column("received_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("raw_partition", "raw_offset"),
        if_not_exists=True,
    )
    op.create_index("duplicates_by_feed", "duplicates", ["feed"], unique=False, if_not_exists=True)
    op.create_index("duplicates_by_message", "duplicates", ["message_id"], unique=False, if_not_exists=True)
    op.create_table(
        "encounters",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("encounters_by_person", "encounters", ["person_id"], unique=False, if_not_exists=True)
    op.create_table(
        "events",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("event_key", types.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", types.String(), nullable=False),
        sa.Column("kind", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=False),
        sa.Column("subject", types.String(), nullable=False),
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("occurred_at", types.String(), nullable=False),
        sa.Column("silent", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("events_by_key", "events", ["event_key"], unique=False, if_not_exists=True)
    op.create_index("events_by_message", "events", ["message_id"], unique=False, if_not_exists=True)
    op.create_index("events_by_subject", "events", ["subject"], unique=False, if_not_exists=True)
    op.create_table(
        "messages",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("feed", types.String(), nullable=False),
        sa.Column("format", types.String(), nullable=False),
        sa.Column("type", types.String(), nullable=False),
        sa.Column("sender", types.String(), nullable=False),
        sa.Column("control_id", types.String(), nullable=False),
        sa.Column("sha256", types.String(), nullable=False),
        sa.Column("received_at", types.String(), nullable=False),
        sa.Column("origin", types.String(), nullable=False),
        sa.Column("status", types.String(), nullable=False),
        sa.Column("code", types.String(), nullable=False),
        sa.Column("reason", types.Text(), nullable=False),
        sa.Column("person_id", types.String(), nullable=True),
        sa.Column("search", types.Text(), nullable=False),
        sa.Column("raw_partition", sa.Integer(), nullable=False),
        sa.Column("raw_offset", types.Offset(), nullable=False),
        sa.Column("fhir_offset", types.Offset(), nullable=True),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("routed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("messages_by_control_id", "messages", ["control_id"], unique=False, if_not_exists=True)
    op.create_index("messages_by_feed", "messages", ["feed", "status"], unique=False, if_not_exists=True)
    op.create_index("messages_by_person", "messages", ["person_id", "received_at"], unique=False, if_not_exists=True)
    op.create_index("messages_by_status", "messages", ["status", "received_at"], unique=False, if_not_exists=True)
    op.create_index("messages_by_time", "messages", ["received_at"], unique=False, if_not_exists=True)
    op.create_table(
        "notifications",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("event_key", types.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("practice_id", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=False),
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("kind", types.String(), nullable=False),
        sa.Column("urgency", types.String(), nullable=False),
        sa.Column("created_at", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("notifications_by_event", "notifications", ["event_key"], unique=False, if_not_exists=True)
    op.create_index("notifications_by_message", "notifications", ["message_id"], unique=False, if_not_exists=True)
    op.create_index(
        "notifications_by_practice", "notifications", ["practice_id", "created_at"], unique=False, if_not_exists=True
    )
    op.create_table(
        "panel",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("practice_id", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=True),
        sa.Column("pcp_npi", types.String(), nullable=False),
        sa.Column("start_date", types.String(), nullable=False),
        sa.Column("end_date", types.String(), nullable=False),
        sa.Column("outcome", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("panel_by_person", "panel", ["person_id"], unique=False, if_not_exists=True)
    op.create_index("panel_by_practice", "panel", ["practice_id"], unique=False, if_not_exists=True)
    op.create_table(
        "positions",
        sa.Column("stage", types.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", types.Offset(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "partition"),
        if_not_exists=True,
    )
    op.create_table(
        "referral_keys",
        sa.Column("key", types.String(), nullable=False),
        sa.Column("referral_id", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        if_not_exists=True,
    )
    op.create_table(
        "referrals",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=False),
        sa.Column("status", types.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("number", types.String(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("referrals_by_number", "referrals", ["number"], unique=False, if_not_exists=True)
    op.create_index("referrals_by_person", "referrals", ["person_id", "open"], unique=False, if_not_exists=True)
    op.create_index("referrals_by_status", "referrals", ["open", "status"], unique=False, if_not_exists=True)
    op.create_table(
        "results",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_table(
        "source_records",
        sa.Column("key", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=False),
        sa.Column("family", types.String(), nullable=False),
        sa.Column("given", types.String(), nullable=False),
        sa.Column("birth_date", types.String(), nullable=False),
        sa.Column("demographics", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        if_not_exists=True,
    )
    op.create_index("records_by_birth", "source_records", ["birth_date", "family"], unique=False, if_not_exists=True)
    op.create_index("records_by_person", "source_records", ["person_id"], unique=False, if_not_exists=True)
    op.create_table(
        "statements",
        sa.Column("subject", types.String(), nullable=False),
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", types.String(), nullable=False),
        sa.Column("occurred_at", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "message_id", "position"),
        if_not_exists=True,
    )
    op.create_table(
        "stream_dead",
        sa.Column("offset", types.Offset(), autoincrement=True, nullable=False),
        sa.Column("key", types.String(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("offset"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "stream_events",
        sa.Column("offset", types.Offset(), autoincrement=True, nullable=False),
        sa.Column("key", types.String(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("offset"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "stream_fhir",
        sa.Column("offset", types.Offset(), autoincrement=True, nullable=False),
        sa.Column("key", types.String(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("offset"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "stream_notifications",
        sa.Column("offset", types.Offset(), autoincrement=True, nullable=False),
        sa.Column("key", types.String(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("offset"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "suggestions",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("referral_id", types.String(), nullable=False),
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("status", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.String(), nullable=False),
        sa.Column("decided_by", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("suggestions_by_referral", "suggestions", ["referral_id"], unique=False, if_not_exists=True)
    op.create_index("suggestions_by_status", "suggestions", ["status"], unique=False, if_not_exists=True)
    op.create_table(
        "tasks",
        sa.Column("id", types.String(), nullable=False),
        sa.Column("kind", types.String(), nullable=False),
        sa.Column("person_id", types.String(), nullable=False),
        sa.Column("subject", types.String(), nullable=False),
        sa.Column("practice_id", types.String(), nullable=False),
        sa.Column("status", types.String(), nullable=False),
        sa.Column("due", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("tasks_by_status", "tasks", ["status", "due"], unique=False, if_not_exists=True)
    op.create_index("tasks_by_subject", "tasks", ["subject"], unique=False, if_not_exists=True)
    op.create_table(
        "traces",
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("stage", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "stage"),
        if_not_exists=True,
    )
