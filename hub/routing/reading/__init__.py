"""From a FHIR bundle to what it states: the only room of routing that looks at FHIR."""
