"""What is known to be true of a synthetic fax."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of text that was drawn, and where: shares of the page (0 to 1, from the top left)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageTruth:
    drawn: tuple[Drawn, ...]
    turned: int = 0
    """Degrees by which the page went wrongly into the machine: 0, 90, 180 or 270."""


@dataclass(frozen=True, slots=True)
class DocumentTruth:
    """One document: its ``type``, the first of its pages (from 1) and how many it has, and its fields by name."""

    type: str
    first_page: int
    pages: int
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SyntheticFax:
    """A fax as it arrives (``body`` of ``media_type``) and what it says; ``kind`` names resolution and noise."""

    name: str
    media_type: str
    body: bytes
    kind: str
    documents: tuple[DocumentTruth, ...]
    pages: tuple[PageTruth, ...]
    person: int
    """The number of the person in ``hub.simulator.people``."""
