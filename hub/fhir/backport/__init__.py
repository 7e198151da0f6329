"""Subscriptions R5 Backport for R4 (hl7.fhir.uv.subscriptions-backport 1.1): topics, what a client may ask for, and
the bundles that it gets."""

PROFILES = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
