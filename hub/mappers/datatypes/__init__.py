"""HL7 v2 data types to FHIR elements, one file each, named ``source_target``.

Every function takes a repetition (or the text of a component) and the ``Context``; it returns the element without
empty members, ``{}`` or ``""`` when the source says nothing.
"""
