from dataclasses import replace

import pytest

from hub.identity.demographics import Demographics
from hub.identity.features import features
from hub.identity.scoring import Score, Shares, score
from hub.identity.vetoes import Veto
from hub.identity.weights import weights

ANNA = Demographics(
    family="kowalski",
    given="anna",
    birth_date="2010-04-09",
    sex="female",
    phones=("8455550142",),
    street="14 mill st",
    postal="12508",
    city="fairview",
)


def compared(**other: object) -> Score:
    return score(features(ANNA), features(replace(ANNA, **other)))  # type: ignore[arg-type]


def test_everything_that_agrees_links() -> None:
    """Two records that say the same are certain, and nothing forbids it."""
    found = compared()
    assert found.bits > weights().automatic
    assert not found.vetoes


@pytest.mark.parametrize(
    ("other", "veto"),
    [
        ({"given": "ewa"}, Veto.TWIN),
        ({"given": "ana"}, Veto.TWIN),
        ({"birth_date": "1985-01-30"}, Veto.BORN),
        ({"birth_date": ""}, Veto.NO_BIRTH_DATE),
        ({"given": "a"}, Veto.NO_GIVEN),
        ({"phones": (), "street": "9 oak rd"}, Veto.ALONE),
        ({"sex": "male", "given": "jan"}, Veto.SEX),
        ({"family": "unknown", "given": "unknown"}, Veto.NAMELESS),
        ({"given": "babygirl"}, Veto.NAMELESS),
        ({"family": "nowak", "phones": (), "street": "9 mill st"}, Veto.FAMILY),
    ],
)
def test_what_is_doubtful_is_for_a_person(other: dict[str, object], veto: Veto) -> None:
    """Twins, relatives, missing birth dates, names that were filled in and mere namesakes are never linked alone."""
    assert veto in compared(**other).vetoes


def test_generations_middle_names_and_numbers_contradict() -> None:
    """Junior and senior, two middle names and two social security numbers of different homes are for a person."""
    senior = replace(ANNA, suffix="sr", middle="maria", ssn="912345678")
    other = replace(ANNA, suffix="jr", middle="jola", ssn="987001122", phones=(), street="")
    found = score(features(senior), features(other))
    assert {Veto.GENERATION, Veto.MIDDLE, Veto.SSN} <= set(found.vetoes)
    assert found.contradictory


def test_a_family_is_evidence_only_once() -> None:
    """Family name, address, telephone and e-mail of one household say together no more than the cap: a sister is not
    likely to be the same person."""
    sister = compared(given="zofia", birth_date="2013-11-20", emails=("family@example.org",))
    assert sister.bits < weights().review


def test_exchanged_names_agree() -> None:
    """Given and family name in each other's place are one name."""
    assert not compared(given="kowalski", family="anna").vetoes


def test_a_rare_name_says_more() -> None:
    """Agreement in a name says more the fewer people have it: elsewhere, or here."""
    smith = features(replace(ANNA, family="smith"))
    rare = features(replace(ANNA, family="thackeray"))
    alone = replace(ANNA, phones=(), street="", postal="", city="")
    bits = {
        f: score(features(replace(alone, family=f)), features(replace(alone, family=f))).bits for f in ("smith", "x")
    }
    assert bits["x"] > bits["smith"]
    assert score(rare, rare, Shares(family=0.2)).bits <= score(rare, rare).bits
    assert score(smith, smith).bits > 0


def test_a_small_place_corroborates_and_a_large_one_does_not() -> None:
    """To live in the same small place is one thing more; a city is none."""
    here, moved = features(replace(ANNA, phones=())), features(replace(ANNA, phones=(), street="9 oak rd"))
    assert Veto.ALONE in score(here, moved, Shares(place=0.1)).vetoes
    assert Veto.ALONE not in score(here, moved, Shares(place=0.0005)).vetoes


def test_a_number_vouches_for_a_changed_name() -> None:
    """With the social security number and the birth date, another given name may be a second name."""
    numbered = replace(ANNA, ssn="912345678")
    found = score(features(numbered), features(replace(numbered, given="maria")))
    assert found.conclusive


def test_the_order_does_not_matter() -> None:
    """Both records are compared alike."""
    a, b = features(ANNA), features(replace(ANNA, given="ania", street="14 mill", sex="male"))
    assert score(a, b).vetoes == score(b, a).vetoes
    assert {(e.field, e.level) for e in score(a, b).evidence} == {(e.field, e.level) for e in score(b, a).evidence}


def test_names_in_each_others_place_and_mistyped_are_one_persons_at_home() -> None:
    """One name in the other's place and a slip in the other one: on the same day of birth and in the same home that is
    the same person, elsewhere somebody looks."""
    mixed = {"family": "ana", "given": "kowalsky", "phones": ()}
    assert not compared(**mixed).vetoes
    assert Veto.NO_GIVEN in compared(**mixed, street="9 oak rd").vetoes


def test_a_whole_number_at_home_tells_a_slip_from_a_twin() -> None:
    """ANA and ANNA of one home who have the same social security number are one, whatever the birth date; two of a home
    whose numbers nobody knows may be twins."""
    numbered = replace(ANNA, ssn="512345678")
    one = score(features(numbered), features(replace(numbered, given="ana", birth_date="1985-01-30")))
    assert not one.vetoes
    assert Veto.TWIN in compared(given="ana").vetoes
