"""Values come out as they were meant: in any delimiters, in any character set, whatever had to be escaped."""

import hashlib
import re
from dataclasses import replace

import hl7
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.formats.hl7v2 import build, parse
from tests.fuzz.outcome import bundle_of, raw
from tests.fuzz.sources import BODIES, ROOM

SETS = {
    "ASCII": "abc XYZ'-",
    **dict.fromkeys(("8859/1", "8859/9", "8859/15"), "aéÑöß"),
    "8859/2": "ačřžő",
    "8859/5": "aИванов",
    "8859/6": "aمحمد",
    "8859/7": "aΓιώργος",
    "8859/8": "aשלום",
    "GB 18030-2000": "a王小明",
    "KS X 1001": "a김철수",
    "BIG-5": "a葛明志",
    "ISO IR87": "a患者太郎",
    "UNICODE UTF-8": "aé葛μ😀",
}
DELIMITERS, UNUSED = b"|^~\\&", "!#$%*;<>?@[]_`{}"
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNESCAPED = [
    body
    for body in BODIES
    if body.startswith(b"MSH" + DELIMITERS + b"|") and body.count(b"\\") == 1 and body.isascii() and b"\x1b" not in body
]
FIXTURES = [path.relative_to(ROOM) for path in sorted(ROOM.rglob("*.hl7"))]
HEADER = {3: "APP", 4: "FAC", 7: "20260302", 9: ("ADT", "A28"), 10: "1", 11: "P", 12: "2.5.1"}


def family_of(body: bytes) -> str:
    """The family name of the message's patient."""
    made = bundle_of(raw(body))
    assert made is not None
    patient = next(e["resource"] for e in orjson.loads(made)["entry"] if e["resource"]["resourceType"] == "Patient")
    return str(patient["name"][0]["family"])


@pytest.mark.parametrize("label", SETS)
@given(st.data())
def test_character_sets(label: str, data: st.DataObject) -> None:
    """A name comes out as it was written, in every character set that MSH-18 may declare."""
    name = data.draw(st.text(SETS[label], min_size=1, max_size=8).filter(str.strip))
    body = build([("MSH", {**HEADER, 18: label}), ("PID", {3: ("1", "", "", "MERCY", "MR"), 5: (name, "Ann")})])
    assert family_of(body).split() == name.split()


@given(st.text("ab|^~\\&#\r\n é", min_size=1, max_size=12).filter(str.strip))
def test_escapes(name: str) -> None:
    """A text that had to be escaped comes out as it was meant."""
    body = build([("MSH", HEADER), ("PID", {3: ("1", "", "", "MERCY", "MR"), 5: (name, "Ann")})])
    assert family_of(body).split() == name.split()


@pytest.mark.parametrize("body", UNESCAPED, ids=lambda body: hashlib.sha256(body).hexdigest()[:8])
def test_other_delimiters(body: bytes) -> None:
    """A message in other delimiters gives the same bundle; texts with delimiters in them have the other ones."""
    usual = raw(body)
    made = bundle_of(usual)
    free = [c for c in UNUSED if c.encode() not in body + (made or b"")]
    others = "".join(free[: len(DELIMITERS)]).encode()
    other = bundle_of(replace(usual, body=body.translate(bytes.maketrans(DELIMITERS, others))))
    assert numbered(made) == numbered(other and other.translate(bytes.maketrans(others, DELIMITERS)))


def numbered(bundle: bytes | None) -> str:
    """The bundle with its ids counted."""
    known: dict[str, str] = {}
    return UUID.sub(lambda found: known.setdefault(found[0], str(len(known))), (bundle or b"").decode())


@pytest.mark.parametrize("body", BODIES, ids=map(str, FIXTURES))
def test_same_leaves_as_python_hl7(body: bytes) -> None:
    """Every subcomponent of every fixture is the one that python-hl7 finds."""
    ours = parse(body, "utf-8")
    lines = [segment.raw.replace("\n", " ") for segment in ours.segments]
    theirs = hl7.parse("\r".join(lines))
    for segment, there in zip(ours.segments, theirs, strict=True):
        for field in segment:
            if segment.name == "MSH" and field.number < 3:
                continue
            for repetition in field:
                if "\\" in repetition.raw:
                    continue  # each of the two knows other escape sequences
                for component in range(1, len(repetition) + 1):
                    _same(repetition.subcomponents(component), there, field.number, repetition.number, component)


def _same(ours: list[str], there: hl7.Segment, field: int, repetition: int, component: int) -> None:
    for place, text in enumerate(ours, 1):
        assert text.split() == str(there.extract_field(1, field, repetition, component, place)).split()
