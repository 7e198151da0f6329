"""What the mappers remember. The same codes, units, clinicians and beds stand in all messages of a hospital: an element
is made of each text once, and all bundles in which it stands share it. No one changes an element in place.

So do the segments of a patient in the messages of his visit, as they are: what a whole segment says is remembered, too.
What is in it by itself, names, addresses and numbers, is not: it comes with its segment or not at all.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, wraps
from operator import itemgetter
from typing import Concatenate, Generic, ParamSpec, TypeAlias, TypeVar, cast

from hub.formats.hl7v2.segment import ABSENT, Field, Repetition, Segment, excerpt
from hub.mappers.notes import Mentions, Notes, Source
from hub.model import Issue, Json

P = ParamSpec("P")
T = TypeVar("T")
N = TypeVar("N", bound=Notes)

Coded: TypeAlias = Field | Repetition
"""A repetition, or a field whose first repetition is meant."""

ELEMENTS = 4096
"""So many are kept of each kind; when there are more, remembering begins anew."""
SEGMENTS = 640
"""So many segments are kept of each kind: the ones that recur longest ago are forgotten first."""
LONGEST = 256
"""Characters; longer texts are prose and come once."""
LONGEST_SEGMENT = 2048
"""Characters; longer segments are not of a patient alone, or hold files."""


def remembered(mapper: Callable[Concatenate[Repetition, Notes, P], T]) -> Callable[Concatenate[Coded, Notes, P], T]:
    """The mapper of a coded data type, made to work once for each text. Its result follows from the text and the feed
    alone, and perhaps from one thing more that is a key (a table).

    What is noticed on the way is kept with the element, and noted each time anew with the path of the repetition at
    hand. A text without a first component is somebody's own words: it is not kept.
    """
    work = cast("Callable[..., T]", mapper)
    memory = _Memory[T]()

    def made(coded: Coded, notes: Notes, key: tuple[object, ...], more: object) -> _Made[T]:
        source = notes.source
        apart, repetition = Notes(source), Repetition(coded.first.raw, 1, ABSENT, source.syntax)
        element = work(repetition, apart) if more is None else work(repetition, apart, more)
        if not coded.raw.startswith(source.syntax.component) and len(coded.raw) <= LONGEST:
            memory.keep(key, (element, apart.issues, []))
        return element, apart.issues, []

    @wraps(mapper)
    def recalled(coded: Coded, notes: Notes, more: object = None) -> T:
        key = (coded.raw, notes.source, more)
        element, noticed, _ = memory.get(key) or made(coded, notes, key, more)
        if noticed:
            _note(noticed, coded.path, notes)
        return element

    return cast("Callable[Concatenate[Coded, Notes, P], T]", recalled)


def remembered_fields(*numbers: int) -> Callable[[Callable[[Segment, N], T]], Callable[[Segment, N], T]]:
    """The same for a mapper of several coded fields of a segment, given in rising order; it sees these fields alone."""
    pick, last = itemgetter(*numbers), numbers[-1]
    padding = [""] * last

    def remembering(mapper: Callable[[Segment, N], T]) -> Callable[[Segment, N], T]:
        work = cast("Callable[[Segment, Notes], T]", mapper)
        memory = _Memory[T]()

        def made(raws: tuple[str, ...], notes: Notes) -> _Made[T]:
            source = notes.source
            apart = Mentions(source)
            element = work(excerpt(dict(zip(numbers, raws, strict=True)), source.syntax), apart)
            if max(map(len, raws)) <= LONGEST:
                memory.keep((raws, source), (element, apart.issues, apart.mentioned))
            return element, apart.issues, apart.mentioned

        @wraps(mapper)
        def recalled(segment: Segment, notes: N) -> T:
            fields = segment.raws
            raws = pick(fields if len(fields) > last else fields + padding)
            element, noticed, mentioned = memory.get((raws, notes.source)) or made(raws, notes)
            if mentioned and not _agree(mentioned, cast("Mentions", notes)):
                return mapper(segment, notes)
            if noticed:
                _note(noticed, segment.place, notes)
            return element

        return recalled

    return remembering


def remembered_segment(
    mapper: Callable[Concatenate[Segment, Mentions, P], T],
) -> Callable[Concatenate[Segment, Mentions, P], T]:
    """The same for a mapper of a whole segment: those of a patient stand as they are in all messages of his visit.

    What it says follows from its text, its number among its kind, the feed and ``more``, ids of what it belongs to. The
    resources that it mentions are remembered with it; where the bundle says otherwise of one of them, under another
    name perhaps, the segment is mapped anew. What is returned belongs to many bundles, which take it by ``keep``.
    """
    work = cast("Callable[..., T]", mapper)

    @lru_cache(maxsize=SEGMENTS)
    def made(raw: str, number: int, source: Source, *more: object) -> _Made[T]:
        apart = Mentions(source)
        said = work(Segment(raw, raw[:3], number, 0, source.syntax), apart, *more)
        return said, apart.issues, apart.mentioned

    @wraps(mapper)
    def recalled(segment: Segment, ctx: Mentions, *more: object) -> T:
        remembering = made if len(segment.raw) <= LONGEST_SEGMENT else made.__wrapped__
        said, noticed, mentioned = remembering(segment.raw, segment.number, ctx.source, *more)
        if mentioned and not _agree(mentioned, ctx):
            return work(segment, ctx, *more)
        for issue in noticed:
            ctx.note(issue)
        return said

    return cast("Callable[Concatenate[Segment, Mentions, P], T]", recalled)


_Made: TypeAlias = tuple[T, list[Issue], list[Json]]
"""What was made of a text, with what was noticed in it and the resources that it mentions."""


class _Memory(dict[tuple[object, ...], _Made[T]], Generic[T]):
    """Elements by what they are made of."""

    def keep(self, key: tuple[object, ...], made: _Made[T]) -> None:
        if len(self) >= ELEMENTS:
            self.clear()
        self[key] = made


def _agree(mentioned: list[Json], ctx: Mentions) -> bool:
    """Takes the resources that are mentioned; whether the bundle says nothing else of them."""
    return list(map(ctx.keep, mentioned)) == mentioned


def _note(noticed: list[Issue], path: str, notes: Notes) -> None:
    """Notes what was noticed, with paths that begin where the text stands in this message."""
    for issue in noticed:
        notes.note(replace(issue, path=path + issue.path))
