"""``hub demo``: the four scenarios, played over real connections against a real hub, and told."""

import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from hub.demo.playing import play_step
from hub.demo.running import running_hub
from hub.demo.story import story
from hub.demo.telling import Narrator, ending
from hub.services.context import Hub
from hub.services.operations.ledger import ledger


def play(*, once: bool) -> int:
    """Plays and tells the story; without ``once`` the console stays open until a signal. Returns the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: what was started is ended, too
    with tempfile.TemporaryDirectory(prefix="carering-demo-") as folder, running_hub(Path(folder)) as hub:
        _tell_story(hub)
        if not once:
            _say(f"\nThe console is open at http://{hub.settings.host}:{hub.settings.http_port} (Ctrl-C ends the demo)")
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
        return 0 if all(row.balanced for row in ledger(hub)) else 1


def _tell_story(hub: Hub) -> None:
    narrator = Narrator(hub)
    for chapter in story():
        _say(f"\n{chapter.title}\n{'─' * len(chapter.title)}")
        for step in chapter.steps:
            _say(f"\n  {step.title}")
            for line in (*play_step(step, hub), *narrator.news()):
                _say(f"    {line}")
    _say("\nHow it ends\n───────────")
    for line in ending(hub):
        _say(f"  {line}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
