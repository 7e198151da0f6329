"""Who hears of what, and by which way."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from hub.store.schema.databases import main
from hub.store.types import Key, String, Text

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
