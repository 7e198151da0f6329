from hub.identity.decision import Candidate, decide
from hub.identity.scoring import Score
from hub.identity.vetoes import Veto


def candidate(person: str, bits: float, *vetoes: Veto) -> Candidate:
    return Candidate(person, f"record of {person}", Score(bits, (), vetoes))


def decided(*candidates: Candidate, compatible: bool = False, contradicted: bool = False) -> tuple[str, list[str], int]:
    found = decide(candidates, lambda _: contradicted, lambda _one, _other: compatible)
    linked = found.linked.person_id if found.linked else ""
    return linked, [c.person_id for c in found.review], len(found.same)


def test_one_who_is_certain_is_linked() -> None:
    """The one certain candidate is linked; one who is unlikely is not even shown."""
    assert decided(candidate("p", 40), candidate("q", 2)) == ("p", [], 0)


def test_a_second_one_near_by_makes_it_doubtful() -> None:
    """When two persons fit nearly as well, nobody is linked and both are for review."""
    assert decided(candidate("p", 40), candidate("q", 38)) == ("", ["p", "q"], 0)


def test_a_far_better_one_is_linked_all_the_same() -> None:
    """A second one who fits much less leaves the first one certain, and is shown."""
    assert decided(candidate("p", 45), candidate("q", 30)) == ("p", ["q"], 0)


def test_two_who_are_one_raise_no_doubt() -> None:
    """Two known persons whom nothing tells apart, and who both fit, are one."""
    assert decided(candidate("p", 40), candidate("q", 38), compatible=True) == ("p", [], 1)


def test_a_veto_goes_to_review() -> None:
    """However much agrees, a veto leaves it to a person."""
    assert decided(candidate("p", 60, Veto.TWIN)) == ("", ["p"], 0)


def test_a_twin_who_is_known_does_not_stand_in_the_way() -> None:
    """The twin is told apart by the given name, and is not shown once the right one is found."""
    assert decided(candidate("p", 45), candidate("twin", 43, Veto.TWIN)) == ("p", [], 0)


def test_what_other_records_of_the_person_say_counts() -> None:
    """A candidate whom other records of that person contradict is not certain."""
    assert decided(candidate("p", 40), contradicted=True) == ("", ["p"], 0)
