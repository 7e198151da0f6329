"""HL7 v2 segments to FHIR resources, one file each, named ``source_target``.

Every function takes a segment and the ``Context``, puts what it makes into the bundle, and returns it.
"""
