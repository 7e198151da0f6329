"""By which ways a practice hears: its configured channels, and the subscriptions that it made itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import Undeliverable
from hub.services.context import Hub
from hub.settings import Escalation, PluginUse

INBOX = "inbox"
ESCALATION = "escalation-"
"""Followed by a number: the channel's name of those who are told when nobody looks."""
SUBSCRIPTION = "subscription"
"""The channel's name of deliveries by a subscription."""


@dataclass(frozen=True, slots=True)
class Way:
    """One queue of notices: the endpoint's id, whose it is, and the channel's name."""

    endpoint: str
    practice_id: str
    channel: str


def configured(hub: Hub, practice_id: str) -> list[Way]:
    """The practice's channels, as they are configured now."""
    return [Way(f"{practice_id}|{name}", practice_id, name) for name in _named(hub.site.practice(practice_id).channels)]


def escalations(hub: Hub, practice_id: str) -> list[tuple[Way, Escalation]]:
    """Who else is told when nobody looks."""
    return [
        (Way(f"{practice_id}|{ESCALATION}{n}", practice_id, f"{ESCALATION}{n}"), escalation)
        for n, escalation in enumerate(hub.site.practice(practice_id).escalate, 1)
    ]


def channel_use(hub: Hub, practice_id: str, channel: str) -> PluginUse:
    """The channel's kind and options, as it is configured now. Raises ``Undeliverable`` when it is not any more."""
    named = _named(hub.site.practice(practice_id).channels)
    named |= {way.channel: escalation.channel for way, escalation in escalations(hub, practice_id)}
    if channel not in named:
        raise Undeliverable(f"practice {practice_id} no longer has the channel {channel}")
    return named[channel]


def _named(channels: Sequence[PluginUse]) -> dict[str, PluginUse]:
    """Channels by name: the kind, numbered from the second of a kind on (``folder``, ``folder-2``)."""
    named: dict[str, PluginUse] = {}
    for use in channels:
        same = sum(other.kind == use.kind for other in named.values())
        named[f"{use.kind}-{same + 1}" if same else use.kind] = use
    return named
