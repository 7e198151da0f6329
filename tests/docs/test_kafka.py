"""The consumer on the page about Kafka, run as it is printed there."""

import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from hub.model import Record, Stream
from hub.streams.kafka.address import parse
from hub.streams.kafka.streams import KafkaStreams
from tests import databases
from tests.broker import Topics

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-kafka.md"


def test_the_consumer_on_the_page_reads_notices(kafka_topics: Topics, tmp_path: Path) -> None:
    """Ten lines of Python read a notice from hub.notifications, with its headers."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(program.splitlines()) <= 10
    url = kafka_topics.url(str(tmp_path))
    main = databases.main_engine(tmp_path)
    with closing(KafkaStreams(url, main, 100)) as streams:
        headers = {"id": "n-1", "source": "message/m-1", "type": "notification.ed-discharge", "practice": "main-street"}
        streams.append(Stream.NOTIFICATIONS, [Record("p-1", b'{"title": "Left the emergency department"}', headers)])
    main.dispose()
    program = program.replace("kafka-1.example.org:9092", kafka_topics.address)
    program = program.replace("hub.notifications", parse(url).topic(Stream.NOTIFICATIONS))
    with subprocess.Popen([sys.executable, "-u", "-c", program], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        line = reader.stdout.readline()
        reader.kill()
    assert line.split(maxsplit=2) == ["n-1", "main-street", "Left the emergency department\n"]
