"""Identity by weight."""

import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "identity_blocks",
        sa.Column("block", types.Key(), nullable=False),
        sa.Column("record", types.Key(), nullable=False),
        sa.PrimaryKeyConstraint("block", "record"),
    )
    op.create_table(
        "identity_reviews",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("person_a", types.Key(), nullable=False),
        sa.Column("person_b", types.Key(), nullable=False),
        sa.Column("bits", sa.Float(), nullable=False),
        sa.Column("status", types.Key(), nullable=False),
        sa.Column("message_id", types.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.String(), nullable=False),
        sa.Column("decided_at", types.String(), nullable=False),
        sa.Column("decided_by", types.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("identity_reviews_by_person_a", "identity_reviews", ["person_a"], unique=False)
    op.create_index("identity_reviews_by_person_b", "identity_reviews", ["person_b"], unique=False)
    op.create_index("identity_reviews_by_status", "identity_reviews", ["status", "bits"], unique=False)
    op.drop_index(op.f("records_by_birth"), table_name="source_records")
