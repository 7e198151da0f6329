"""Pages of text → the documents of a fax, each with its type and its fields. Pure.

A field carries where it stands, how it was found and how sure that is. Nothing is guessed: what is not labelled or
does not parse stays empty, and the caller decides whether a person must look.
"""

from hub.formats.fax.document import FaxDocument, Found, Person, read_documents

__all__ = ["FaxDocument", "Found", "Person", "read_documents"]
