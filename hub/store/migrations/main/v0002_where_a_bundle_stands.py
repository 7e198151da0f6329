"""A bundle has a partition, too; until now there was one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("messages", sa.Column("fhir_partition", sa.Integer(), nullable=True))
    op.execute("UPDATE messages SET fhir_partition = 0 WHERE fhir_offset IS NOT NULL")
