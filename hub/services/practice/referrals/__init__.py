"""Referrals for people: ``looking`` at them, the operators' ``acts``, and the ``views`` that both give."""

from hub.services.practice.referrals.acts import close_without_note, confirm, reject, reopen, review
from hub.services.practice.referrals.looking import show, suggestions, tasks, worklist
from hub.services.practice.referrals.views import ReferralRow, ReferralView, SuggestionRow, TaskRow, TimelineRow

__all__ = [
    "ReferralRow",
    "ReferralView",
    "SuggestionRow",
    "TaskRow",
    "TimelineRow",
    "close_without_note",
    "confirm",
    "reject",
    "reopen",
    "review",
    "show",
    "suggestions",
    "tasks",
    "worklist",
]
