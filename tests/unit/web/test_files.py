"""``/files``: the files that came, and their rows."""

import asyncio
import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from hub.cli.app import app as commands
from hub.demo.running import SITE
from hub.services import stages
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.settings import load_settings
from hub.transport.archives import Source
from hub.transport.file_intake import Way, take_in
from hub.web import app
from hub.wiring import open_hub
from tests.http_clients import http_client
from tests.web_server import serving

HEAD = (
    b"Referral,Status,Chart,Last name,First name,Born,Sex,Phone,From NPI,From,To NPI,To,Group,Priority,Question,Sent\n"
)
ROWS = (
    b"REF-9,sent,B-1,Alder,June,03/14/1961,F,,,,,,,,=HYPERLINK(1),03/02/2026\n"
    b"REF-8\n"
    b"REF-7,sent,B-2,Birch,Rosa,14.3.61,F,,,,,,,,=HYPERLINK(1),03/02/2026\n"
)
GOOD_ROW = b"REF-6,sent,B-3,Cedar,Ann,03/15/1961,F,,,,,,,,Syncope,03/02/2026\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that has taken in a worklist with two rows that are of no use, and one without."""
    with closing(open_hub(load_settings(config=SITE, data=tmp_path_factory.mktemp("files") / "var"))) as hub:

        async def run() -> None:
            with closing(Receiver(hub)) as receiver:
                way = Way(hub.site.feed("referrals-csv"), "test", receiver)
                for name, content in (("<b>list</b>.csv", ROWS), ("<b>list</b>.csv", ROWS), ("good.csv", GOOD_ROW)):
                    await take_in(Source(name, lambda content=content: io.BytesIO(HEAD + content)), way)

        asyncio.run(run())
        stages.drain(hub)
        yield hub


@pytest.fixture(scope="module")
def console(hub: Hub) -> Iterator[httpx.Client]:
    with serving(app(hub)) as address, http_client(address) as client:
        yield client


def test_the_files_that_came(console: httpx.Client) -> None:
    """The page lists each file with what became of it; its name is text, whatever it looks like."""
    page = console.get("/files").text
    assert "&lt;b&gt;list&lt;/b&gt;.csv" in page
    assert ">taken<" in page
    assert ">repeated<" in page
    assert "No file has come." in console.get("/files?feed=mercy").text


def test_the_rows_that_are_held(hub: Hub, console: httpx.Client) -> None:
    """The rows of a feed or a file that could not be used come as CSV with their reasons, and without formulas;
    a file without such rows offers none."""
    of_feed = console.get("/feeds/referrals-csv/rows.csv")
    assert of_feed.headers["content-disposition"] == 'attachment; filename="referrals-csv.rows.csv"'
    head, first, second = of_feed.text.splitlines()
    assert head.startswith("file,line,reason,Referral,Status,")
    assert first.startswith('<b>list</b>.csv,3,"1 cells, the head has 16",REF-8')
    assert second.startswith("<b>list</b>.csv,4,row 4: dob: not a date of the form %m/%d/%Y")
    assert ",'=HYPERLINK(1)," in second
    (file_id,) = re.findall(r'href="/files/([^/"]+)/rows.csv"', console.get("/files").text)
    assert console.get(f"/files/{file_id}/rows.csv").text == of_feed.text


@pytest.mark.parametrize("path", ["/feeds/nobody/rows.csv", "/files/nothing/rows.csv"])
def test_what_is_not_there(console: httpx.Client, path: str) -> None:
    """A feed or a file that is not known is not found."""
    assert console.get(path).status_code == 404


def test_the_same_on_the_command_line(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """``hub files`` and ``hub feed rows`` say the same."""
    monkeypatch.setenv("HUB_CONFIG", str(SITE))
    monkeypatch.setenv("HUB_DATA", str(Path(hub.settings.data)))
    listed = CliRunner().invoke(commands, ["files", "--feed", "referrals-csv"]).stdout
    assert "taken" in listed
    assert "the same bytes as <b>list</b>.csv of" in listed
    rows = CliRunner().invoke(commands, ["feed", "rows", "referrals-csv", "--file", "<b>list</b>.csv"]).stdout
    assert len(rows.splitlines()) == 3
