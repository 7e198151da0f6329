import re

import pytest
from playwright.sync_api import Page, expect

from hub.demo.running import settle
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.practice import referrals

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
PATHS = (
    "/",
    "/feeds",
    "/feeds/mercy",
    "/messages",
    "/notices",
    "/practices/panel-busy",
    "/referrals",
    "/referrals/REF-2207",
    "/tasks",
)


def test_search_leads_to_the_reasons(page: Page) -> None:
    """Typing narrows the list without a click, and never shows in the address; the message tells why it was told."""
    page.goto("/")
    page.get_by_role("link", name="Messages", exact=True).click()
    page.get_by_label("Search", exact=True).press_sequentially("mercy-a03-1")
    expect(page.get_by_role("status")).to_have_text("1 message")
    assert page.url.endswith("/messages")
    page.get_by_role("link", name="ADT^A03 MERCY-A03-1").click()
    story = page.get_by_role("listitem").filter(has_text="encounter.discharged")
    expect(story).to_contain_text("on the panel of Busy Family Medicine since 2021-05-01")
    expect(story.get_by_text("not told")).to_have_count(0)
    story.get_by_text("4 other rules did not match").click()
    expect(story.get_by_text("Nobody should invite a patient who has died.")).to_be_visible()


def test_a_replay_is_shown_beside_the_message(page: Page) -> None:
    """The dry run answers on the page that is open."""
    page.goto("/messages/MERCY-A03-1")
    page.get_by_role("button", name="Replay (dry run)").click()
    expect(page.get_by_text("it comes out as it was")).to_be_visible()
    assert "/replay" not in page.url


def test_a_reference_opens_its_resource(page: Page) -> None:
    """A link within the bundle unfolds the resource that it names."""
    page.goto("/messages/MERCY-A03-1")
    page.get_by_text("MessageHeader", exact=True).click()
    page.locator("pre:visible a").last.click()
    expect(page.locator("details.resource[open]")).to_have_count(2)


def test_a_suggestion_is_confirmed(page: Page, hub: Hub) -> None:
    """A coordinator says who they are, confirms the note and reviews it; the page follows, and so does the hub."""
    page.goto("/referrals")
    page.get_by_text("Acting as console").click()
    page.get_by_label("Your name").fill("Cora O’Dwyer")
    page.get_by_role("button", name="Remember").click()
    expect(page.get_by_text("Acting as Cora O’Dwyer")).to_be_visible()
    page.get_by_role("link", name="REF-2207").first.click()
    page.get_by_role("button", name="Confirm: it answers").click()
    heading = page.get_by_role("heading", level=1)
    expect(page.locator(".heading .tag").first).to_have_text("note-received")
    expect(heading).to_be_focused()
    settle(hub)
    assert "note received" in browse.notifications(hub, practice="panel-busy", limit=1)[0].title
    page.get_by_role("button", name="The note is reviewed: close the loop").click()
    expect(page.locator(".heading .tag").first).to_have_text("closed")
    assert [h.by for h in referrals.show(hub, "REF-2207").timeline[-2:]] == ["Cora O’Dwyer"] * 2


def test_a_refusal_is_shown(page: Page, hub: Hub) -> None:
    """What somebody else did in the meantime is said on the page that is open."""
    page.goto("/referrals/REF-2115")
    referrals.close_without_note(hub, "REF-2115", "moved away", by="somebody else")
    page.get_by_text("Close without a note…").click()
    page.get_by_label("Reason").fill("seen elsewhere")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("is closed-no-note: it cannot be closed-no-note")


def test_a_notice_is_acknowledged_by_keyboard(page: Page, hub: Hub) -> None:
    """From the top of the page by Tab and Enter alone; the focus then stays with the notice."""
    notice = browse.notifications(hub, practice="panel-busy", limit=1)[0]
    page.goto("/practices/panel-busy")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    button = page.locator(f"#acknowledge-{notice.id}")
    for _ in range(6):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert button.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    article = page.locator(f"#notice-{notice.id}")
    expect(article.get_by_text("acknowledged")).to_be_visible()
    expect(article.get_by_role("link", name=notice.title)).to_be_focused()
    assert browse.notice(hub, notice.id).state == "acknowledged"


def test_the_overview_follows(page: Page, hub: Hub) -> None:
    """What happens while the overview is open appears on it, and what somebody has selected stays when nothing does."""
    page.goto("/")
    page.evaluate("document.querySelector('#live').dataset.seen = 'yes'")
    with page.expect_response(re.compile("/live")) as answer:
        page.bring_to_front()
    assert answer.value.status == 204
    expect(page.locator("#live[data-seen]")).to_have_count(1)


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_nothing_is_wider_than_a_phone(page: Page) -> None:
    """No page needs to be moved sideways on a narrow screen."""
    person = page.request.get("/messages/MERCY-A03-1").text().split('href="/persons/')[1].split('"')[0]
    for path in (*PATHS, "/messages/MERCY-A03-1", f"/persons/{person}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"], path


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True, ids=["no-script"])
def test_everything_works_without_a_script(page: Page, hub: Hub) -> None:
    """Without JavaScript the forms lead to pages: search, replay, acknowledge."""
    page.goto("/messages")
    page.get_by_label("Search", exact=True).fill("ql-oru-1")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_have_text("1 message")
    page.get_by_role("link", name="ORU^R01 QL-ORU-1").click()
    page.get_by_role("button", name="Replay (dry run)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Replay of ORU^R01 QL-ORU-1")
    page.get_by_role("link", name="Back to the message").click()
    page.get_by_role("link", name="Critical result: Potassium 6.1 mmol/L (HH)").first.click()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".heading .tag").last).to_have_text("acknowledged")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(page: Page, scheme: str) -> None:
    """Every text has at least the contrast of WCAG 2 AA (4.5:1), in light and in dark."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in (*PATHS, "/messages/MERCY-A03-1"):
        page.goto(path)
        assert page.evaluate(CONTRAST) == [], path


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
                           return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => { for (let e = element; e; e = e.parentElement) {
    const colour = rgba(getComputedStyle(e).backgroundColor); if (colour[3] > 250) return colour; }
    return [255, 255, 255]; };
  const poor = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const says = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!says || !element.checkVisibility() || element.disabled) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.add(`${element.outerHTML.slice(0, 60)} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""
