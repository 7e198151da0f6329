import asyncio
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hub.errors import NotAllowed, PermanentError
from hub.model import Format
from hub.services import stages
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.services.operations import browse
from hub.services.operations.explain import explain
from hub.services.operations.incoming_files import results_csv
from hub.services.operations.ledger import ledger
from hub.services.operations.replay import replay
from hub.services.practice import panels
from hub.services.practice.panels import PanelReport
from hub.settings import Feed, PluginUse, TableUse
from hub.store import panels as stored
from hub.transport.archives import Source
from hub.transport.file_intake import Way, take_in
from tests.unit.services.hospital import MERCY, NPI, accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")

HEAD = "action,practice_id,mrn,mrn_authority,last,first,dob,sex,phone,pcp_npi,start_date\n"
HAROLD = f"A,panel-busy,B-1021,urn:busy,Andrews,Harold,1955-09-14,M,845-555-0142,{NPI},2021-05-01\n"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def load(hub: Hub, *rows: str, head: str = HEAD) -> PanelReport:
    return panels.load(hub, (head + "".join(rows)).encode(), "panel.csv")


def test_a_row_of_nobody_known_makes_the_person(hub: Hub) -> None:
    """A later message under another system's number finds the person by what the panel says."""
    assert load(hub, HAROLD).counts == {"new": 1}
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert browse.show(hub, "M1").row.person_id == browse.person(hub, "B-1021").id


def test_a_row_of_somebody_known_is_matched(hub: Hub) -> None:
    """A patient whom a message has brought is found, and the practice's number is learned."""
    accept(hub, adt("M1"))
    stages.drain(hub)
    (row,) = load(hub, HAROLD).rows
    assert (row.outcome, row.line, row.practice_id) == ("matched", 2, "panel-busy")
    assert browse.person(hub, "B-1021").patient["identifiers"] == ["urn:busy|B-1021", f"{MERCY}|70045"]


def test_loading_again_changes_nothing(hub: Hub) -> None:
    """The same file a second time matches what it made and adds no row."""
    load(hub, HAROLD)
    assert load(hub, HAROLD).counts == {"matched": 1}
    assert len(browse.person(hub, "B-1021").panels) == 1


def test_a_row_may_be_taken_off(hub: Hub) -> None:
    """Action D takes the patient off the panel; the person stays known."""
    load(hub, HAROLD)
    assert load(hub, HAROLD.replace("A,", "D,", 1)).counts == {"removed": 1}
    assert browse.person(hub, "B-1021").panels == ()


def test_an_ambiguous_row_never_links(hub: Hub) -> None:
    """A row that fits two known persons is kept without a person, and says why."""
    accept(hub, adt("M1"), adt("M2", mrn="9", phone="8455559999", visit="V2").replace(b"14 Mill", b"9 Oak"))
    stages.drain(hub)
    both = HAROLD.replace("845-555-0142", "845-555-0142").replace("B-1021,urn:busy", ",")
    address = HEAD.replace("phone", "phone,addr1,zip")
    (row,) = load(hub, both.replace("0142,", "0142,9 Oak Street,12508,"), head=address).rows
    assert (row.outcome, row.person_id) == ("ambiguous", "")
    assert "several known persons fit" in row.reason


def test_a_number_of_somebody_else_is_ambiguous(hub: Hub) -> None:
    """A row whose number belongs to another name and birth date links nobody."""
    load(hub, HAROLD)
    (row,) = load(hub, HAROLD.replace("Andrews,Harold,1955-09-14", "Brooks,Ellen,1960-02-02")).rows
    assert row.outcome == "ambiguous"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("Andrews", ""), "last is empty"),
        (("1955-09-14", "09/14/1955"), "dob is not a date"),
        ((f",{NPI},", ",1234567890,"), "pcp_npi is not"),
        ((",M,", ",X,"), "sex must be one of M, F, O, U"),
        (("A,panel", "Z,panel"), "action must be one of A, U, D"),
        (("B-1021,urn:busy,Andrews,Harold,1955-09-14,M,845-555-0142", ",,Andrews,Harold,1955-09-14,M,"), "one of mrn"),
        (("2021-05-01", "2021-05-01,more"), "12 cells do not fit the header"),
    ],
)
def test_a_row_that_cannot_be_used_is_invalid(hub: Hub, change: tuple[str, str], reason: str) -> None:
    """A bad row says what is wrong with it, without patient data; the good ones are loaded."""
    report = load(hub, HAROLD.replace(*change), HAROLD)
    bad, good = report.rows
    assert (bad.outcome, good.outcome) == ("invalid", "new")
    assert bad.reason.startswith(reason)
    assert "Andrews" not in bad.reason


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"practice_id,last\n", "columns first, dob, sex, pcp_npi are missing"),
        (HEAD.replace("mrn,", "last,", 1).encode(), "a column is doubled"),
        (HEAD.encode() + b"\xff\n", "not UTF-8"),
        (HEAD.encode() + b'"open', "not a CSV file"),
        (b"", "missing"),
    ],
)
def test_a_file_that_is_no_panel_is_refused(hub: Hub, content: bytes, problem: str) -> None:
    """Nothing is loaded from a file that cannot be read as a panel."""
    with pytest.raises(PermanentError, match=problem):
        panels.load(hub, content, "panel.csv")


def test_a_column_that_is_not_used_is_said(hub: Hub) -> None:
    """What the hub does not understand of a file is a warning, not a silence."""
    report = load(hub, HAROLD.replace("\n", ",x\n"), head=HEAD.replace("\n", ",shoe_size\n"))
    assert report.warnings == ("column 'shoe_size' is not used",)
    assert report.counts == {"new": 1}


