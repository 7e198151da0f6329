"""What a process does in each role, from its own open hub to the end."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any, TypeAlias

from hub.cli.failing import EXIT_ERROR
from hub.model import Stage
from hub.wiring import open_hub

if TYPE_CHECKING:
    from hub.services.context import Hub
    from hub.services.run import Announce
    from hub.settings import Settings

SWITCH_SECONDS = 0.0005

SIGNALS = (signal.SIGTERM, signal.SIGINT)

Handle: TypeAlias = Callable[[signal.Signals, Callable[[], None]], object]
"""Sets what is called on a signal."""


def stage(settings: "Settings", name: str, announce: "Announce") -> None:
    """Runs one of the stages."""
    from hub.services import run

    stop = Event()
    _on_signals(stop.set, lambda number, call: signal.signal(number, lambda *_: call()))
    hub = open_hub(settings)
    try:
        run.work(hub, Stage(name), announce, stop)
    finally:
        hub.close()


def receive(settings: "Settings", announce: "Announce") -> None:
    """Runs all adapters and the receiver, on uvloop where it is installed."""
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_receive(settings, announce))


def web(settings: "Settings", announce: "Announce") -> None:
    """Runs the console."""
    from hub.services.health.rounds import rounds
    from hub.web import app

    def serve(hub: "Hub", run: Callable[[Any], None]) -> None:
        with rounds(hub, "web"):
            run(app(hub))

    _serve(
        settings,
        ("console", settings.host, settings.http_port, "HUB_HTTP_PORT"),
        serve,
        lambda url: announce(f"console on {url}"),
    )


def fhir(settings: "Settings", announce: "Announce") -> None:
    """Runs the FHIR end for practices."""
    from hub.web.fhir import practice_app

    def serve(hub: "Hub", run: Callable[[Any], None]) -> None:
        run(practice_app(hub))

    _serve(
        settings,
        ("FHIR end", settings.host, settings.fhir_port, "HUB_FHIR_PORT"),
        serve,
        lambda url: announce(f"FHIR for practices on {url}/fhir"),
    )


def _serve(
    settings: "Settings",
    at: tuple[str, str, int, str],
    work: Callable[["Hub", Callable[[Any], None]], None],
    announce: Callable[[str], None],
) -> None:
    """A web server on a port of its own. It stops itself on a signal and then passes it on to whoever was there
    before."""
    from hub.cli import console

    _on_signals(lambda: None, lambda number, call: signal.signal(number, lambda *_: call()))
    with console.listen(*at) as listener:
        hub = open_hub(settings)
        try:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            url = f"http://{host}:{listener.getsockname()[1]}"
            work(hub, lambda application: console.serve(application, listener, lambda: announce(url)))
        finally:
            hub.close()


async def _receive(settings: "Settings", announce: "Announce") -> None:
    from hub.services import run
    from hub.wiring import adapters

    stop = asyncio.Event()
    _on_signals(stop.set, asyncio.get_running_loop().add_signal_handler)
    hub = open_hub(settings)
    _answer_promptly()
    _allow_many_connections()
    try:
        await run.receive(hub, adapters(hub), announce, stop)
    finally:
        hub.close()


def _answer_promptly() -> None:
    """What the interpreter does behind the scenes must not make acknowledgements late: it does not look through what is
    there from the start for garbage, and the thread that has committed gets its turn at once, not after 5 ms."""
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)


def _allow_many_connections() -> None:
    """As many files as the system lets this process open; the usual soft limit of 1024 is for programs of old."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # unlimited, where the kernel knows a limit nevertheless
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _on_signals(stop: Callable[[], None], handle: Handle) -> None:
    """The first signal stops in good order, the second at once."""
    asked = Event()

    def on_signal() -> None:
        if asked.is_set():
            os._exit(EXIT_ERROR)
        asked.set()
        stop()

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # a supervised role leaves Ctrl-C to its supervisor
            handle(number, on_signal)
