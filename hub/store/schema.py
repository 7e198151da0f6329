"""The tables, by subject. Each index names the query that needs it.

What changes here needs a script in ``hub/store/migrations``, too: ``make migration`` writes it.

Times are UTC, ISO 8601 texts of one width (``hub.store.engine.utc_text``), so that they sort as they are.
JSON columns hold what is only read back whole.
"""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table

from hub.store.types import Key, Offset, String, Text

intake = MetaData(info={"migrations": "intake", "page_size": 8192})
"""The intake log: with SQLite in a database file of its own, in pages that hold several messages."""

main = MetaData(info={"migrations": "main"})
"""Everything else."""

# --- streams ---------------------------------------------------------------------------------------------------


def _stream_table(name: str, metadata: MetaData) -> Table:
    return Table(
        name,
        metadata,
        Column("offset", Offset, primary_key=True, autoincrement=True),
        Column("key", String, nullable=False),
        Column("headers", LargeBinary, nullable=False),
        Column("value", LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


stream_raw = _stream_table("stream_raw", intake)
stream_raw.append_column(Column("id", String, nullable=False))
stream_raw.append_column(Column("feed", Key, nullable=False))
stream_raw.append_column(Column("control_id", String, nullable=False))
# No index by id or control id: they would cost a third of receiving, and only what still waits is looked for here.
Index("raw_by_feed", stream_raw.c.feed, stream_raw.c.offset)  # hub ledger: accepted per feed

request_keys = Table(  # what senders name requests and resources by, so that the same one is known again
    "request_keys",
    intake,
    Column("feed", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("says", String, nullable=False),
    Column("claim", String, nullable=False),
    Column("claimed_at", String, nullable=False),
)

stream_fhir = _stream_table("stream_fhir", main)
stream_events = _stream_table("stream_events", main)
stream_notifications = _stream_table("stream_notifications", main)
stream_dead = _stream_table("stream_dead", main)

positions = Table(
    "positions",
    main,
    Column("stage", Key, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("position", Offset, nullable=False),
)

outbox = Table(  # what stages hand on where the streams are on another server, until it is there
    "outbox",
    main,
    Column("sequence", Offset, primary_key=True, autoincrement=True),
    Column("stage", Key, nullable=False),  # who hands it on, and from which partition up to which offset
    Column("partition", Integer, nullable=False),
    Column("position", Offset, nullable=False),
    Column("stream", String, nullable=False),  # where it goes
    Column("target", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("outbox_by_lane", outbox.c.stage, outbox.c.partition, outbox.c.sequence)  # what to hand on next

raw_counts = Table(  # what the convert stage has read of hub.raw where that cannot be counted: hub ledger
    "raw_counts",
    main,
    Column("partition", Integer, primary_key=True),
    Column("feed", Key, primary_key=True),
    Column("records", Offset, nullable=False),
    Column("newest", String, nullable=False),
)

stream_origins = Table(  # whose offsets the positions are, where the streams are on another server
    "stream_origins",
    main,
    Column("stream", Key, primary_key=True),
    Column("origin", String, nullable=False),
)

# --- messages --------------------------------------------------------------------------------------------------

messages = Table(
    "messages",
    main,
    Column("id", Key, primary_key=True),
    Column("feed", Key, nullable=False),
    Column("format", String, nullable=False),
    Column("type", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("control_id", Key, nullable=False),
    Column("sha256", String, nullable=False),
    Column("received_at", Key, nullable=False),
    Column("origin", String, nullable=False),
    Column("status", Key, nullable=False),
    Column("code", String, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("person_id", Key),
    Column("search", Text, nullable=False, default=""),
    Column("raw_partition", Integer, nullable=False),
    Column("raw_offset", Offset, nullable=False),
    Column("fhir_partition", Integer),
    Column("fhir_offset", Offset),
    Column("warnings", Integer, nullable=False, default=0),
    Column("routed", Boolean, nullable=False, default=False),
)
Index("messages_by_control_id", messages.c.control_id)  # hub show CONTROL-ID; the same id with other contents
Index("messages_by_feed", messages.c.feed, messages.c.status)  # hub ledger; counts per feed
Index("messages_by_person", messages.c.person_id, messages.c.received_at)  # hub messages --patient
Index("messages_by_time", messages.c.received_at)  # hub messages, newest first
Index("messages_by_status", messages.c.status, messages.c.received_at)  # hub messages --status held

duplicates = Table(
    "duplicates",
    main,
    Column("raw_partition", Integer, primary_key=True),
    Column("raw_offset", Offset, primary_key=True),
    Column("message_id", Key, nullable=False),
    Column("feed", Key, nullable=False),
    Column("received_at", String, nullable=False),
)
Index("duplicates_by_feed", duplicates.c.feed)  # hub ledger
Index("duplicates_by_message", duplicates.c.message_id)  # hub show: when it came again

traces = Table(  # what a stage did with a message and why: hub explain
    "traces",
    main,
    Column("message_id", Key, primary_key=True),
    Column("stage", Key, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# --- files -----------------------------------------------------------------------------------------------------

files = Table(  # each arrival of a file, and how far it was taken in
    "files",
    main,
    Column("id", Key, primary_key=True),
    Column("feed", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("version", Integer, nullable=False),  # of that name in that feed, from 1: other bytes are another version
    Column("sha256", Key, nullable=False),
    Column("size", Integer, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("messages", Integer, nullable=False, default=0),  # handed over and durable
    Column("bad", Integer, nullable=False, default=0),  # of these, rows that cannot be read
    Column("refused", Integer, nullable=False, default=0),  # not taken in
    Column("line", Integer, nullable=False, default=0),  # everything up to here is durable or refused
    Column("positions", LargeBinary, nullable=False, default=b"{}"),  # the ends of hub.raw when that was so
    Column("started_at", Key, nullable=False),
    Column("ended_at", String, nullable=False, default=""),
)
Index("files_by_feed", files.c.feed, files.c.started_at)  # hub files; did the expected file come
Index("files_by_bytes", files.c.feed, files.c.sha256)  # the same bytes again
Index("files_by_name", files.c.feed, files.c.name)  # the next version of a name

# --- identity --------------------------------------------------------------------------------------------------

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

# --- what is known of encounters, results and referrals --------------------------------------------------------

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

# --- who hears of it -------------------------------------------------------------------------------------------

panel = Table(
    "panel",
    main,
    Column("id", Key, primary_key=True),
    Column("practice_id", Key, nullable=False),
    Column("person_id", Key),
    Column("pcp_npi", String, nullable=False),
    Column("start_date", String, nullable=False, default=""),
    Column("end_date", String, nullable=False, default=""),
    Column("outcome", String, nullable=False),  # matched, new, ambiguous, invalid
    Column("body", LargeBinary, nullable=False),
)
Index("panel_by_person", panel.c.person_id)  # attribution
Index("panel_by_practice", panel.c.practice_id)  # the practice's page; a full file replaces

events = Table(
    "events",
    main,
    Column("id", Key, primary_key=True),
    Column("event_key", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("person_id", String, nullable=False),
    Column("subject", Key, nullable=False),
    Column("message_id", Key, nullable=False),
    Column("occurred_at", String, nullable=False),
    Column("silent", String, nullable=False, default=""),
    Column("body", LargeBinary, nullable=False),
)
Index("events_by_key", events.c.event_key)  # has this happened already
Index("events_by_message", events.c.message_id)  # hub explain
Index("events_by_subject", events.c.subject)  # the timeline of an encounter or referral

notifications = Table(
    "notifications",
    main,
    Column("id", Key, primary_key=True),
    Column("event_key", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("practice_id", Key, nullable=False),
    Column("person_id", String, nullable=False),
    Column("message_id", Key, nullable=False),
    Column("kind", String, nullable=False),
    Column("urgency", String, nullable=False),
    Column("created_at", Key, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
Index("notifications_by_practice", notifications.c.practice_id, notifications.c.created_at)  # the inbox
Index("notifications_by_event", notifications.c.event_key)  # who got the original
Index("notifications_by_message", notifications.c.message_id)  # hub explain

deliveries = Table(
    "deliveries",
    main,
    Column("id", Key, primary_key=True),
    Column("notification_id", Key, nullable=False),
    Column("channel", String, nullable=False),
    Column("endpoint", Key, nullable=False, server_default=""),  # endpoints.id: whose queue it stands in
    Column("number", Integer, nullable=False, server_default="0"),  # its place there, from 1
    Column("state", Key, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Key, nullable=False),  # not before
    Column("receipt", String, nullable=False, default=""),
    Column("error", String, nullable=False, default=""),
    Column("changed_at", String, nullable=False),
)
Index("deliveries_due", deliveries.c.state, deliveries.c.next_at)  # what waits
Index("deliveries_by_endpoint", deliveries.c.endpoint, deliveries.c.state, deliveries.c.number)  # what to send now
Index("deliveries_by_notification", deliveries.c.notification_id)  # the states of a notice

endpoints = Table(  # where notices go: one queue each, and one sender at a time
    "endpoints",
    main,
    Column("id", Key, primary_key=True),
    Column("practice_id", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("numbered", Integer, nullable=False),  # how many deliveries were ever queued here
    Column("failures", Integer, nullable=False),  # in a row, until now
    Column("next_at", String, nullable=False),  # not tried before
    Column("wake_at", String, nullable=False),  # a handshake or a heartbeat is due; empty: none
    Column("error", Text, nullable=False),
    Column("holder", String, nullable=False),  # who sends here now, and until when the others leave it alone
    Column("held_until", String, nullable=False),
)

subscriptions = Table(  # FHIR subscriptions of practices; each has an endpoint of the same id
    "subscriptions",
    main,
    Column("id", Key, primary_key=True),
    Column("practice_id", Key, nullable=False),
    Column("status", String, nullable=False),  # requested, active, error, off
    Column("error", Text, nullable=False),
    Column("resource", LargeBinary, nullable=False),
    Column("created_at", String, nullable=False),
    Column("changed_at", String, nullable=False),
)
Index("subscriptions_by_practice", subscriptions.c.practice_id)  # whom to queue a notice for

# --- how the feeds and the hub itself are ----------------------------------------------------------------------

traffic_minutes = Table(  # what the receiving processes counted, for some hours
    "traffic_minutes",
    main,
    Column("feed", Key, primary_key=True),
    Column("kind", Key, primary_key=True),  # accepted, refused, answered
    Column("label", Key, primary_key=True),  # message type, condition, bound of the answer's time
    Column("minute", Integer, primary_key=True),  # of UTC, from 1970
    Column("amount", Integer, nullable=False),
)
Index("traffic_by_minute", traffic_minutes.c.minute)  # the last hour; what is rolled up and let go

traffic_hours = Table(  # the same of accepted messages, rolled up, for some weeks: what is usual
    "traffic_hours",
    main,
    Column("feed", Key, primary_key=True),
    Column("label", Key, primary_key=True),  # message type; empty for the feed
    Column("hour", Integer, primary_key=True),
    Column("amount", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),  # in which any came
)
Index("traffic_by_hour", traffic_hours.c.hour)  # what is let go

traffic_totals = Table(  # the same since the beginning, which never falls: /metrics
    "traffic_totals",
    main,
    Column("feed", Key, primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("label", Key, primary_key=True),
    Column("amount", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("newest", String, nullable=False),
)

alarms = Table(
    "alarms",
    main,
    Column("id", Key, primary_key=True),
    Column("kind", Key, nullable=False),
    Column("feed", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("expected", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("opened_at", Key, nullable=False),
    Column("closed_at", String, nullable=False, default=""),
    Column("acknowledged_by", String, nullable=False, default=""),
    Column("acknowledged_at", String, nullable=False, default=""),
)
Index(  # one open alarm for each thing that is wrong, however many processes look; and which are open
    "alarms_open",
    alarms.c.kind,
    alarms.c.feed,
    alarms.c.subject,
    unique=True,
    sqlite_where=alarms.c.closed_at == "",
    postgresql_where=alarms.c.closed_at == "",
)
Index("alarms_by_time", alarms.c.opened_at)  # hub alarms --all, newest first

alarm_mutes = Table(  # alarms that nobody wants to hear of for a while
    "alarm_mutes",
    main,
    Column("kind", Key, primary_key=True),
    Column("feed", Key, primary_key=True),
    Column("subject", Key, primary_key=True),
    Column("until", String, nullable=False),
    Column("by", String, nullable=False),
)

pulses = Table(  # the processes that run, and when they last did something
    "pulses",
    main,
    Column("role", Key, primary_key=True),
    Column("instance", Key, primary_key=True),
    Column("started_at", String, nullable=False),
    Column("at", String, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

claims = Table(  # work that one process does for all, and which one
    "claims",
    main,
    Column("name", Key, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", String, nullable=False),
    Column("since", String, nullable=False),  # when it was first claimed at all
)


def _probe_table(name: str, metadata: MetaData) -> Table:
    """Whether a database can be written is known once it was written."""
    return Table(name, metadata, Column("id", Integer, primary_key=True), Column("at", String, nullable=False))


probes = {"intake.db": _probe_table("intake_probes", intake), "hub.db": _probe_table("probes", main)}
