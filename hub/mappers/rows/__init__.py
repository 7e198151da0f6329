"""Rows of CSV feeds → bundles: those that are the same as a message of HL7 v2 by the mappers of that message."""
