"""The URL of a Kafka cluster, and what is left open when nobody answers there."""

import gc
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from hub.errors import ConfigurationError, StreamUnavailable
from hub.settings import load_settings
from hub.streams.kafka.address import parse
from hub.streams.kafka.clients import opened
from hub.streams.kafka.records import partition_of
from hub.wiring import open_hub
from tests import databases
from tests.ports import free_port


def test_a_url_says_all_of_it() -> None:
    """Brokers, prefix, credentials and options come out of the URL as they are meant."""
    address = parse(
        "kafka://hub:p%40ss@a:9092,b:9093/north.?partitions=12&replication=3"
        "&security_protocol=SASL_SSL&sasl_mechanism=PLAIN&ssl_cafile=/etc/ca.pem"
    )
    assert address.brokers == ("a:9092", "b:9093")
    assert (address.partitions, address.replication) == (12, 3)
    assert (address.topic("hub.raw"), address.group("convert")) == ("north.hub.raw", "north.hub.convert")
    told = address.connecting()
    assert (told["sasl_plain_username"], told["sasl_plain_password"]) == ("hub", "p@ss")
    assert (told["security_protocol"], told["ssl_cafile"]) == ("SASL_SSL", "/etc/ca.pem")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("kafka://", "brokers"),
        ("kafka://a", "host:port"),
        ("kafka://a:9092/?partitions=0", "partitions"),
        ("kafka://a:9092/?partition=3", "partition"),
        ("kafka://a:9092/a b", "prefix"),
        ("kafka://a:9092/?security_protocol=SASL_SSL", "SASL needs"),
    ],
)
def test_a_wrong_url_is_told(url: str, says: str) -> None:
    """What is wrong is named in one line with the setting."""
    with pytest.raises(ConfigurationError, match=says) as told:
        parse(url)
    assert "HUB_STREAMS_URL" in str(told.value)


@given(st.text(), st.integers(1, 1000))
def test_a_key_has_one_partition(key: str, partitions: int) -> None:
    """The same key is always in the same partition of those that there are."""
    assert partition_of(key, partitions) == partition_of(key, partitions)
    assert 0 <= partition_of(key, partitions) < partitions


def test_partitions_are_those_of_other_clients() -> None:
    """Keys are placed as Kafka's own producer places them (murmur2, as its test of Utils has it)."""
    assert partition_of("21", 2**31) == 2**31 + -973932308
    assert partition_of("foobar", 2**31) == 2**31 + -790332482


def hub_with_nobody(folder: Path) -> None:
    url = f"kafka://127.0.0.1:{free_port()}/?session_timeout_ms=6000"
    open_hub(load_settings(data=folder, config=folder, database_url=databases.url(folder), streams_url=url))


def test_a_broker_that_is_away_is_named(tmp_path: Path) -> None:
    """Opened without a broker, the hub says where none answers, and may be opened later."""
    with pytest.raises(StreamUnavailable, match=r"no Kafka broker answers at 127\.0\.0\.1:"):
        hub_with_nobody(tmp_path)


@pytest.mark.parametrize("kind", [KafkaAdminClient, KafkaConsumer, KafkaProducer])
def test_a_client_that_reaches_nobody_leaves_nothing_open(kind: Callable[..., Any]) -> None:
    """No socket and no thread is left of a client that could not be made, even before the garbage is collected."""
    address = parse(f"kafka://127.0.0.1:{free_port()}/")
    gc.collect()
    gc.disable()
    try:
        before = (len(os.listdir("/proc/self/fd")), threading.active_count())
        with pytest.raises(KafkaError):
            opened(kind, address)
        assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before
    finally:
        gc.enable()
