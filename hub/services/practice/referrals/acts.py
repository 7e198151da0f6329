"""What operators decide of a referral: that it is closed, without a note or with a reviewed one, or open again."""

from hub.errors import NotAllowed
from hub.routing.referrals.states import ACTS, Step
from hub.services.context import Hub
from hub.services.practice.referrals.acting import act, finish
from hub.services.practice.referrals.looking import find, show
from hub.services.practice.referrals.views import ReferralView
from hub.services.routing.referrals import load_book, snapshot
from hub.store.engine import writing


def review(hub: Hub, wanted: str, by: str) -> ReferralView:
    """The referrer has read the note: the loop is closed. Raises ``NotFound`` and ``NotAllowed``."""
    return _act_on(hub, wanted, Step.REVIEWED, by)


def close_without_note(hub: Hub, wanted: str, reason: str, by: str, *, expired: bool = False) -> ReferralView:
    """The loop ends without a note, for this reason, or has ``expired``. Raises ``NotFound`` and ``NotAllowed``."""
    if not reason.strip():
        raise NotAllowed("a referral is closed without a note only with a reason")
    return _act_on(hub, wanted, Step.EXPIRED if expired else Step.CLOSED_NO_NOTE, by, reason)


def reopen(hub: Hub, wanted: str, by: str, reason: str = "") -> ReferralView:
    """The referral goes on from where it stood before it was settled. Raises ``NotFound`` and ``NotAllowed``."""
    return _act_on(hub, wanted, Step.REOPENED, by, reason)


def _act_on(hub: Hub, wanted: str, step: Step, by: str, reason: str = "") -> ReferralView:
    with writing(hub.main) as transaction:
        row = find(transaction, wanted)
        book = load_book(transaction, {row.person_id}, [row.id])
        before, loop = snapshot(book), book.loops[row.id]
        if loop.referral.state not in ACTS[step]:
            raise NotAllowed(f"referral {loop.referral.number or row.id} is {loop.referral.state}: it cannot be {step}")
        done = book.act(loop, act(hub, loop, step, by, note=reason))
        finish(transaction, hub, book, before, done)
    hub.streams.flush()
    return show(hub, row.id)
