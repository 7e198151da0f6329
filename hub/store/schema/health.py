"""How the feeds and the hub itself are."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, Table

from hub.store.schema.databases import intake, main
from hub.store.types import Key, String, Text

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
