import orjson

from hub.fhir.build import compact, complete, concept, extension, period, stated, token
from hub.model import Json


def test_compact() -> None:
    """Empty members are left out; false and zero are values."""
    members = {"a": "", "b": None, "c": [], "d": {}, "e": False, "f": 0, "g": 0.0, "h": "x"}
    assert compact(members) == {"e": False, "f": 0, "g": 0.0, "h": "x"}


def test_complete() -> None:
    """What is known stays; absent members and new items of lists are added, without changing the lists themselves."""
    names = [{"family": "A"}]
    known = {"id": "1", "name": names}
    complete(known, {"id": "2", "name": [{"family": "A"}, {"family": "B"}], "gender": "male"})
    assert known == {"id": "1", "name": [{"family": "A"}, {"family": "B"}], "gender": "male"}
    assert names == [{"family": "A"}]


def test_complete_a_long_list() -> None:
    """A list of any length takes each element once, and serialises as every list."""
    known: Json = {"contact": []}
    for number in [*range(200), *range(200)]:
        complete(known, {"contact": [{"name": {"text": str(number)}}]})
    assert [c["name"]["text"] for c in orjson.loads(orjson.dumps(known))["contact"]] == [str(n) for n in range(200)]


def test_elements_without_content() -> None:
    """Elements of nothing are empty, so that they are left out."""
    assert concept("http://loinc.org", "") == {}
    assert extension("urn:x", "String", "") == {}
    assert period() == {}


def test_token() -> None:
    """A code has no white space around it and single spaces within."""
    assert token(" a \n b ") == "a b"


def test_what_is_empty_is_not_stated() -> None:
    """What is empty or blank is left out at any depth; numbers, falsehood and the nulls that keep a place stay."""
    said = {"name": [{"text": " ", "given": ["Jo", ""]}, {"family": "\t"}], "active": False, "rank": 0, "note": None}
    assert stated(said | {"_given": [None, {"id": "x"}]}) == {
        "name": [{"given": ["Jo"]}],
        "active": False,
        "rank": 0,
        "_given": [None, {"id": "x"}],
    }


def test_a_period_ends_after_its_start() -> None:
    """An end before the start is marked as an error and kept as it was said (FHIR R4, per-1)."""
    assert period("2026-03-02", "2026-03-02T10:00:00Z") == {"start": "2026-03-02", "end": "2026-03-02T10:00:00Z"}
    impossible = period("2026-03-02", "2026-03-01")
    assert impossible["start"] == "2026-03-02"
    assert [one.get("valueCode") or one["valueString"] for one in impossible["_end"]["extension"]] == [
        "error",
        "2026-03-01",
    ]
