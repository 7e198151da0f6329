"""``make cluster``: the demo's four scenarios on Kafka and PostgreSQL, in five processes of the hub, held against those
on the embedded log: what is told must be the same, and so must the ids and states of the notices."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import broker, postgres
from tests.journey.test_demo import demo, notices

Told = tuple[str, Mapping[str, tuple[str, str, str]]]
"""What was printed, and practice, kind and state of each notice by its id."""


def main() -> int:
    binaries = postgres.binaries()
    if missing := broker.why_not() or ("" if binaries else "no PostgreSQL server (Debian: apt-get install postgresql)"):
        sys.stderr.write(f"make cluster: {missing}\n")
        return 1
    assert binaries
    with tempfile.TemporaryDirectory() as folder, broker.serving() as kafka, postgres.serving(binaries) as database:
        print(f"Kafka at {kafka.address}, PostgreSQL at 127.0.0.1:{database.port}", flush=True)
        url = postgres.Databases(database.admin).url("cluster")
        there = told(Path(folder), url, broker.Topics(kafka.address).url("cluster"))
        here = told(Path(folder), f"sqlite:///{folder}/hub.db", "embedded:")
    print(there[0])
    print(f"{len(there[1])} notices, the same as with the embedded log: {there == here}")
    return 0 if there == here else 1


def told(folder: Path, url: str, streams_url: str) -> Told:
    played = demo(url, streams_url)
    if played.returncode:
        raise SystemExit(played.stdout + played.stderr)
    found = notices(url, folder / "var", streams_url)
    return played.stdout, {identity: (n.practice, n.kind, n.state) for identity, n in found.items()}


if __name__ == "__main__":
    sys.exit(main())
