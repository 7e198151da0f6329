"""FHIR R4 (4.0.1) as plain dicts: element builders, code tables, canonical URIs and deterministic ids."""
