"""A feed: one source of messages, and its profile."""

import re
from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, field_validator

from hub.model import Format
from hub.ports import Peer
from hub.settings.expect import Expect
from hub.settings.parts import PluginUse, Strict, known_zone
from hub.settings.profile import FeedTest, FieldProfile, Meanings, Path, Place, Repairs, ZField, ZPath, place
from hub.settings.table import Columns, TableUse

_FIELD = re.compile(r"[A-Z][A-Z0-9]{2}-\d")
"""How a path begins; no coding system has such a name."""


class Feed(Strict):
    """One source of messages and what the hub knows of it that the messages do not say.

    ``senders`` are ``application|facility`` pairs (MSH-3|MSH-4, ``*`` for any); a feed without senders takes what
    no other feed on the same adapter claims. ``columns`` maps field names to CSV headers (several allowed ones with
    ``|`` between them; a file may lack those in ``optional``), ``constants`` fills fields.

    Over a connection, ``addresses`` (``10.20.0.0/16``, ``2001:db8::5``) and ``certificates`` (names on a client's
    certificate) say who may send for this feed; empty ones leave it open. ``tokens`` are the SHA-256 hashes of what
    HTTP knows its senders by (``hub feed token`` makes one).

    ``required`` are segments and fields by message type (``ADT: [EVN, PV1, PID-5]``) without which a message of HL7 v2
    is refused, beyond PID and PID-3.

    ``sequence`` says that the senders number their messages one after another (MSH-13): a message that is not the next
    one is refused with the number that is. Each link is remembered for ever, so that its ``senders`` have to be named.

    ``expect`` says when the feed is silent, floods, or lacks a file.

    The profile of HL7 v2 messages: ``repairs`` and ``defaults`` by field, ``codes`` by field or by the name of a coding
    system, ``z_segments`` by Z field; ``tests`` are messages and what their bundles hold.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    adapter: PluginUse
    format: Format = Format.HL7V2
    type: str = ""
    senders: tuple[str, ...] = ()
    addresses: tuple[IPv4Network | IPv6Network, ...] = ()
    certificates: tuple[str, ...] = ()
    tokens: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    time_zone: str = "UTC"
    charset: str = "ascii"
    required: dict[str, tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2}(-[1-9]\d{0,2})?$")], ...]] = Field(
        default_factory=dict
    )
    sequence: bool = False
    namespaces: dict[str, str] = Field(default_factory=dict)
    coding_systems: dict[str, str] = Field(default_factory=dict)
    table: TableUse = TableUse()
    columns: Columns = Field(default_factory=dict)
    optional: tuple[str, ...] = ()
    constants: dict[str, str] = Field(default_factory=dict)
    date_format: str = "%Y-%m-%d"
    repairs: dict[Path, Repairs] = Field(default_factory=dict)
    defaults: dict[Path, str] = Field(default_factory=dict)
    codes: dict[str, Meanings] = Field(default_factory=dict)
    z_segments: dict[ZPath, ZField] = Field(default_factory=dict)
    expect: Expect = Field(default_factory=Expect)
    tests: tuple[FeedTest, ...] = ()

    _zone = field_validator("time_zone")(known_zone)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def admits(self, peer: Peer) -> bool:
        """Whether the other side of a connection may send for this feed."""
        return (not self.addresses or self._is_near(peer.address)) and (
            not self.certificates or not peer.names.isdisjoint(map(str.lower, self.certificates))
        )

    def _is_near(self, address: str) -> bool:
        try:
            its = ip_address(address.partition("%")[0])
        except ValueError:  # a socket without an address
            return False
        if isinstance(its, IPv6Address) and its.ipv4_mapped:  # an IPv4 client of a socket that listens on both
            its = its.ipv4_mapped
        return any(its in network for network in self.addresses)

    def within(self, sender: str) -> Self:
        """This feed as the authority of what a message of the sender (``application|facility``) numbers without naming
        one: under ``feed/facility``, unless the feed has one facility only."""
        facility = sender.rpartition("|")[2]
        return self.model_copy(update={"name": f"{self.name}/{facility}"}) if facility and self._shared else self

    @cached_property
    def _shared(self) -> bool:
        """Whether several facilities send by this feed, who may give the same number to two people."""
        facilities = {sender.rpartition("|")[2] for sender in self.senders}
        return len(facilities) != 1 or "*" in facilities

    @cached_property
    def profile(self) -> Mapping[str, tuple[FieldProfile, ...]]:
        """What the profile changes in messages, by segment; empty for a feed without one."""
        by_field = {path: meanings for path, meanings in self.codes.items() if _FIELD.match(path)}
        paths = dict.fromkeys((*self.repairs, *self.defaults, *by_field))
        places = [
            FieldProfile(place(path), self.repairs.get(path, ()), self.defaults.get(path, ""), by_field.get(path))
            for path in paths
        ]
        names = dict.fromkeys(changed.place.segment for changed in places)
        return {name: tuple(changed for changed in places if changed.place.segment == name) for name in names}

    @cached_property
    def meanings(self) -> Mapping[str, Meanings]:
        """The meanings of local codes by the name of their coding system."""
        return {name: meanings for name, meanings in self.codes.items() if not _FIELD.match(name)}

    @cached_property
    def z_fields(self) -> Mapping[str, tuple[tuple[Place, ZField], ...]]:
        """Where the fields of Z segments go, by segment."""
        placed = [(place(path), target) for path, target in self.z_segments.items()]
        names = dict.fromkeys(where.segment for where, _ in placed)
        return {name: tuple(pair for pair in placed if pair[0].segment == name) for name in names}
