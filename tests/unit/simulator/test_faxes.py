from hub.formats.fax import read_documents
from hub.ports import Box, Line, Page
from hub.simulator.faxes import PageTruth, faxes


def as_read(number: int, truth: PageTruth) -> Page:
    """What perfect recognition would see of a page."""
    return Page(number, tuple(Line(d.text, Box(d.left, d.top, d.right, d.bottom)) for d in truth.drawn))


def test_the_same_seed_gives_the_same_faxes() -> None:
    """Seeded faxes are equal to the byte, more of them do not change the first ones, and other seeds give others."""
    first, again, other = ([fax.body for fax in faxes(seed, count)] for seed, count in ((4, 2), (4, 3), (5, 2)))
    assert first == again[:2]
    assert set(first).isdisjoint(other)


def test_what_is_drawn_can_be_read() -> None:
    """From pages that were read perfectly, documents, types and the patients' names and birth dates come out."""
    wrong = []
    for fax in faxes(6, 24, noise="clean"):
        read = read_documents([as_read(number, page) for number, page in enumerate(fax.pages, 1)])
        assert [document.pages[0].number for document in read] == [truth.first_page for truth in fax.documents]
        for document, truth in zip(read, fax.documents, strict=True):
            assert document.type.key == truth.type
            said = {name: document.value(name) for name in truth.fields if name in {"dob", "sex", "mrn"}}
            wrong += [name for name, value in said.items() if value != truth.fields[name]]
    assert not wrong