PANEL = Feed(
    name="roster",
    adapter=PluginUse(kind="folder", path="roster"),
    format=Format.CSV,
    type="panel",
    date_format="%m/%d/%Y",
    columns={
        "mrn": "Chart",
        "last": {"column": "Patient", "split": ",", "part": 1},
        "dob": "Born",
        "sex": "Sex",
        "first": {"column": "Patient", "split": ",", "part": 2},
        "pcp_npi": "Doctor",
        "action": "What",
    },
    constants={"practice_id": "panel-busy", "mrn_authority": "urn:busy"},
    codes={"sex": {"male": "M"}, "action": {"left": "D"}},
)


def come(hub: Hub, rows: str) -> None:
    """A roster comes by its feed, and is worked on."""

    async def take() -> None:
        with closing(Receiver(hub)) as receiver:
            data = ("Chart;Patient;Born;Sex;Doctor;What\n" + rows).replace(";", "|").encode()
            feed = PANEL.model_copy(update={"table": TableUse(delimiter="|")})
            assert await take_in(Source("roster.csv", lambda: io.BytesIO(data)), Way(feed, "test", receiver))

    asyncio.run(take())
    stages.drain(hub)


@pytest.fixture
def rostered(hub: Hub) -> Hub:
    """The hub with a feed of rosters."""
    feed = PANEL.model_copy(update={"table": TableUse(delimiter="|")})
    return replace(hub, site=hub.site.model_copy(update={"feeds": (feed,)}))


def test_a_panel_comes_by_a_feed(rostered: Hub) -> None:
    """Rows of a feed with columns, dates and words of its own are the practice's panel, each with its outcome."""
    good = f"B-1021;Andrews, Harold;09/14/1955;male;{NPI};\n"
    come(rostered, good + f"B-2;Baker, Rosa;14.3.1961;female;{NPI};\n" + "B-3;Cole, Ann;01/02/1960;F;123;\n")
    assert len(browse.person(rostered, "B-1021").panels) == 1
    file, *lines = list(results_csv(rostered, "roster"))
    assert file == "file,line,outcome,reason\r\n"
    assert lines[0] == "roster.csv,2,new,\r\n"
    assert lines[1].startswith("roster.csv,3,invalid,row 3: dob: not a date of the form %m/%d/%Y")
    assert lines[2] == "roster.csv,4,invalid,row 4: pcp_npi is not a National Provider Identifier\r\n"
    (row,) = ledger(rostered)
    assert (row.converted, row.held, row.balanced) == (1, 2, True)
    come(rostered, good.replace(";\n", ";left\n"))
    assert browse.person(rostered, "B-1021").panels == ()


def test_a_panel_row_can_be_explained(rostered: Hub) -> None:
    """A row of a panel has its place among the messages, and a replay leaves it alone."""
    come(rostered, f"B-1021;Andrews, Harold;09/14/1955;male;{NPI};\n")
    view = browse.show(rostered, "roster.csv#2")
    assert (view.row.status, view.row.code, view.bundle) == ("converted", "new", None)
    assert explain(rostered, "roster.csv#2")
    assert replay(rostered, ["all"]).skipped == 1


def people(count: int) -> list[str]:
    """Rows of so many patients."""
    names = ("Abel", "Berg", "Cole", "Dahl", "Egan", "Finn", "Gale", "Hale", "Iden", "Judd")
    born = [f"19{40 + n}-0{1 + n % 9}-1{n % 9}" for n in range(count)]
    return [
        f"A,panel-busy,B-{n},urn:busy,{name},Ann{name},{day},F,845-555-02{n:02},{NPI},\n"
        for n, (name, day) in enumerate(zip(names, born, strict=False))
    ]


def full(hub: Hub, rows: list[str], *, sure: bool = False) -> PanelReport:
    return panels.load(hub, (HEAD + "".join(rows)).encode(), "panel.csv", full=True, sure=sure)


def on_panel(hub: Hub) -> int:
    with hub.main.connect() as connection:
        return sum(map(len, stored.of_practices(connection, ["panel-busy"]).values()))


def test_who_is_not_in_a_full_file_leaves(hub: Hub) -> None:
    """Two of ten are gone, and the report says so; a file of changes takes nobody off."""
    load(hub, *people(10))
    load(hub, *people(3))
    assert on_panel(hub) == 10
    assert full(hub, people(8)).warnings == ("2 patients left the panel of panel-busy",)
    assert on_panel(hub) == 8


def test_half_a_file_changes_nothing(hub: Hub) -> None:
    """A full file that drops more than a fifth is refused as a whole, unless somebody is sure."""
    load(hub, *people(10))
    with pytest.raises(NotAllowed, match="3 of 10 patients would leave the panel of panel-busy"):
        full(hub, people(7))
    assert on_panel(hub) == 10
    full(hub, people(7), sure=True)
    assert on_panel(hub) == 7


def test_a_practice_gets_back_what_became_of_each_row(hub: Hub) -> None:
    """One line for each row: its number, the outcome and why, and no name."""
    report = load(hub, HAROLD, HAROLD.replace(NPI, "1234567890"))
    assert panels.result_csv(report).splitlines() == [
        "line,practice_id,outcome,reason",
        "2,panel-busy,new,",
        "3,panel-busy,invalid,pcp_npi is not a National Provider Identifier",
    ]
