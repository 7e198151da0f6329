"""What every service works with; ``hub.wiring.open_hub`` makes it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from hub.ports import Channel, Clock, Page, Streams
from hub.settings import PluginUse, Settings, Site


@dataclass(frozen=True, slots=True)
class Hub:
    """An open hub: settings, configuration, databases, streams and the plug-ins that stages call."""

    settings: Settings
    site: Site
    clock: Clock
    intake: Engine
    main: Engine
    streams: Streams
    channel: Callable[[PluginUse, str], Channel]
    read_pages: Callable[[bytes, str], tuple[Page, ...]]
    """Reads the pages of a document of that media type. Raises ``Unreadable``."""

    def close(self) -> None:
        self.streams.close()
        self.intake.dispose()
        self.main.dispose()
