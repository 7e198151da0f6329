"""Raw messages become FHIR bundles of a known person: the stage, and the same without a running hub."""
