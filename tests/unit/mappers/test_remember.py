"""What the mappers remember from message to message, and what not."""

from collections.abc import Callable

import orjson
import pytest

from hub.formats.hl7v2 import Repetition, Segment, parse
from hub.mappers import remember
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.notes import Mentions, Notes, source_of
from hub.mappers.remember import Coded, remembered, remembered_fields, remembered_segment
from hub.model import Json
from hub.services.conversion.files import converted
from hub.settings import Feed
from tests.unit.mappers import clinical
from tests.unit.mappers.adt_messages import FEED, context, raw, repetition

worked: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_worked_yet() -> None:
    worked.clear()


def mapper() -> Callable[[Coded, Notes], Json]:
    """A remembered mapper that says when it works, and warns of the code ``odd``."""

    @remembered
    def coded(cwe: Repetition, notes: Notes) -> Json:
        worked.append(cwe.raw)
        if cwe[1] == "odd":
            notes.warn(f"{cwe.path}.1", "value", "odd")
        return {"code": cwe[1], "feed": notes.feed.time_zone}

    return coded


def test_works_once_for_each_text() -> None:
    """The same text of the same feed is mapped once, in whatever message it stands."""
    coded = mapper()
    assert (
        coded(repetition("A^x"), context())
        == coded(repetition("A^x"), context())
        == {"code": "A", "feed": FEED.time_zone}
    )
    assert worked == ["A^x"]


def test_two_feeds_are_two() -> None:
    """Feeds of the same name with other contents do not see one another's elements."""
    coded, other = mapper(), FEED.model_copy(update={"time_zone": "Europe/Berlin"})
    zones = [coded(repetition("A"), context(feed))["feed"] for feed in (FEED, other, FEED)]
    assert zones == ["America/New_York", "Europe/Berlin", "America/New_York"]


def test_issues_are_noted_where_the_text_stands() -> None:
    """What was noticed in a text is noted at each place where it stands, with that place."""
    coded, ctx = mapper(), context()
    pid = parse(b"MSH|^~\\&|A\rPID|1||x~odd||odd").first("PID")
    assert pid is not None
    for cwe in (*pid[3], pid[5], pid[5]):
        coded(cwe, ctx)
    assert [issue.path for issue in ctx.issues] == ["PID-3[2].1", "PID-5.1"]
    assert worked == ["x", "odd"]


@pytest.mark.parametrize("text", ["^Mother says it itches", "A^" + "x" * remember.LONGEST])
def test_words_are_not_kept(text: str) -> None:
    """A text without a code, or a long one, is mapped each time."""
    coded = mapper()
    coded(repetition(text), context())
    coded(repetition(text), context())
    assert worked == [text, text]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are too many elements, remembering begins anew."""
    monkeypatch.setattr(remember, "ELEMENTS", 2)
    coded = mapper()
    for text in ("A", "B", "C", "C", "A"):
        coded(repetition(text), context())
    assert worked == ["A", "B", "C", "A"]


def test_a_field_stands_for_its_first_repetition() -> None:
    """Given a field, the first repetition is mapped; given an absent one, nothing."""
    pid = parse(b"MSH|^~\\&|A\rPID|1||A~B").first("PID")
    assert pid is not None
    assert mapper()(pid[3], context())["code"] == "A"
    assert cwe_codeableconcept(pid[99], context()) == {}


def test_fields_are_seen_alone() -> None:
    """A mapper of several fields sees no other field, and its issues have the place of the segment at hand."""

    @remembered_fields(2, 4)
    def coded(obx: Segment, notes: Notes) -> list[str]:
        worked.append("coded")
        notes.warn(obx.path(4), "value", "odd")
        return [obx[number].text for number in (1, 2, 3, 4, 5)]

    parsed = parse(b"MSH|^~\\&|A\rOBX|1|NM|x|A|5\rOBX|2|NM|y|A|6\rOBX|3|NM")
    ctx = Context(raw("MSH|^~\\&|A"), FEED, parsed)
    assert [coded(obx, ctx) for obx in parsed.all("OBX")] == [["", "NM", "", "A", ""]] * 2 + [["", "NM", "", "", ""]]
    assert [issue.path for issue in ctx.issues] == ["OBX-4", "OBX[2]-4", "OBX[3]-4"]
    assert worked == ["coded", "coded"]


@remembered_segment
def _told(pd1: Segment, ctx: Mentions, whose: str) -> str:
    """A segment that mentions a clinician, and is always odd."""
    worked.append(pd1.raw)
    ctx.warn(pd1.path(4), "value", "odd")
    return f"{whose}: {xcn_reference(pd1[4], ctx)['display']}"


def test_a_whole_segment_is_mapped_once() -> None:
    """A segment that recurs as it is says the same, mentions the same and is as odd; of another patient it is new."""
    for whose, number in (("A", 1), ("A", 1), ("B", 2)):
        ctx = context()
        (pd1,) = parse(b"MSH|^~\\&|A\rPD1||||7^Busy^Beatrice").all("PD1")
        assert _told(pd1, ctx, whose) == f"{whose}: Beatrice Busy"
        assert [one["resourceType"] for one in ctx.resources.values()] == ["Practitioner"]
        assert [issue.path for issue in ctx.issues] == ["PD1-4"]
        assert len(worked) == number


def test_a_segment_is_mapped_anew_where_the_bundle_says_otherwise() -> None:
    """A clinician who is called otherwise in a message is so in each of its segments."""
    (pd1,) = parse(b"MSH|^~\\&|A\rPD1||||8^Busy^Beatrice").all("PD1")
    assert _told(pd1, context(), "A") == "A: Beatrice Busy"
    ctx = context()
    xcn_reference(repetition("8^Busy^Beatrice^^^Dr."), ctx)
    assert _told(pd1, ctx, "A") == "A: Dr. Beatrice Busy"
    assert _told(pd1, context(), "A") == "A: Beatrice Busy"


def test_a_segment_that_a_profile_rewrote_is_another() -> None:
    """What is remembered of a segment is of its fields as they are mapped."""
    (pd1,) = parse(b"MSH|^~\\&|A\rPD1||||9^Busy^Beatrice").all("PD1")
    assert _told(pd1, context(), "A") == "A: Beatrice Busy"
    pd1.rewrite(4, "9^Busy^Bea")
    assert _told(pd1, context(), "A") == "A: Bea Busy"


def test_a_source_is_one_object() -> None:
    """The same feed and syntax give the same Source, another feed another."""
    syntax, other = parse(b"MSH|^~\\&|A").syntax, Feed.model_validate(FEED.model_dump())
    assert source_of(FEED, syntax) is source_of(FEED, parse(b"MSH|^~\\&|B").syntax)
    assert source_of(FEED, syntax) is not source_of(other, syntax)


def test_what_came_before_makes_no_difference() -> None:
    """Every fixture gives the same bundle, whatever was converted before it."""
    messages = [clinical.raw(file.read_bytes()) for file in sorted(clinical.FIXTURES.rglob("*.hl7"))]
    forward = [orjson.dumps(converted(message, FEED)) for message in messages]
    backward = [orjson.dumps(converted(message, FEED)) for message in reversed(messages)]
    assert forward == backward[::-1]
