"""Referrals for people: ``looking`` at them, the operators' ``acts``, ``placing`` what came, and the ``views``."""

from hub.services.practice.referrals.acts import close_without_note, reopen, review
from hub.services.practice.referrals.cover import cover
from hub.services.practice.referrals.looking import OWNERS, PAGE, counts, overdue, show, suggestions, tasks, worklist
from hub.services.practice.referrals.placing import confirm, link, reject, unlink
from hub.services.practice.referrals.views import ReferralRow, ReferralView, SuggestionRow, TaskRow, TimelineRow

__all__ = [
    "OWNERS",
    "PAGE",
    "ReferralRow",
    "ReferralView",
    "SuggestionRow",
    "TaskRow",
    "TimelineRow",
    "close_without_note",
    "confirm",
    "counts",
    "cover",
    "link",
    "overdue",
    "reject",
    "reopen",
    "review",
    "show",
    "suggestions",
    "tasks",
    "unlink",
    "worklist",
]
