"""Two identifiers turn out to be one person (HL7 v2 A40 and the like), or two: an event once; no rule that ships tells
it."""

from collections.abc import Collection

from hub.model import CareEvent, stable_id
from hub.routing.events import PATIENT_MERGED, PATIENT_UNMERGED
from hub.routing.facts import facts
from hub.routing.statements import MergeStatement, Source, UnmergeStatement


def merge_key(s: MergeStatement | UnmergeStatement) -> str:
    """The key of the event: the same two are merged once, and are two once for each message that says so."""
    if isinstance(s, MergeStatement):
        return stable_id("merge", s.survivor, s.retired)
    return stable_id("unmerge", s.survivor, s.retired, s.source.message_id)


def tell(s: MergeStatement | UnmergeStatement, known: Collection[str], silent: str = "") -> tuple[CareEvent, ...]:
    """The event of a merge or its end, unless its key is known."""
    key = merge_key(s)
    if key in known:
        return ()
    happened = PATIENT_MERGED if isinstance(s, MergeStatement) else PATIENT_UNMERGED
    return (event(key, happened, s.source, silent),)


def event(key: str, type_: str, source: Source, silent: str = "") -> CareEvent:
    """The event that the person of ``source`` has become one with another, or is another one than it was taken for."""
    head = {"kind": "merge", "type": type_, "occurred_at": source.occurred_at}
    return CareEvent(
        event_key=key,
        type=type_,
        kind="merge",
        person_id=source.person_id,
        subject=source.person_id,
        message_id=source.message_id,
        occurred_at=source.occurred_at,
        facts=facts({**head, "received_at": source.received_at}),
        silent=silent,
    )
