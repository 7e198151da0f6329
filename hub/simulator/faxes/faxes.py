"""Seeded faxes: documents about one person by one sender, drawn, spoiled and packed."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from hub.simulator.faxes.content import WITH_PATIENT, Content, Sender, cover, document
from hub.simulator.faxes.drawing import Style, draw
from hub.simulator.faxes.line import NOISE, scanned_pdf, spoil, tiff
from hub.simulator.faxes.truth import DocumentTruth, PageTruth, SyntheticFax
from hub.simulator.people import Person, people

FIRST_DAY = date(2026, 1, 5)
DOWN = {"fine": 196, "standard": 98}


def faxes(
    seed: int, count: int, resolution: str = "fine", noise: str = "light", persons: int = 200
) -> Iterator[SyntheticFax]:
    """The first ``count`` faxes of this seed about ``persons`` people of the same seed. ``resolution`` is ``fine``
    (204 × 196 dpi) or ``standard`` (204 × 98), ``noise`` one of ``clean``, ``light``, ``medium``, ``poor``."""
    known = list(people(seed, persons))
    for number in range(1, count + 1):
        rng = Random(f"{seed}/fax/{number}")
        yield _fax(number, rng, rng.choice(known), resolution, noise)


def _fax(number: int, rng: Random, person: Person, resolution: str, noise: str) -> SyntheticFax:
    sender, style = Sender.of(rng), Style.of(rng)
    day = FIRST_DAY + timedelta(days=rng.randrange(120))
    contents = [document(kind, person, sender, day) for kind in _kinds(number, rng)]
    if rng.random() < 0.3:
        contents.insert(0, cover(sender, day, len(contents) + 1, person))
    pdf, drawn, firsts = draw(contents, [style] * len(contents))
    turned = [180 if rng.random() < 0.05 else 0 for _ in drawn]
    header = (
        f"{day:%m/%d/%Y} 09:{rng.randrange(60):02} FROM: {sender.name.upper()} {sender.phone}"
        if rng.random() < 0.5
        else ""
    )
    pages = spoil(pdf, DOWN[resolution], NOISE[noise], turned=turned, rng=rng, header=header)
    packed = rng.random() < 0.1
    body = (
        scanned_pdf(pages, DOWN[resolution])
        if packed
        else tiff(pages, DOWN[resolution], rng.choice(("group3", "group4")))
    )
    return SyntheticFax(
        name=f"fax-{number:04}.{'pdf' if packed else 'tif'}",
        media_type="application/pdf" if packed else "image/tiff",
        body=body,
        kind=f"{resolution}/{noise}",
        documents=_truth(contents, firsts, len(drawn)),
        pages=tuple(PageTruth(tuple(page), turn) for page, turn in zip(drawn, turned, strict=True)),
        person=person.number,
    )


def _kinds(number: int, rng: Random) -> list[str]:
    """Every kind comes in turn, alone or with others behind it."""
    first = WITH_PATIENT[number % len(WITH_PATIENT)]
    return [first, *rng.sample(WITH_PATIENT, rng.choice((0, 0, 0, 1, 2)))]


def _truth(contents: list[Content], firsts: list[int], pages: int) -> tuple[DocumentTruth, ...]:
    ends = [*firsts[1:], pages + 1]
    return tuple(
        DocumentTruth(content.type, first, end - first, content.fields)
        for content, first, end in zip(contents, firsts, ends, strict=True)
    )
