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

Coded: TypeAlias = Field | Repetition
"""A repetition, or a field whose first repetition is meant."""

ELEMENTS = 4096
"""So many are kept of each kind; when there are more, remembering begins anew."""
SEGMENTS = 2048
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

    def made(coded: Coded, notes: Notes, key: tuple[object, ...], more: object) -> tuple[T, list[Issue]]:
        source = notes.source
        apart, repetition = Notes(source), Repetition(coded.first.raw, 1, ABSENT, source.syntax)
        element = work(repetition, apart) if more is None else work(repetition, apart, more)
        if not coded.raw.startswith(source.syntax.component) and len(coded.raw) <= LONGEST:
            memory.keep(key, element, apart.issues)
        return element, apart.issues

    @wraps(mapper)
    def recalled(coded: Coded, notes: Notes, more: object = None) -> T:
        key = (coded.raw, notes.source, more)
        element, noticed = memory.get(key) or made(coded, notes, key, more)
        if noticed:
            _note(noticed, coded.path, notes)
        return element

    return cast("Callable[Concatenate[Coded, Notes, P], T]", recalled)


def remembered_fields(*numbers: int) -> Callable[[Callable[[Segment, Notes], T]], Callable[[Segment, Notes], T]]:
    """The same for a mapper of several coded fields of a segment, given in rising order; it sees these fields alone."""
    pick, last = itemgetter(*numbers), numbers[-1]
    padding = [""] * last

    def remembering(mapper: Callable[[Segment, Notes], T]) -> Callable[[Segment, Notes], T]:
        memory = _Memory[T]()

        def made(raws: tuple[str, ...], notes: Notes) -> tuple[T, list[Issue]]:
            source = notes.source
            apart = Notes(source)
            element = mapper(excerpt(dict(zip(numbers, raws, strict=True)), source.syntax), apart)
            if max(map(len, raws)) <= LONGEST:
                memory.keep((raws, source), element, apart.issues)
            return element, apart.issues

        @wraps(mapper)
        def recalled(segment: Segment, notes: Notes) -> T:
            fields = segment.raws
            raws = pick(fields if len(fields) > last else fields + padding)
            element, noticed = memory.get((raws, notes.source)) or made(raws, notes)
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
    def made(raw: str, number: int, source: Source, *more: object) -> tuple[T, list[Json], list[Issue]]:
        apart = Mentions(source)
        said = work(Segment(raw, raw[:3], number, 0, source.syntax), apart, *more)
        return said, apart.mentioned, apart.issues

    @wraps(mapper)
    def recalled(segment: Segment, ctx: Mentions, *more: object) -> T:
        remembering = made if len(segment.raw) <= LONGEST_SEGMENT else made.__wrapped__
        said, mentioned, noticed = remembering(segment.raw, segment.number, ctx.source, *more)
        for resource in mentioned:
            if ctx.keep(resource) != resource:
                return work(segment, ctx, *more)
        for issue in noticed:
            ctx.note(issue)
        return said

    return cast("Callable[Concatenate[Segment, Mentions, P], T]", recalled)


class _Memory(dict[tuple[object, ...], tuple[T, list[Issue]]], Generic[T]):
    """Elements by what they are made of, each with what was noticed in making it."""

    def keep(self, key: tuple[object, ...], element: T, noticed: list[Issue]) -> None:
        if len(self) >= ELEMENTS:
            self.clear()
        self[key] = (element, noticed)


def _note(noticed: list[Issue], path: str, notes: Notes) -> None:
    """Notes what was noticed, with paths that begin where the text stands in this message."""
    for issue in noticed:
        notes.note(replace(issue, path=path + issue.path))
