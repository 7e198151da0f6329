"""The tables, by subject. Each index names the query that needs it.

What changes here needs a script in ``hub/store/migrations``, too: ``make migration`` writes it.

Times are UTC, ISO 8601 texts of one width (``hub.store.engine.utc_text``), so that they sort as they are.
JSON columns hold what is only read back whole.
"""

from hub.store.schema.databases import intake, main
from hub.store.schema.health import (
    alarm_mutes,
    alarms,
    claims,
    probes,
    pulses,
    traffic_hours,
    traffic_minutes,
    traffic_totals,
)
from hub.store.schema.identity import identity_blocks, identity_merges, identity_reviews, identity_rules, source_records
from hub.store.schema.messages import duplicates, files, messages, traces
from hub.store.schema.notices import deliveries, endpoints, events, notifications, panel, subscriptions
from hub.store.schema.projections import (
    NEVER,
    encounters,
    referral_keys,
    referrals,
    results,
    statements,
    suggestions,
    tasks,
)
from hub.store.schema.streams import (
    outbox,
    positions,
    raw_counts,
    request_keys,
    stream_dead,
    stream_events,
    stream_fhir,
    stream_notifications,
    stream_origins,
    stream_raw,
)

__all__ = [
    "NEVER",
    "alarm_mutes",
    "alarms",
    "claims",
    "deliveries",
    "duplicates",
    "encounters",
    "endpoints",
    "events",
    "files",
    "identity_blocks",
    "identity_merges",
    "identity_reviews",
    "identity_rules",
    "intake",
    "main",
    "messages",
    "notifications",
    "outbox",
    "panel",
    "positions",
    "probes",
    "pulses",
    "raw_counts",
    "referral_keys",
    "referrals",
    "request_keys",
    "results",
    "source_records",
    "statements",
    "stream_dead",
    "stream_events",
    "stream_fhir",
    "stream_notifications",
    "stream_origins",
    "stream_raw",
    "subscriptions",
    "suggestions",
    "tasks",
    "traces",
    "traffic_hours",
    "traffic_minutes",
    "traffic_totals",
]
