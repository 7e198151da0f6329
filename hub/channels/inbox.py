"""The practice's inbox: the notice is in the database, where the console and ``hub notifications`` show it."""

from hub.model import Delivery
from hub.registry import Kind, NoOptions, plugin
from hub.settings import Settings


@plugin(Kind.CHANNEL, "inbox")
class Inbox:
    """The practice's inbox in the hub itself: delivered as soon as the notice is written; acknowledged there."""

    needs = frozenset[str]()

    def __init__(self, options: NoOptions, settings: Settings) -> None:
        """Nothing to prepare: the notice was written before its delivery was queued."""

    def send(self, delivery: Delivery) -> str:
        return f"inbox/{delivery.notification.practice_id}/{delivery.notification.id}"

    def close(self) -> None:
        """Nothing is kept open."""
