"""What is known of encounters, results and referrals."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table

from hub.store.schema.databases import main
from hub.store.types import Key, String

encounters = Table(
    "encounters",
    main,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("changed_at", String, nullable=False),
)
Index("encounters_by_person", encounters.c.person_id)  # readmission; the person's page

statements = Table(  # the journal that a projection is the fold of
    "statements",
    main,
    Column("subject", Key, primary_key=True),  # encounter, report or referral id
    Column("message_id", Key, primary_key=True),
    Column("position", Integer, primary_key=True),  # within the message
    Column("kind", String, nullable=False),
    Column("occurred_at", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

results = Table(
    "results",
    main,
    Column("id", Key, primary_key=True),  # report id
    Column("person_id", String, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("changed_at", String, nullable=False),
)

NEVER = "9999-12-31"
"""When something is due that never is; it sorts last."""

referrals = Table(
    "referrals",
    main,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, nullable=False),
    Column("status", Key, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("number", Key, nullable=False, default=""),
    Column("due_at", Key, nullable=False, server_default=NEVER),  # of the next step; NEVER where there is none
    Column("owner", String, nullable=False, server_default=""),  # who does it
    Column("referrer_npi", Key, nullable=False, server_default=""),
    Column("referred_npi", Key, nullable=False, server_default=""),
    Column("referred_group", Key, nullable=False, server_default=""),  # in small letters
    Column("state", LargeBinary, nullable=False),
    Column("changed_at", String, nullable=False),
)
Index("referrals_by_due", referrals.c.open, referrals.c.due_at)  # the worklist
Index("referrals_by_referrer", referrals.c.referrer_npi, referrals.c.open, referrals.c.due_at)  # a practice's worklist
Index("referrals_by_referred", referrals.c.referred_npi, referrals.c.open, referrals.c.due_at)
Index("referrals_by_group", referrals.c.referred_group, referrals.c.open, referrals.c.due_at)
Index("referrals_by_person", referrals.c.person_id, referrals.c.open)  # candidates; specialists with an open referral
Index("referrals_by_status", referrals.c.open, referrals.c.status)  # the worklist
Index("referrals_by_number", referrals.c.number)  # hub referrals NUMBER

referral_keys = Table(  # placer and filler numbers, appointment ids, fax codes: learned from every message
    "referral_keys",
    main,
    Column("key", Key, primary_key=True),
    Column("referral_id", String, nullable=False),
)

suggestions = Table(  # a note that probably answers a referral, before a coordinator confirms or rejects it
    "suggestions",
    main,
    Column("id", Key, primary_key=True),
    Column("referral_id", Key, nullable=False),
    Column("message_id", String, nullable=False),
    Column("status", Key, nullable=False),  # open, confirmed, rejected, withdrawn
    Column("body", LargeBinary, nullable=False),
    Column("created_at", String, nullable=False),
    Column("decided_by", String, nullable=False, default=""),
)
Index("suggestions_by_status", suggestions.c.status)  # the worklist
Index("suggestions_by_referral", suggestions.c.referral_id)  # what was decided of a note before

tasks = Table(  # what someone is to do by when: transitional care after a discharge, outreach after a no-show
    "tasks",
    main,
    Column("id", Key, primary_key=True),
    Column("kind", String, nullable=False),
    Column("person_id", String, nullable=False),
    Column("subject", Key, nullable=False),
    Column("practice_id", String, nullable=False),
    Column("status", Key, nullable=False),  # open, done, cancelled
    Column("due", Key, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
Index("tasks_by_status", tasks.c.status, tasks.c.due)  # the worklist
Index("tasks_by_subject", tasks.c.subject)  # one referral's page
