"""Whether two clinicians or groups, as messages name them, are the same."""

import re

from hub.routing.statements import Party

_TITLES = frozenset({"dr", "md", "do", "np", "pa"})


def same_party(author: Party, asked: Party) -> str:
    """In which way the author is whom the referral was sent to; empty when not."""
    if author.npi and author.npi == asked.npi:
        return "the author's NPI is the one it was sent to"
    if author.organization and plain_name(author.organization) == plain_name(asked.organization):
        return "the author's group is where it was sent to"
    unnumbered = not (author.npi and asked.npi)
    if unnumbered and author.name and plain_name(author.name) == plain_name(asked.name):
        return "the author has the name of whom it was sent to"
    return ""


def plain_name(name: str) -> str:
    """A name without titles, punctuation and order: ``Love, Anna MD`` and ``Dr. Anna Love`` are the same."""
    words = re.sub(r"[^\w\s]", " ", name.lower()).split()
    return " ".join(sorted(w for w in words if w not in _TITLES))
