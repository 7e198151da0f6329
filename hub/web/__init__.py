"""The console: feeds, messages, notices and referrals for integration staff and practices."""

from hub.web.console import app

__all__ = ["app"]
