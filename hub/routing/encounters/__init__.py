"""Visits: their state, the milestones in it, and what of these is news."""
