"""Two identifiers turn out to be one person (HL7 v2 A40 and the like): an event once; no rule that ships tells it."""

from collections.abc import Collection

from hub.model import CareEvent, stable_id
from hub.routing.events import PATIENT_MERGED
from hub.routing.facts import facts
from hub.routing.statements import MergeStatement


def merge_key(s: MergeStatement) -> str:
    """The key of the event: the same two identifiers are merged once."""
    return stable_id("merge", s.survivor, s.retired)


def tell(s: MergeStatement, known: Collection[str], silent: str = "") -> tuple[CareEvent, ...]:
    """The event of a merge, unless its key is known."""
    key, source = merge_key(s), s.source
    if key in known:
        return ()
    head = {"kind": "merge", "type": PATIENT_MERGED, "occurred_at": source.occurred_at}
    event = CareEvent(
        event_key=key,
        type=PATIENT_MERGED,
        kind="merge",
        person_id=source.person_id,
        subject=source.person_id,
        message_id=source.message_id,
        occurred_at=source.occurred_at,
        facts=facts({**head, "received_at": source.received_at}),
        silent=silent,
    )
    return (event,)
