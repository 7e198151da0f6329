"""Whose record it is, between the pure rules and the database."""
