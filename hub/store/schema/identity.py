"""Whose each record is, and why."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table

from hub.store.schema.databases import main
from hub.store.types import Key, Offset, String

source_records = (
    Table(  # what each system says of a patient under its own identifier; nothing is overwritten across systems
        "source_records",
        main,
        Column("key", Key, primary_key=True),  # authority|value
        Column("person_id", Key, nullable=False),
        Column("family", String, nullable=False, default=""),
        Column("given", String, nullable=False, default=""),
        Column("birth_date", String, nullable=False, default=""),
        Column("demographics", LargeBinary, nullable=False),
        Column("evidence", LargeBinary, nullable=False),
        Column("updated_at", String, nullable=False),
    )
)
Index("records_by_person", source_records.c.person_id)  # the persons behind a batch

identity_blocks = Table(  # what records have in common: those that share a block are compared
    "identity_blocks",
    main,
    Column("block", Offset, primary_key=True, autoincrement=False),  # 64 bits of the hash of what it is
    Column("record", Key, primary_key=True),  # source_records.key; one for all that say the same of one person
    sqlite_with_rowid=False,
)

identity_rules = Table(  # by which rules what is derived from source records was worked out
    "identity_rules",
    main,
    Column("name", Key, primary_key=True),
    Column("version", Integer, nullable=False),
)

identity_reviews = Table(  # two persons who may be one, and what somebody decided; one row for any two
    "identity_reviews",
    main,
    Column("id", Key, primary_key=True),
    Column("person_a", Key, nullable=False),  # who was known
    Column("person_b", Key, nullable=False),  # who came
    Column("bits", Float, nullable=False),
    Column("status", Key, nullable=False),  # open, later, linked, not-same
    Column("message_id", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", String, nullable=False),
    Column("decided_at", String, nullable=False, default=""),
    Column("decided_by", String, nullable=False, default=""),
)
Index("identity_reviews_by_status", identity_reviews.c.status, identity_reviews.c.bits)  # the queue, likeliest first
Index("identity_reviews_by_person_a", identity_reviews.c.person_a)  # hub identity show; a link moves them
Index("identity_reviews_by_person_b", identity_reviews.c.person_b)

identity_merges = Table(  # persons who were taken for one, by whom, and what is to be given back when they are not
    "identity_merges",
    main,
    Column("id", Key, primary_key=True),
    Column("survivor", Key, nullable=False),
    Column("retired", Key, nullable=False),
    Column("message_id", String, nullable=False),  # or the review
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Column("undone_at", String, nullable=False, default=""),
    Column("undone_by", String, nullable=False, default=""),
    Column("body", LargeBinary, nullable=False),
)
Index("identity_merges_by_survivor", identity_merges.c.survivor)  # hub identity show
Index("identity_merges_by_retired", identity_merges.c.retired)
