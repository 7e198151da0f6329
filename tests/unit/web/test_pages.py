import re
import shutil
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.model import MessageStatus, Stage
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.ledger import ledger
from hub.services.practice import referrals
from tests.unit.web.conftest import HELD, SCRIPT, console, opened, part, take

VOID = {"meta", "link", "img", "input", "br"}


class Outline(HTMLParser):
    """What a page is made of: ids, links, headings; and whether each element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.headings = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids += [known["id"] or ""] if "id" in known else []
        self.links += [known["href"] or ""] if tag == "a" else []
        self.headings += tag == "h1"
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


def outline(html: str) -> Outline:
    found = Outline(html)
    assert not found.open
    return found


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/", "Waiting for each stage"),
        ("/messages", "MERCY-A03-1"),
        ("/notices", "Discharged home from MERCY"),
        ("/notices?urgency=urgent", "Critical result: Potassium"),
        ("/practices/panel-busy", "Not acknowledged yet"),
        ("/referrals", "REF-2207"),
        ("/referrals?scope=all&practice=love-cardiology", "REF-2207"),
        ("/referrals/REF-2207", "A note that probably answers it"),
        ("/tasks", "Transitional care"),
        ("/feeds", "None: all is as usual."),
        ("/feeds/mercy", "Nothing has come yet."),
        ("/messages/MERCY-A03-1", "What happened, and why"),
    ],
)
def test_pages_are_well_formed_and_lead_on(view: httpx.Client, path: str, says: str) -> None:
    """Each page answers, closes what it opens, has one heading and no id twice, and all its links lead somewhere."""
    answer = view.get(path)
    assert answer.status_code == 200
    assert says in answer.text
    page = outline(answer.text.removeprefix("<!doctype html>"))
    assert page.headings == 1
    assert len(page.ids) == len(set(page.ids))
    own = {link for link in page.links if link.startswith("/")}
    assert [link for link in own if view.get(link).status_code != 200] == []
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []


def test_an_empty_hub_has_pages_too(empty: Hub) -> None:
    """Before anything has come, each list says so in words."""
    with console(empty) as client:
        for path, says in {
            "/": "None: every message found its way.",
            "/messages": "No message has come yet.",
            "/notices": "Nobody had to be told of anything yet.",
            "/referrals": "No referral waits for anyone.",
            "/tasks": "Nothing is to be done.",
            "/practices/panel-busy": "Everything has been seen.",
        }.items():
            answer = client.get(path)
            assert answer.status_code == 200
            assert says in answer.text


def test_the_overview_has_the_ledger(view: httpx.Client) -> None:
    """Each feed stands with its counts, which lead to the messages; what is held is listed with its reason."""
    page = view.get("/").text
    assert re.search(r'href="/messages\?status=held&amp;feed=mercy">1</a>', page)
    assert "balanced" in page
    assert "unbalanced" not in page
    assert "ADT^A40 HELD-1" in page
    assert "a merge without MRG" in page


def test_the_overview_moves_only_when_something_did(fresh: Hub) -> None:
    """The moving part is sent again only when it is not what the page shows."""
    with console(fresh) as client:
        seen = re.findall(r"/live\?seen=(\w+)", client.get("/").text)[0]
        assert part(client, "GET", f"/live?seen={seen}").status_code == 204
        take(fresh, HELD)
        moved = part(client, "GET", f"/live?seen={seen}")
        assert moved.status_code == 200
        assert '<li class="busy"><b>1</b> convert</li>' in moved.text


def test_search_finds_by_name_in_the_body(view: httpx.Client) -> None:
    """A search is a POST; it answers the page without a script, and the part that changes to one."""
    page = view.post("/messages", data={"text": "andrews", "status": "converted"})
    assert page.status_code == 200
    assert "<h1>Messages</h1>" in page.text
    assert 'value="andrews"' in page.text
    rows = part(view, "POST", "/messages", text="  HELD-1 ")
    assert "<h1>" not in rows.text
    assert "1 message" in rows.text
    assert "HELD-1" in rows.text
    assert "No message is like that." in part(view, "POST", "/messages", text="nobody").text


def test_search_shows_more_when_there_is_more(view: httpx.Client) -> None:
    """A list that is full offers twice as much; one that ends does not."""
    assert 'value="4">Show more' in part(view, "POST", "/messages", limit="2").text
    assert "Show more" not in part(view, "POST", "/messages", limit="500").text


def test_a_message_tells_why(view: httpx.Client) -> None:
    """The page of a discharge has each step: the rule with what it saw, who was told and why, and what was sent."""
    page = view.get("/messages/MERCY-A03-1").text
    for said in (
        "to a FHIR bundle of",
        "in-progress → finished",
        "<b>discharge</b>",
        "kind = <b>discharge</b>",
        "on the panel of Busy Family Medicine since 2021-05-01",
        "4 other rules did not match",
    ):
        assert said in page
    assert '<time datetime="2026-03-09T14:20:00-04:00" title="2026-03-09T14:20:00-04:00">2026-03-09 18:20' in page


def test_a_message_shows_hl7_beside_fhir(view: httpx.Client) -> None:
    """Fields have their number and name, those that the conversion remarked on are marked; references are links."""
    page = view.get("/messages/MERCY-A03-1").text
    assert re.search(r'title="PID-5 Patient Name"><i>5</i>Andrews\^Harold', page)
    assert re.search(r'<b>&#34;reference&#34;</b>: <a href="#resource-[0-9a-f-]{36}">', page)
    remarked = view.get("/messages/HOSTILE-1").text
    assert re.search(r'class="field noted" title="PID-8 [^:]*: [^"]*the code is not in HL7 table 0001', remarked)


def test_a_message_that_waits_has_a_page(empty: Hub) -> None:
    """A message that no stage has read is shown as it came; it cannot be replayed yet."""
    (message_id,) = take(empty, HELD)
    with console(empty) as client:
        page = client.get(f"/messages/{message_id}").text
        assert "accepted and durable; not converted yet" in page
        assert "No bundle was made of it." in page
        assert "<button disabled>Replay" in page
        assert client.post(f"/messages/{message_id}/replay").status_code == 404


def test_a_message_is_explained_while_it_waits_for_routing(empty: Hub) -> None:
    """Between two stages the page tells what has happened so far."""
    take(empty, HELD.replace(b"A40^ADT_A39", b"A04^ADT_A01") + b"PV1|1|E|ED^1^A^MERCY\r")
    stages.run_batch(empty, Stage.CONVERT)
    with console(empty) as client:
        assert "not routed yet" in client.get("/messages/HELD-1").text


def test_a_replay_is_shown_and_changes_nothing(fresh: Hub) -> None:
    """A dry run says that nothing would change, or what would; the message stays as it is."""
    with console(fresh) as client:
        page = client.post("/messages/MERCY-A03-1/replay")
        assert page.status_code == 200
        assert "it comes out as it was" in page.text
        assert "Busy Family Medicine" in page.text
        shown = part(client, "POST", "/messages/MERCY-A03-1/replay").text
        assert "<h1>" not in shown
        assert "it comes out as it was" in shown


def test_a_notice_gives_its_reasons(view: httpx.Client, told: Hub) -> None:
    """The page of a notice says why it was told, and how far each delivery came."""
    row = browse.notifications(told, urgency="urgent")[0]
    page = view.get(f"/notices/{row.id}").text
    assert all(reason in page for reason in (row.text, *row.reasons))
    assert all(delivery.receipt in page for delivery in row.deliveries)


def test_notices_are_filtered(view: httpx.Client) -> None:
    """One practice and one urgency narrow the list; a filter that fits nothing says so."""
    page = view.get("/notices?practice=panel-busy&urgency=high").text
    assert 'class="tag warn">high' in page
    assert 'class="tag bad">urgent' not in page
    assert "No notice is like that." in view.get("/notices?practice=love-cardiology&urgency=urgent").text


def test_a_practice_without_an_inbox_has_nothing_to_acknowledge(view: httpx.Client) -> None:
    """A practice that is told into a folder sees its notices without a button."""
    page = view.get("/practices/love-cardiology").text
    assert '<article class="notice' in page
    assert "/acknowledge" not in page


def test_a_person_is_known_by_each_source(view: httpx.Client, told: Hub) -> None:
    """The page of a person has identifiers with evidence, visits, results, referrals, notices and messages."""
    (message,) = browse.search(told, text="MERCY-A03-1")
    page = outline(view.get(f"/persons/{message.person_id}").text.removeprefix("<!doctype html>"))
    text = view.get(f"/persons/{message.person_id}").text
    for said in ("70045", "B-1021", "address: same", "V778899", "5.1 mmol/L", "REF-2207", "QL-ORU-2"):
        assert said in text
    assert [link for link in page.links if view.get(link).status_code != 200] == []


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/feeds/nothing",
        "/messages/nothing",
        "/notices/nothing0",
        "/referrals/nothing0",
        "/persons/x",
        "/practices/x",
    ],
)
def test_what_is_not_there_is_said_in_one_line(view: httpx.Client, path: str) -> None:
    """An unknown page or id answers 404 with one clear line, to a script with that line alone."""
    answer = view.get(path)
    assert answer.status_code == 404
    assert '<h1>Not found</h1>\n<p class="lead">' in answer.text
    assert part(view, "GET", path).text.startswith('<div id="problem" class="problem" role="alert">')


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/messages?status=lost", 400), ("GET", "/notices?limit=x", 400), ("POST", "/tasks", 405)],
)
def test_what_makes_no_sense_is_refused(view: httpx.Client, method: str, path: str, status: int) -> None:
    """A wrong parameter or method is an error page, not a crash."""
    assert view.request(method, path).status_code == status


def test_names_are_text_and_never_markup(view: httpx.Client, told: Hub) -> None:
    """A patient who is called like a script stays a text on every page that shows them."""
    (message,) = browse.search(told, text="HOSTILE-1")
    paths = ["/", "/messages", f"/messages/{message.id}", f"/persons/{message.person_id}", "/notices"]
    pages = [view.get(path).text for path in (*paths, "/practices/panel-busy")]
    assert [page for page in pages if SCRIPT in page] == []
    assert all("&lt;script&gt;" in page for page in pages[1:4])


def test_live_and_ready(view: httpx.Client) -> None:
    """The probes answer in JSON: the process lives, but without the roles beside it the hub is not ready."""
    assert view.get("/health/live").json() == {"status": "ok"}
    answer = view.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "ready": False,
        "reasons": [f"{role} does not run" for role in ("receive", "convert", "route", "deliver")],
        "backlog": {"convert": 0, "route": 0, "deliver": 0},
    }


def test_figures_for_monitoring(view: httpx.Client, told: Hub) -> None:
    """``/metrics`` can be read as Prometheus reads it; its figures are those of the ledger, and name nobody."""
    answer = view.get("/metrics")
    figures = {
        frozenset((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    for row in ledger(told):
        assert figures[frozenset(("hub_messages_accepted_total", row.feed))] == row.accepted > 0
        assert figures[frozenset(("hub_messages_ended_total", row.feed, "converted"))] == row.converted
        assert figures[frozenset(("hub_ledger_balanced", row.feed))] == 1
        assert figures[frozenset(("hub_feed_last_seen_timestamp_seconds", row.feed))] > 0
    assert figures[frozenset(("hub_backlog_records", "route"))] == 0
    assert figures[frozenset(("hub_deliveries", "inbox", "delivered"))] > 0
    assert "Andrews" not in answer.text


def test_every_metric_is_documented(view: httpx.Client) -> None:
    """The page for those who watch has a row for each metric, and none more."""
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "watch-the-hub.md").read_text(encoding="utf-8")
    documented = {name.removesuffix("_total") for name in re.findall(r"^\| `(hub_\w+)` \|", page, re.MULTILINE)}
    assert documented == {family.name for family in text_string_to_metric_families(view.get("/metrics").text)}


def test_a_hub_whose_database_is_gone_is_not_ready(tmp_path: Path) -> None:
    """Without its database the console is alive but not ready, and its pages say so in one line."""
    with closing(opened(tmp_path)) as hub:
        shutil.rmtree(tmp_path / "var")
        hub.close()
        with console(hub) as client:
            assert client.get("/health/live").status_code == 200
            assert client.get("/health/ready").status_code == 503
            assert client.get("/metrics").status_code == 503
            answer = client.get("/")
            assert answer.status_code == 503
            assert "The hub is busy." in answer.text


def test_statuses_and_states_have_a_word(view: httpx.Client, told: Hub) -> None:
    """A status is never shown by colour alone."""
    assert re.findall(r'<span class="tag [a-z]+"></span>', view.get("/messages").text) == []
    assert {MessageStatus.CONVERTED, MessageStatus.HELD} <= {m.status for m in browse.search(told)}
    assert referrals.worklist(told)
