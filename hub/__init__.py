"""Carering: an integration hub for health care's legacy messages."""

__version__ = "0.1.0"
