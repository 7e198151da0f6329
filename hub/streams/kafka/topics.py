"""The hub's topics: created where they are missing, and never taken for others."""

from typing import Any

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError
from sqlalchemy import Engine

from hub.errors import ConfigurationError
from hub.model import Stream
from hub.store import origins
from hub.streams.kafka.address import SETTING, Address
from hub.streams.kafka.clients import opened
from hub.streams.kafka.failures import opening

_SAFE_COPIES = 3
"""With so many copies of a record, at least two must be written before it counts as written."""
_HEAD_BYTES = 64 * 1024
"""What a record may have beside its value, and its batch around it."""


def prepared(address: Address, main: Engine) -> dict[Stream, int]:
    """The partitions of each stream's topic. Raises ``ConfigurationError`` where topics are missing and must not be
    created, where this database has read others, and where the cluster refuses the credentials."""
    with opening(address):
        admin = opened(KafkaAdminClient, address)
        try:
            found = _found(admin, address)
            missing = [stream for stream in Stream if stream not in found]
            if missing:
                _create(admin, address, missing)
                found = _found(admin, address)
            cluster = admin.describe_cluster()["cluster_id"]
        finally:
            admin.close()
    origins.check(main, {stream: f"{cluster}/{topic['topic_id']}" for stream, topic in found.items()})
    return {stream: len(topic["partitions"]) for stream, topic in found.items()}


def _found(admin: KafkaAdminClient, address: Address) -> dict[Stream, Any]:
    there = set(admin.list_topics())
    wanted = {stream: address.topic(stream) for stream in Stream if address.topic(stream) in there}
    described = {t["name"]: t for t in admin.describe_topics(list(wanted.values()))} if wanted else {}
    return {stream: described[name] for stream, name in wanted.items()}


def _create(admin: KafkaAdminClient, address: Address, missing: list[Stream]) -> None:
    names = [address.topic(stream) for stream in missing]
    if not address.create:
        raise ConfigurationError("settings", SETTING, f"create=false, and these topics are missing: {', '.join(names)}")
    for name in names:
        topic = NewTopic(name, address.partitions, address.replication, topic_configs=_settings(address))
        try:
            admin.create_topics([topic])
        except TopicAlreadyExistsError:  # another process of the hub was faster
            continue
    admin.wait_for_topics(names)


def _settings(address: Address) -> dict[str, str]:
    """Nothing is deleted by time: ``hub show`` and ``hub replay`` read what came long ago."""
    settings = {"retention.ms": "-1", "max.message.bytes": str(address.record_bytes + _HEAD_BYTES)}
    if address.replication >= _SAFE_COPIES:
        settings["min.insync.replicas"] = "2"
    return settings
