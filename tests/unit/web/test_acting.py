import re

import httpx
import pytest

from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.practice import referrals
from tests.unit.web.conftest import console, part


def suggestion(hub: Hub) -> str:
    (found,) = referrals.suggestions(hub)
    return found.id


def test_a_notice_is_acknowledged(fresh: Hub) -> None:
    """Acknowledging leads back to the notice, which then has no button; a script gets the notice alone."""
    first, second = (n.id for n in browse.notifications(fresh, practice="panel-busy", limit=2))
    with console(fresh) as client:
        answer = client.post(f"/notices/{first}/acknowledge")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/notices/{first}")
        assert "/acknowledge" not in client.get(f"/notices/{first}").text
        shown = part(client, "POST", f"/notices/{second}/acknowledge").text
        assert shown.startswith('<article class="notice')
        assert 'class="tag good">acknowledged' in shown
    assert {browse.notice(fresh, i).state for i in (first, second)} == {"acknowledged"}


def test_the_inbox_sorts_what_is_acknowledged(fresh: Hub) -> None:
    """In a practice's inbox an acknowledged notice moves from the first list to the last."""
    (newest,) = browse.notifications(fresh, practice="panel-busy", limit=1)
    with console(fresh) as client:
        before = client.get("/practices/panel-busy").text
        client.post(f"/notices/{newest.id}/acknowledge")
        after = client.get("/practices/panel-busy").text
    assert before.index(newest.id) < before.index("Open referrals")
    assert after.index(newest.id) > after.index("Open referrals")


def test_a_suggestion_is_confirmed_and_the_loop_closed(fresh: Hub) -> None:
    """Confirm, review, reopen: each act shows the referral's new state and what can be done next."""
    with console(fresh) as client:
        client.post("/acting", data={"name": "Cora O’Dwyer"})
        answer = client.post(f"/suggestions/{suggestion(fresh)}/confirm")
        assert answer.status_code == 303
        page = client.get(answer.headers["location"]).text
        assert "note-received" in page
        assert "A note that probably answers it" not in page
        assert "by Cora O’Dwyer" in page
        reviewed = part(client, "POST", "/referrals/REF-2207/review").text
        assert 'class="tag good">closed' in reviewed
        assert "/review" not in reviewed
        assert "note-received" in part(client, "POST", "/referrals/REF-2207/reopen").text
    stages.drain(fresh)
    assert referrals.show(fresh, "REF-2207").timeline[-1].by == "Cora O’Dwyer"


def test_a_suggestion_is_rejected(fresh: Hub) -> None:
    """A rejected suggestion is kept with who decided it and is not asked again."""
    with console(fresh) as client:
        page = part(client, "POST", f"/suggestions/{suggestion(fresh)}/reject").text
    assert "Suggestions that were decided" in page
    assert "rejected" in page
    assert referrals.suggestions(fresh) == []


def test_a_referral_is_closed_without_a_note_for_a_reason(fresh: Hub) -> None:
    """Closing asks for a reason and records it; without one, nothing happens."""
    with console(fresh) as client:
        refused = client.post("/referrals/REF-2207/close", data={"reason": "  "})
        assert refused.status_code == 409
        assert "only with a reason" in refused.text
        assert client.post("/referrals/REF-2207/close", data={"reason": "seen elsewhere"}).status_code == 303
        assert "seen elsewhere" in client.get("/referrals/REF-2207").text
    row = referrals.show(fresh, "REF-2207").row
    assert (row.state, row.status_reason) == ("closed-no-note", "seen elsewhere")


def test_what_is_not_possible_now_is_said(fresh: Hub) -> None:
    """An act that the state does not allow is refused with the reason, on the page that is open."""
    with console(fresh) as client:
        answer = part(client, "POST", "/referrals/REF-2207/review")
        assert answer.status_code == 409
        assert "is scheduled: it cannot be reviewed" in answer.text
        assert answer.text.startswith('<div id="problem"')


@pytest.mark.parametrize(
    ("back", "leads"),
    [("/referrals", "/referrals"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/")],
)
def test_a_name_is_remembered(view: httpx.Client, back: str, leads: str) -> None:
    """The name is kept in a cookie that scripts and other sites cannot use, and the way back stays on the console."""
    answer = view.post("/acting", data={"name": " Zoë;\r\n<b> ", "back": back})
    assert answer.headers["location"] == leads
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Acting as <strong>Zoë;&lt;b&gt;</strong>" in view.get("/tasks").text


def test_nobody_acts_as_the_console(view: httpx.Client) -> None:
    """Without a name the record says ``console``; an empty name is no name."""
    view.post("/acting", data={"name": "Cora"})
    view.post("/acting", data={"name": "  "})
    assert re.search(r"Acting as <strong>console</strong>", view.get("/").text)
