"""The tests that rules carry: messages go through the real mappers and the real route stage, on an empty hub.

All messages of one test are of one patient, on the panel of every PCP whom they name (PD1-4, ROL). Those PCPs, whoever
sent a referral and whoever it was sent to count as practices of this hub.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import orjson
from sqlalchemy import Engine

from hub.errors import HubError, NotFound
from hub.mappers import convert
from hub.model import Json, Record, Role
from hub.ports import Streams
from hub.routing.reading.message import read
from hub.routing.statements import Party, Reading, ReferralSignal
from hub.services.context import Hub
from hub.services.conversion.files import messages_in
from hub.services.routing.route import route_batch
from hub.settings import Clinician, Feed, PluginUse, Practice, Rule, RuleTest, Settings, Site
from hub.store import messages, panels, schema
from hub.store.engine import open_engine, utc_text

PATIENT = "the patient of the test"
RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first message of a test counts as received: the same result every day."""

_FEED = Feed(name="rule-test", adapter=PluginUse(kind="mllp"))


class _At:
    """A clock that stands still."""

    def now(self) -> datetime:
        return RECEIVED


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that came out otherwise: its number within the rule (from 0) and what happened."""

    number: int
    text: str


class RuleTests:
    """Runs tests of rules one after the other; messages are looked for in ``folders``, in that order."""

    def __init__(self, settings: Settings, rules: Sequence[Rule], folders: Sequence[Path]) -> None:
        self._settings, self._rules, self._folders = settings, tuple(rules), folders
        self._engine: Engine = open_engine("sqlite://", schema.main)

    def close(self) -> None:
        self._engine.dispose()

    def run(self, rule: Rule) -> Iterator[Failure]:
        """The failures of the rule's tests."""
        for number, test in enumerate(rule.tests):
            try:
                told = self._told(rule, test)
            except (HubError, OSError) as error:
                yield Failure(number, f"cannot be run: {error}")
                continue
            if told != set(test.notifies):
                yield Failure(number, f"must notify {_words(test.notifies)}, but notifies {_words(told)}")

    def _told(self, rule: Rule, test: RuleTest) -> set[Role]:
        """The roles that the rule tells of the last message."""
        given = (test.given,) if isinstance(test.given, str) else test.given
        records = [_later(record, n) for n, record in enumerate(r for name in given for r in self._records(name))]
        readings = [_reading(record) for record in records]
        hub = self._hub(readings)
        with self._engine.begin() as transaction:
            panels.save(transaction, [_on_panel(npi) for npi in _named(readings)])
            for record in records:
                route_batch(transaction, hub, [record])
            trace = messages.traces_of(transaction, records[-1].headers["id"])["route"]
            transaction.rollback()
        return {Role(r["role"]) for d in _decisions(trace) if d["rule"] == rule.name for r in d["recipients"]}

    def _records(self, name: str) -> Iterator[Record]:
        file = next((folder / name for folder in self._folders if (folder / name).is_file()), None)
        if file is None:
            raise NotFound(f"{name}: no such message in {' or '.join(map(str, self._folders))}")
        for number, (_, raw) in enumerate(messages_in(file, _FEED, RECEIVED)):
            bundle = convert(raw, _FEED).bundle
            unique = hashlib.sha256(f"{name}#{number}".encode()).hexdigest()
            yield Record(PATIENT, orjson.dumps(bundle), _headers(unique))

    def _hub(self, readings: Sequence[Reading]) -> Hub:
        site = Site(feeds=(_FEED,), rules=self._rules, practices=tuple(_practices(readings)))
        # The route stage reads and writes no stream by itself, so that a test needs none.
        streams = cast(Streams, None)
        return Hub(self._settings, site, _At(), self._engine, self._engine, streams, _no_channel, _no_pages)


def _no_channel(use: PluginUse, practice_id: str) -> Any:
    raise NotFound(f"no channel {use.kind} of {practice_id} in a test of rules")


def _no_pages(body: bytes, media_type: str) -> Any:
    raise NotFound(f"no reader of {media_type} in a test of rules")


def _headers(message_id: str) -> dict[str, str]:
    return {
        "id": message_id,
        "source": "feed/rule-test",
        "type": "fhir.test",
        "time": utc_text(RECEIVED),
        "subject": PATIENT,
        "authority": _FEED.name,
    }


def _later(record: Record, number: int) -> Record:
    """Messages of a test come one second after the other."""
    time = utc_text(RECEIVED + timedelta(seconds=number))
    return replace(record, headers={**record.headers, "time": time})


def _reading(record: Record) -> Reading:
    return read(orjson.loads(record.value), record.headers["id"], PATIENT, record.headers["time"], _FEED.name)


def _practices(readings: Iterable[Reading]) -> Iterator[Practice]:
    """A practice for each clinician or group that the messages name as PCP or as a side of a referral."""
    npis = _named(readings)
    groups = set()
    for party in _sides(readings):
        if party.npi:
            npis.add(party.npi)
        elif party.organization or party.name:
            groups.add(party.organization or party.name)
    for npi in sorted(npis):
        yield Practice(id=_practice_of(npi), name=f"Practice of {npi}", clinicians=(Clinician(npi=npi, name=npi),))
    for number, name in enumerate(sorted(groups)):
        yield Practice(id=f"group-{number}", name=name)


def _named(readings: Iterable[Reading]) -> set[str]:
    return {npi for reading in readings for _, npi in reading.named_pcps}


def _practice_of(npi: str) -> str:
    return f"npi-{npi}"


def _on_panel(npi: str) -> dict[str, Any]:
    row = {"id": npi, "practice_id": _practice_of(npi), "person_id": PATIENT, "pcp_npi": npi}
    return {**row, "start_date": "", "end_date": "", "outcome": "matched", "body": b"{}"}


def _sides(readings: Iterable[Reading]) -> Iterator[Party]:
    for reading in readings:
        for statement in reading.statements:
            if isinstance(statement, ReferralSignal):
                yield from (statement.referrer, statement.referred_to)


def _decisions(trace: Json) -> list[Json]:
    return [decision for happened in trace["events"] for decision in happened["decisions"]]


def _words(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles)) or "nobody"
