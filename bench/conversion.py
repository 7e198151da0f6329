"""HL7 v2 → FHIR in full: parsed, mapped, checked against R4 and dumped as JSON, in one process; each message once, in
the order of the day, best of five parts. Targets are per core.

The mappers remember what recurs, as the segments of a patient do in the messages of his visit: a day's ADT have some
six of each patient. What a message costs of whose patient nothing was ever seen stands beside it.

Baselines of the same run: python-hl7 that only parses the same messages, and fhir.resources that only validates the
main resources of what comes out of them.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import hl7
import orjson
from fhir.resources.R4B import get_fhir_model_class

from bench.figures import Figure
from hub.formats.hl7v2 import patient_key, read_header
from hub.mappers import convert
from hub.model import Format, Json, RawMessage
from hub.settings import Feed, PluginUse
from hub.simulator import simulate

SEED, PATIENTS, DAY = 7, 1_000, date(2026, 3, 2)
SEGMENTS, VALUES = 12, 40
PARTS = 5
VALIDATED = 100
FEED = Feed(name="bench", adapter=PluginUse(kind="mllp"), time_zone="America/New_York")


def run() -> list[Figure]:
    sent = [(message.kind, message.body) for message in simulate(SEED, PATIENTS, DAY)]
    oru = list(_long_reports([body for kind, body in sent if kind.startswith("ORU")]))
    return [
        *_figures(f"ADT of {SEGMENTS} segments", _adt(sent), ("Patient", "Encounter"), 3_000),
        _first_sight([(message.kind, message.body) for message in simulate(SEED + 1, PATIENTS, DAY)]),
        *_figures(f"ORU of {VALUES} OBX", oru, ("Observation",), 700),
    ]


def _adt(sent: Sequence[tuple[str, bytes]]) -> list[bytes]:
    return [body for kind, body in sent if kind.startswith("ADT") and body.count(b"\r") == SEGMENTS]


def _first_sight(sent: Sequence[tuple[str, bytes]]) -> Figure:
    """One message of each of other patients, none of whose segments can be remembered."""
    first = {patient_key(body, read_header(body)): body for body in _adt(sent)}
    bodies = list(first.values())
    converted = _rate(_converted, [_raw(number, body) for number, body in enumerate(bodies)])
    parsed = _rate(lambda body: hl7.parse(body.decode()), bodies)
    return Figure("… of patients never seen", converted, "msg/s", parsed, "python-hl7 parsing alone, msg/s")


def _figures(name: str, bodies: Sequence[bytes], validated: Sequence[str], target: float) -> list[Figure]:
    raws = [_raw(number, body) for number, body in enumerate(bodies)]
    converted = _rate(_converted, raws)
    parsed = _rate(lambda body: hl7.parse(body.decode()), bodies)
    bundles: list[Json] = [orjson.loads(_converted(raw)) for raw in raws[:VALIDATED]]
    resources = [[e["resource"] for e in b["entry"] if e["resource"]["resourceType"] in validated] for b in bundles]
    valid = _rate(_validate, resources)
    return [
        Figure(f"{name} converted", converted, "msg/s", parsed, "python-hl7 parsing alone, msg/s", target),
        Figure(f"{name} converted", converted, "msg/s", valid, f"validating {' and '.join(validated)} alone, msg/s"),
        Figure(f"{name}, CPU time", 1e6 / converted, "µs"),
    ]


def _rate(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Items per second of CPU time: the best of ``PARTS`` parts, one after the other."""
    size = len(items) // PARTS
    return max(_timed(work, items[part * size : (part + 1) * size]) for part in range(PARTS))


def _timed(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    start = time.process_time()
    for item in items:
        work(item)
    return len(items) / (time.process_time() - start)


def _converted(raw: RawMessage) -> bytes:
    return orjson.dumps(convert(raw, FEED).bundle)


def _validate(resources: Sequence[Json]) -> None:
    for resource in resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def _long_reports(reports: Sequence[bytes]) -> Iterator[bytes]:
    """The reports, each with so many results: its own, then those of the ones after it."""
    lines = [report.removesuffix(b"\r").split(b"\r") for report in reports]
    results = [line for report in lines for line in report if line.startswith(b"OBX")]
    for number, report in enumerate(lines):
        head = [line for line in report if not line.startswith((b"OBX", b"NTE"))]
        at = number * VALUES % (len(results) - VALUES)
        yield b"\r".join([*head, *results[at : at + VALUES], b""])


def _raw(number: int, body: bytes) -> RawMessage:
    name, received = f"{number:064x}", datetime.combine(DAY, datetime.min.time(), UTC)
    return RawMessage(name, FEED.name, Format.HL7V2, "", "", "APP|FACILITY", name, name, received, "bench", body)
