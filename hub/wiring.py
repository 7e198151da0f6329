"""The only file that names concrete drivers: ``open_hub`` puts an installation together."""

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from hub import registry
from hub.errors import ConfigurationError
from hub.ports import Adapter, Channel, Clock, Streams
from hub.registry import Kind
from hub.services.context import Hub
from hub.services.fax.pages import PageCache, page_reader
from hub.services.identity.upkeep import bring_up_to_date
from hub.services.intake.feeds import inlets
from hub.settings import PluginUse, Settings, load_site
from hub.store import origins, schema
from hub.store.engine import open_engine
from hub.streams.embedded import EmbeddedStreams


class SystemClock:
    """The present, from the operating system."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def open_hub(settings: Settings, clock: Clock | None = None) -> Hub:
    """Opens the databases and streams that the settings name. Raises ``ConfigurationError``."""
    registry.load_all()
    site = load_site(settings)
    with ExitStack() as opened:
        intake = open_engine(settings.intake_url, schema.intake)
        opened.callback(intake.dispose)
        main = open_engine(settings.main_url, schema.main)
        opened.callback(main.dispose)
        bring_up_to_date(main)
        streams = _streams(settings, intake, main)
        opened.pop_all()  # the hub closes them
    return Hub(
        settings=settings,
        site=site,
        clock=clock or SystemClock(),
        intake=intake,
        main=main,
        streams=streams,
        channel=lambda use, practice_id: _channel(use, practice_id, settings),
        read_pages=page_reader(PageCache(settings.data / "pages")).read,
    )


def _streams(settings: Settings, intake: Engine, main: Engine) -> Streams:
    if settings.streams_url == "embedded:":
        origins.check_embedded(main)
        return EmbeddedStreams(intake, main)
    if settings.streams_url.startswith("kafka://"):
        try:
            from hub.streams.kafka.streams import KafkaStreams
        except ImportError:
            raise ConfigurationError("settings", "HUB_STREAMS_URL", "needs pip install 'carering[kafka]'") from None
        return KafkaStreams(settings.streams_url, main, settings.batch)
    raise ConfigurationError("settings", "HUB_STREAMS_URL", "must be embedded: or kafka://host:port")


def _channel(use: PluginUse, practice_id: str, settings: Settings) -> Channel:
    plugin = registry.find(Kind.CHANNEL, use.kind, file=f"practice {practice_id}", key="channels")
    options: Any = plugin.options(**use.options)
    channel: Channel = plugin.factory(options, settings)
    return channel


def adapters(hub: Hub) -> list[Adapter]:
    """The adapters of the site: one for each place where messages come in. Raises ``ConfigurationError``."""
    return [inlet.plugin.factory(inlet.options, inlet.feeds, hub.settings) for inlet in inlets(hub.site, hub.settings)]
