"""A small hub on a real database, and messages of synthetic people for it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.model import Format, RawMessage, Stream, stable_id
from hub.services.context import Hub
from hub.services.records import raw_record
from hub.settings import Clinician, Feed, Notify, PluginUse, Practice, Rule, Settings, Site
from hub.wiring import open_hub
from tests import databases, streams

NPI = "1234567893"
MERCY = "urn:oid:2.16.840.1.113883.3.7001"


@dataclass
class HandClock:
    """A clock that moves when it is told to."""

    moment: datetime = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


def site(*channels: PluginUse) -> Site:
    """One hospital, one fax machine, and a practice that hears of visits by the channels (by default, its inbox)."""
    events = ("encounter.admitted", "encounter.class-changed", "encounter.discharged", "result.posted")
    notify = Notify(who=("pcp",), wording="ed_arrival")
    practice = Practice(
        id="panel-busy",
        name="Busy Family Medicine",
        clinicians=(Clinician(npi=NPI, name="Dr. Busy"),),
        channels=channels or (PluginUse(kind="inbox"),),
    )
    return Site(
        feeds=(
            Feed(name="mercy", adapter=PluginUse(kind="mllp"), namespaces={"MERCY": MERCY}),
            Feed(name="fax", adapter=PluginUse(kind="folder"), format=Format.DOCUMENT),
        ),
        rules=(Rule(name="everything", why="The practice wants to know.", on=events, notify=notify),),
        practices=(practice,),
    )


def opened(folder: Path, *channels: PluginUse, clock: HandClock | None = None, batch: int = 100) -> Hub:
    """The hub in that folder, with the site above."""
    data = folder / "var"
    places = {"database_url": databases.url(data), "streams_url": streams.url(data)}
    settings = Settings(data=data, config=folder / "config", batch=batch, **places)
    return replace(open_hub(settings, clock or HandClock()), site=site(*channels))


def adt(
    control_id: str,
    trigger: str = "A04",
    *,
    mrn: str = "70045",
    name: str = "Andrews^Harold",
    born: str = "19550914",
    phone: str = "8455550142",
    patient_class: str = "E",
    at: str = "202603021240",
    visit: str = "V1",
    more: str = "",
) -> bytes:
    """An ADT message of Mercy; ``more`` are further segments, each ended by a carriage return."""
    segments = (
        f"MSH|^~\\&|ADT|MERCY|HUB|HUB|{at}-0500||ADT^{trigger}^ADT_A01|{control_id}|P|2.5.1",
        f"EVN|{trigger}|{at}-0500",
        f"PID|1||{mrn}^^^MERCY^MR||{name}||{born}|M|||14 Mill Street^^Fairview^NY^12508||{phone}",
        f"PD1||||{NPI}^Busy^Beatrice^^^Dr.^^^NPI^L^^^NPI",
        f"PV1|1|{patient_class}|ED^12^A^MERCY||||||||||||||||{visit}^^^MERCY^VN" + "|" * 25 + f"{at}-0500",
    )
    return ("\r".join(segments) + "\r" + more).encode()


def accept(hub: Hub, *bodies: bytes, feed: str = "mercy", kind: str = "", form: Format = Format.HL7V2) -> list[str]:
    """Writes messages to the raw log as receiving does; returns their ids."""
    raws = [_raw(hub, body, feed, kind, form) for body in bodies]
    hub.streams.append(Stream.RAW, [raw_record(raw) for raw in raws])
    return [raw.id for raw in raws]


def _raw(hub: Hub, body: bytes, feed: str, kind: str, form: Format) -> RawMessage:
    fields = body.split(b"\r")[0].decode("latin-1").split("|") if form is Format.HL7V2 else []
    sender, control_id = (f"{fields[2]}|{fields[3]}", fields[9]) if len(fields) > 9 else ("", "")
    digest = hashlib.sha256(body).hexdigest()
    return RawMessage(
        id=stable_id("message", feed, sender, control_id, digest),
        feed=feed,
        format=form,
        type=kind or "^".join(fields[8].split("^")[:2]),
        key=control_id or digest,
        sender=sender,
        control_id=control_id,
        sha256=digest,
        received_at=hub.clock.now(),
        origin="test",
        body=body,
    )
