"""The console: feeds, messages, notices and referrals for integration staff and practices."""
