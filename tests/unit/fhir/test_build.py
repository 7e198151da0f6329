import orjson

from hub.fhir.build import compact, complete, concept, extension, period, token
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
