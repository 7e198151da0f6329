"""From bytes to typed structure, pure: HL7 v2, delimited text, documents."""
