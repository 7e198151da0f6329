"""The FHIR end for practices: subscriptions, and what notices refer to. Each practice sees its own."""

from hub.web.fhir.app import practice_app

__all__ = ["practice_app"]
