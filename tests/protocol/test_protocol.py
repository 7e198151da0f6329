"""The receiver's contract with interface engines, over real sockets: a case for each rule."""

from collections.abc import Iterator

import pytest

from hub.transport.mllp import frame
from tests.intake import adt
from tests.protocol.cases import GOOD, Case, cases
from tests.protocol.kit import Log, Site, exchange, running

CASES = cases()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub that is up for all cases: none of them may hurt the next one."""
    with running(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def log(site: Site) -> Iterator[Log]:
    """What it stores."""
    with Log(site) as log:
        yield log


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_an_engine_can_send(case: Case, site: Site, log: Log) -> None:
    """Each case is answered as the standard wants it, exactly what was taken is stored, and afterwards a good message
    on the same connection, where that is still open, and on a new one is acknowledged."""
    behind, said = ((frame(adt(GOOD)),), (f"AA {GOOD}",)) if case.open else ((), ())
    heard = exchange(
        site.port,
        *case.wire,
        *behind,
        frames=len(case.said + said + case.later),
        to_the_end=not case.open,
        half_close=case.half_close,
    )
    at_once = heard.codes
    for word in case.later:
        at_once.remove(word)
    assert at_once == [*case.said, *said]
    assert heard.closed != case.open
    assert log.new() == [*case.stored, *([GOOD] if case.open else [])]
    assert exchange(site.port, frame(adt("AFTER")), frames=1).codes == ["AA AFTER"]
    assert log.new() == ["AFTER"]


def test_there_is_a_case_for_each_rule() -> None:
    """Each case has a name of its own, by which a failure is known, and there are no fewer than there were."""
    assert len({case.name for case in CASES}) == len(CASES) >= 240
