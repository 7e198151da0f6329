"""Notices: 200 rules against an event, posts to a local endpoint against bare posts, and what a dead endpoint costs the
others."""

import contextlib
import http.client
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from bench.figures import Figure
from hub.model import CareEvent, Notification, Role, Urgency
from hub.routing.facts import facts
from hub.routing.rules import compiled, decide
from hub.services.context import Hub
from hub.services.delivery.dispatch import Dispatcher, send_due
from hub.services.delivery.queue import queue
from hub.settings import Notify, PluginUse, Practice, Rule, Settings, Site
from hub.store import events
from hub.store.engine import reading, writing
from hub.store.schema import deliveries
from hub.wiring import open_hub

RULES, EVENTS = 200, 200
POSTS = 1500
PRACTICES, EACH = 6, 400
ROUNDS = 4


def run() -> list[Figure]:
    with _server() as port:
        bare, posted = _bare(port), _posted(port)
        rounds = [(_beside(port, dead=0), _beside(port, dead=2)) for _ in range(ROUNDS)]
    alone, beside = (min(column) for column in zip(*rounds, strict=True))
    return [
        Figure("200 rules against an event", _rules(), "ms", target=1.0, less_is_better=True),
        Figure(
            "rest-hook, one endpoint", posted, "posts/s", baseline=bare, baseline_name="bare http.client", target=500
        ),
        Figure(
            "six endpoints beside two dead ones",
            beside,
            "s",
            baseline=alone,
            baseline_name="without these",
            target=1.05 * alone,
            less_is_better=True,
        ),
    ]


def _rules() -> float:
    """Milliseconds of processor time for each event: every rule listens and looks at three facts."""
    notify = Notify(who=(Role.PCP,), wording="discharge")
    rules = tuple(
        Rule(
            name=f"rule-{n}",
            why="measured",
            on=("encounter.discharged",),
            when=f"event.class == 'IMP' && event.disposition == '{n:02}' && event.length_of_stay_hours > {n}",
            notify=notify,
        )
        for n in range(RULES)
    )
    ready = compiled(rules)["encounter.discharged"]
    known, at = facts({"class": "IMP"}), "2026-03-02T12:00:00Z"
    event = CareEvent("k", "encounter.discharged", "discharge", "p", "s", "m", at, known)
    decide(ready, event, lambda _: ((), ()))
    started = time.process_time()
    for _ in range(EVENTS):
        decide(ready, event, lambda _: ((), ()))
    return (time.process_time() - started) / EVENTS * 1000


# --- posting ---------------------------------------------------------------------------------------------------


def _bare(port: int) -> float:
    connection, body = http.client.HTTPConnection("127.0.0.1", port), b"x" * 2000
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    started = time.perf_counter()
    for _ in range(POSTS):
        connection.request("POST", "/", body, {"Content-Type": "application/fhir+json"})
        connection.getresponse().read()
    return POSTS / (time.perf_counter() - started)


def _posted(port: int) -> float:
    with _hub([_practice("p0", port)]) as hub:
        _queue(hub, ["p0"], POSTS)
        started = time.perf_counter()
        while send_due(hub):
            pass
        return POSTS / (time.perf_counter() - started)


def _beside(port: int, dead: int) -> float:
    """Seconds until all endpoints that work have everything."""
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(dead)]
        healthy = [f"p{n}" for n in range(PRACTICES)]
        practices = [*(_practice(i, port) for i in healthy), *(_practice(f"dead{s}", s, timeout=2) for s in silent)]
        hub = stack.enter_context(_hub(practices))
        _queue(hub, [p.id for p in reversed(practices)], EACH)
        started = time.perf_counter()
        with Dispatcher(hub) as dispatcher:
            while _waiting(hub, healthy):
                dispatcher.turn()
                time.sleep(0.005)
            return time.perf_counter() - started


def _waiting(hub: Hub, practices: list[str]) -> bool:
    ends = [f"{p}|rest_hook" for p in practices]
    query = deliveries.select().where(deliveries.c.endpoint.in_(ends), deliveries.c.state == "queued").limit(1)
    with reading(hub.main) as connection:
        return connection.execute(query).first() is not None


def _practice(practice_id: str, port: int, timeout: int = 10) -> Practice:
    use = {"kind": "rest_hook", "endpoint": f"http://127.0.0.1:{port}/", "timeout": timeout}
    return Practice(id=practice_id, name=practice_id, channels=(PluginUse.model_validate(use),), late=0)


@contextlib.contextmanager
def _hub(practices: list[Practice]) -> Iterator[Hub]:
    with tempfile.TemporaryDirectory() as folder:
        hub = open_hub(Settings(data=Path(folder)))
        try:
            yield replace(hub, site=Site(feeds=(), rules=(), practices=tuple(practices)))
        finally:
            hub.close()


def _queue(hub: Hub, practices: list[str], count: int) -> None:
    notices = [_notice(practice, n) for practice in practices for n in range(count)]
    with writing(hub.main) as transaction:
        events.save_notifications(transaction, notices)
        for at in range(0, len(notices), 100):
            queue(transaction, hub, notices[at : at + 100])


def _notice(practice: str, number: int) -> Notification:
    return Notification(
        event_id=f"e{number}",
        event_key=f"k{number}",
        version=1,
        practice_id=practice,
        npi="",
        role=Role.PCP,
        person_id="",
        message_id="",
        kind="ed-arrival",
        urgency=Urgency.MEDIUM,
        title="Emergency arrival",
        text="Arrived.",
        rule="r",
        reasons=("on the panel",),
        occurred_at="2026-03-02T12:00:00Z",
        created_at="2026-03-02T12:00:00.000000Z",
        facts=facts({"type": "encounter.admitted"}),
    )


# --- the other side: a process of its own ----------------------------------------------------------------------


@contextlib.contextmanager
def _server() -> Iterator[int]:
    mine, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield int(mine.recv())
    finally:
        process.terminate()
        process.join()


class _Takes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


def _serve(pipe: Pipe) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Takes)
    pipe.send(server.server_address[1])
    server.serve_forever()
