"""What a client asks for with a Subscription, read strictly: what is not supported is refused, never ignored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from hub.errors import PermanentError
from hub.fhir.backport import PROFILES
from hub.fhir.backport.topics import FILTERS, TOPIC, TOPICS, Filter, topic_of
from hub.model import Json, Notification

EMPTY, ID_ONLY, FULL = "empty", "id-only", "full-resource"
CONTENTS = (EMPTY, ID_ONLY, FULL)
LONGEST = timedelta(days=730)
"""How long a subscription may last."""
LEAST_HEARTBEAT = 60
TIMEOUTS = range(1, 31)
"""Seconds that a client may allow itself for its answer."""
MIME = ("application/fhir+json", "application/json")
RESERVED = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
"""Headers that are not the client's to set."""


class Unsupported(PermanentError):
    """A subscription that cannot be served; ``findings`` are a code of OperationOutcome, what is wrong, and where."""

    code = "unsupported"

    def __init__(self, findings: list[tuple[str, str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {text}" for _, text, path in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscription asks for. ``heartbeat`` and ``timeout`` are seconds; no heartbeat: 0; ``end`` is a FHIR
    instant."""

    topic: str
    endpoint: str
    content: str
    filters: tuple[Filter, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    heartbeat: int = 0
    timeout: int = 10
    end: str = ""

    def admits(self, notice: Notification) -> bool:
        """Whether the subscription is to hear of the notice."""
        return topic_of(notice) == self.topic and all(f.admits(notice) for f in self.filters)


def read(resource: Json, now: datetime, *, again: bool = False) -> Wanted:
    """Reads a Subscription that is valid R4. Raises ``Unsupported`` with all that cannot be served. One that was taken
    before is read ``again`` however old it is by now."""
    findings: list[tuple[str, str, str]] = []
    channel = resource.get("channel", {})
    topic, filters = _criteria(resource, findings)
    _channel(channel, findings)
    wanted = Wanted(
        topic=topic,
        endpoint=channel.get("endpoint", ""),
        content=_content(channel, findings),
        filters=filters,
        headers=tuple(_headers(channel, findings)),
        heartbeat=_heartbeat(channel, findings),
        timeout=_timeout(channel, findings),
        end=str(resource.get("end", "")) if again else _end(resource, now, findings),
    )
    if findings:
        raise Unsupported(findings)
    return wanted


def _criteria(resource: Json, findings: list[tuple[str, str, str]]) -> tuple[str, tuple[Filter, ...]]:
    canonical, _, query = str(resource.get("criteria", "")).partition("?")
    name = canonical.removeprefix(TOPIC).partition("|")[0]
    if not canonical.startswith(TOPIC) or name not in TOPICS:
        known = ", ".join(TOPIC + each for each in TOPICS)
        findings.append(("not-supported", f"no such topic; there are: {known}", "Subscription.criteria"))
    texts = [query] if query else []
    texts += [str(e.get("valueString", "")) for e in _extensions(resource.get("_criteria"), "backport-filter-criteria")]
    return name, tuple(f for text in texts for f in _filters(text, findings))


def _filters(text: str, findings: list[tuple[str, str, str]]) -> Iterator[Filter]:
    """``Encounter?patient=Patient/1``, ``Encounter.class=EMER`` or ``kind=discharge,death``, joined by ``&``."""
    for part in text.rpartition("?")[2].split("&"):
        name, equals, value = part.partition("=")
        parameter = name.rpartition(".")[2]
        values = tuple(unquote(v) for v in value.split(",") if v)
        if not equals or not values or parameter not in FILTERS:
            known = ", ".join(FILTERS)
            wrong = f"{name!r} is no filter; there are, without modifiers: {known}"
            findings.append(("not-supported", wrong, "Subscription.criteria"))
        else:
            yield Filter(parameter, values)


def _channel(channel: Json, findings: list[tuple[str, str, str]]) -> None:
    if channel.get("type") != "rest-hook":
        findings.append(("not-supported", "only rest-hook is served", "Subscription.channel.type"))
    if channel.get("payload", MIME[0]) not in MIME:
        findings.append(("not-supported", f"must be {MIME[0]}", "Subscription.channel.payload"))
    url = urlsplit(channel.get("endpoint", ""))
    if url.scheme not in ("https", "http") or not url.hostname or url.username or url.fragment:
        wrong = "must be an https URL without user and fragment"
        findings.append(("value", wrong, "Subscription.channel.endpoint"))


def _content(channel: Json, findings: list[tuple[str, str, str]]) -> str:
    asked = [e.get("valueCode", "") for e in _extensions(channel.get("_payload"), "backport-payload-content")]
    content = asked[0] if asked else EMPTY
    if content not in CONTENTS:
        findings.append(("not-supported", f"must be one of {', '.join(CONTENTS)}", "Subscription.channel.payload"))
    return content


def _headers(channel: Json, findings: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    for header in channel.get("header", []):
        name, colon, value = header.partition(":")
        usable = name.strip().replace("-", "").isalnum() and name.isascii() and value.strip().isprintable()
        if not colon or not usable or name.strip().lower() in RESERVED or not value.isascii():
            wrong = "must be 'Name: value', and none that HTTP itself needs"
            findings.append(("value", wrong, "Subscription.channel.header"))
        else:
            yield name.strip(), value.strip()


def _heartbeat(channel: Json, findings: list[tuple[str, str, str]]) -> int:
    asked = _first(channel, "backport-heartbeat-period", "valueUnsignedInt", 0)
    if 0 < asked < LEAST_HEARTBEAT:
        findings.append(("value", f"a heartbeat comes every {LEAST_HEARTBEAT} seconds at most", _EXTENSION))
    return asked


def _timeout(channel: Json, findings: list[tuple[str, str, str]]) -> int:
    asked = _first(channel, "backport-timeout", "valueUnsignedInt", 10)
    if asked not in TIMEOUTS:
        findings.append(("value", f"a timeout is {TIMEOUTS.start} to {TIMEOUTS.stop - 1} seconds", _EXTENSION))
    return asked


def _end(resource: Json, now: datetime, findings: list[tuple[str, str, str]]) -> str:
    text = str(resource.get("end", ""))
    if text and not now < datetime.fromisoformat(text) <= now + LONGEST:
        findings.append(("value", "must be in the future, and within two years", "Subscription.end"))
    return text


_EXTENSION = "Subscription.channel.extension"


def _extensions(element: Any, name: str) -> list[Json]:
    listed = (element or {}).get("extension", []) if isinstance(element, dict) else []
    return [e for e in listed if e.get("url") == PROFILES + name]


def _first(element: Json, name: str, member: str, otherwise: int) -> int:
    return next((int(e.get(member, otherwise)) for e in _extensions(element, name)), otherwise)
