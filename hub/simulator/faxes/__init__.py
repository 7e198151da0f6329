"""Synthetic faxes with their truth: seeded people, senders, layouts, labels and noise; everything is invented.

A fax is made of documents; a document of labelled fields and sections, which a style draws onto pages (PDF); a line of
the telephone network then spoils the pages as a fax machine would. Needs the extra ``fax``.
"""

from hub.simulator.faxes.faxes import faxes
from hub.simulator.faxes.truth import DocumentTruth, PageTruth, SyntheticFax

__all__ = ["DocumentTruth", "PageTruth", "SyntheticFax", "faxes"]
