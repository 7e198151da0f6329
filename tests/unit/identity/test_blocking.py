from dataclasses import replace

from hub.identity.blocking import LARGEST, block_keys
from hub.identity.demographics import Demographics
from hub.identity.features import features
from hub.identity.index import Index

HAROLD = Demographics(
    family="andrews",
    given="harold",
    birth_date="1955-09-14",
    phones=("8455550142",),
    ssn="912345678",
    street="14 mill st",
    postal="12508",
)


def shared(**other: object) -> set[str]:
    return set(block_keys(features(HAROLD))) & set(block_keys(features(replace(HAROLD, **other))))  # type: ignore[arg-type]


def test_one_error_of_any_kind_leaves_a_block_in_common() -> None:
    """A record with an error in one field, or whose names are exchanged, is still compared."""
    bare = {"phones": (), "ssn": "", "street": ""}
    assert shared(given="xyz", **bare)
    assert shared(family="xyz", **bare)
    assert shared(birth_date="1955-09-15", **bare)
    assert shared(given="andrews", family="harold", **bare)
    assert shared(given="xyz", family="qrs", birth_date="2001-01-01", street="", ssn="")


def test_a_name_that_was_filled_in_is_in_no_block() -> None:
    """Unknown patients are not found by their names."""
    nobody = replace(HAROLD, family="doe", given="john", phones=(), ssn="", street="", postal="")
    assert block_keys(features(nobody)) == ()


def test_a_block_of_everybody_is_closed() -> None:
    """The telephone of a nursing home finds nobody, and costs nothing."""
    index = Index()
    for n in range(LARGEST + 1):
        said = Demographics(family=f"f{n}", given="x", birth_date=f"19{n % 90 + 10}-01-{n % 28 + 1:02}")
        index.add(f"r{n}", features(replace(said, phones=HAROLD.phones)), f"p{n}")
    assert index.decide(features(Demographics(phones=HAROLD.phones))).review == ()
