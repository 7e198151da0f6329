"""A subscription's life beside its notices: the handshake, the heartbeat, its end, and how it fails."""

from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.errors import EndpointGone, HubError, Undeliverable
from hub.fhir.backport.subscription import Wanted, read
from hub.ports import Channel, Subscribed
from hub.services.context import Hub
from hub.services.delivery.plan import ERROR, OFF
from hub.settings import PluginUse
from hub.store import subscriptions
from hub.store.engine import reading, utc_text, writing

REQUESTED, ACTIVE = "requested", "active"


class Subscriber:
    """A subscription while its endpoint is served."""

    def __init__(self, hub: Hub, subscription_id: str) -> None:
        self._hub = hub
        with reading(hub.main) as connection:
            row = subscriptions.get(connection, subscription_id)
        if row is None:
            raise Undeliverable("the subscription was deleted")
        self.id: str = row.id
        self.practice_id: str = row.practice_id
        self.status: str = row.status
        self._wanted: Wanted = read(orjson.loads(row.resource), hub.clock.now(), again=True)

    @property
    def use(self) -> PluginUse:
        """The channel and its options. Raises ``Undeliverable`` when its practice may hear nothing any more."""
        practice = self._hub.site.practice(self.practice_id)
        if not practice.tokens:
            raise Undeliverable(f"practice {self.practice_id} has no access any more")
        wanted = self._wanted
        return PluginUse.model_validate(
            {
                "kind": "rest_hook",
                "endpoint": wanted.endpoint,
                "content": wanted.content,
                "headers": dict(wanted.headers),
                "secret": practice.signing,
                "timeout": wanted.timeout,
                "subscription": self.id,
                "topic": wanted.topic,
            }
        )

    def ready(self, channel: Channel, endpoint: Any) -> bool:
        """Whether notices may be sent: after a handshake that was answered, before the end. Sends what is due beside
        them. Raises as ``Channel.send``."""
        now = self._hub.clock.now()
        if self._wanted.end and now >= datetime.fromisoformat(self._wanted.end):
            self.become(OFF, "its end has come")
        assert isinstance(channel, Subscribed)
        if self.status == REQUESTED:
            self._shake_hands(channel, endpoint.numbered)
        elif self.status == ACTIVE and endpoint.wake_at and endpoint.wake_at <= utc_text(now):
            channel.signal("heartbeat", endpoint.numbered)
        return self.status == ACTIVE

    def _shake_hands(self, channel: Subscribed, numbered: int) -> None:
        try:
            channel.signal("handshake", numbered)
        except HubError as error:
            self.become(OFF if isinstance(error, EndpointGone) else ERROR, f"handshake: {error}")
        else:
            self.become(ACTIVE, "")

    def become(self, status: str, error: str) -> None:
        """Writes where the subscription has come to."""
        with writing(self._hub.main) as transaction:
            self.note(transaction, status, error)

    def note(self, transaction: Connection, status: str, error: str) -> None:
        """The same, within a transaction."""
        self.status = status
        subscriptions.set_status(transaction, self.id, status, error, utc_text(self._hub.clock.now()))

    @property
    def wake_at(self) -> str:
        """When the next heartbeat is due, counted from now."""
        if not self._wanted.heartbeat or self.status != ACTIVE:
            return ""
        return utc_text(self._hub.clock.now() + timedelta(seconds=self._wanted.heartbeat))
