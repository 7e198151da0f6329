"""A Kafka broker of the tests' own on loopback, without Docker, and topics that are made on it.

Apache Kafka's jars come from Maven Central (``make broker``); one node is broker and controller (KRaft).
"""

import base64
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.ports import free_port
from tests.waiting import PATIENCE_SECONDS, until

GIVEN = "HUB_TEST_KAFKA"
"""``host:port`` of a broker that is there already, where the tests may create topics."""
REQUIRED = "HUB_TEST_KAFKA_REQUIRED"
JARS = Path(__file__).parent.parent.parent / ".cache" / "broker"
"""Where ``make broker`` puts what Maven has."""

_JAVA = ("java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{JARS}/*")
_LOGGING = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"

_USERS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_hub="secret";'
_SETTINGS = """
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{guarded},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{guarded}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config={users}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={folder}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.segment.bytes=16777216
num.network.threads=2
num.io.threads=4
"""


class Broker:
    """A broker process that can be killed and started again on the same port with the same data."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self._folder = folder
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.guarded = f"127.0.0.1:{free_port()}"
        """Where it takes ``hub`` with the password ``secret`` only."""
        ports = {"port": self.port, "guarded": self.guarded.rpartition(":")[2], "controller": free_port()}
        written = _SETTINGS.format(folder=folder, users=_USERS, **ports)
        (folder / "server.properties").write_text("\n".join((written, *settings)))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._launch("kafka.tools.StorageTool", "format", "-t", cluster, "-c", "server.properties", "--standalone")
        assert self._process.wait(PATIENCE_SECONDS) == 0, self._said()
        self.start()

    def start(self) -> None:
        """Returns when it answers; that is some seconds after."""
        self._launch("kafka.Kafka", "server.properties")
        until(self._answers, self._said)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def _launch(self, *command: str) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_JAVA[:-2], _LOGGING, *_JAVA[-2:], *command], cwd=self._folder, stdout=log, stderr=log
            )

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._said()
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            KafkaAdminClient(bootstrap_servers=self.address, bootstrap_timeout_ms=5000).close()
        except (OSError, KafkaError):
            return False
        return True

    def _said(self) -> str:
        return (self._folder / "log").read_text()


class Topics:
    """URLs of streams on a broker, each with topics of its own."""

    def __init__(self, address: str, guarded: str = "") -> None:
        self.address = address
        self.guarded = guarded
        self._prefix = f"t{uuid.uuid4().hex[:8]}"
        self._made: dict[str, str] = {}
        self._numbers = count(1)

    def url(self, name: str, *, partitions: int = 3) -> str:
        """``HUB_STREAMS_URL`` of the streams by that name, the same whenever it is asked for."""
        if name not in self._made:
            self._made[name] = f"kafka://{self.address}/{self._prefix}-{next(self._numbers)}."
        return f"{self._made[name]}?partitions={partitions}&session_timeout_ms=6000"


@contextmanager
def serving(*settings: str) -> Iterator[Broker]:
    """A broker in a folder of its own, until the end of the block; ``settings`` are lines of its properties."""
    folder = Path(tempfile.mkdtemp(prefix="carering-kafka-"))
    try:
        broker = Broker(folder, *settings)
        try:
            yield broker
        finally:
            broker.kill()
    finally:
        shutil.rmtree(folder)


def why_not() -> str:
    """What is missing to run a broker here; empty when nothing is."""
    if not shutil.which("java"):
        return f"no Java (17 or newer) to run Apache Kafka with; or name a broker by {GIVEN}=host:port"
    if not any(JARS.glob("kafka-server-*.jar")):
        return f"Apache Kafka is not there: make broker; or name a broker by {GIVEN}=host:port"
    return ""


def required() -> bool:
    """Whether tests fail where there is no broker, instead of being skipped."""
    return bool(os.environ.get(REQUIRED))
