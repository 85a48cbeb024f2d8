"""The built site in a real browser: readable, in both languages, on a phone, and without a request to anyone else."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
PAGES = [
    "",
    "memo/",
    "verification/",
    "contributing/",
    "contributing/design/",
    "contributing/bench/",
    "troubleshooting/",
    "choose/",
    "understand/",
    "howto/",
    "traffic/",
    "security/",
    "measured/",
    "elsewhere/",
    "others-say/",
    "reference/flags/",
    "reference/errors/",
    "reference/glossary/",
    "reference/orchestration/",
    "reference/daemon/",
]
SHOTS = Path(__file__).parent.parent / "reports" / "screenshots"


@pytest.fixture(scope="module", params=[1280, 375])
def window(request, browser):
    """A window, wide or narrow. It stays open with a tab of its own: to open one costs as much as to show a page."""
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def page(window, address):
    """A tab that tells what it asked for and what went wrong."""
    tab = window.new_page()
    tab.foreign, tab.complaints = [], []
    tab.on(
        "request",
        lambda asked: asked.url.startswith(address) or asked.url.startswith("data:") or tab.foreign.append(asked.url),
    )
    tab.on("console", lambda message: message.type == "error" and tab.complaints.append(message.text))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    yield tab
    tab.close()


@pytest.mark.parametrize("language", ["", "en/"])
@pytest.mark.parametrize("path", PAGES)
def test_page_reads_well(page, address, language, path):
    answer = page.goto(address + language + path, wait_until="networkidle")
    width = page.viewport_size["width"]
    SHOTS.mkdir(parents=True, exist_ok=True)
    name = (language + path).strip("/").replace("/", "-") or "index"
    page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    assert answer.ok
    assert page.foreign == []
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1


def test_language_switch_keeps_the_place(page, address):
    page.goto(address + "memo/#singleton", wait_until="networkidle")
    page.locator('a[hreflang="en"]').first.evaluate("link => link.click()")
    page.wait_for_url(address + "en/memo/#singleton")
    page.locator('a[hreflang="ja"]').first.evaluate("link => link.click()")
    page.wait_for_url(address + "memo/#singleton")


def test_packets_can_be_had(page, address):
    page.goto(address + "memo/", wait_until="networkidle")
    link = page.locator('.capture__files a[href$=".pcap"]').first.get_attribute("href")
    packets = page.request.get(address + "memo/" + link)
    assert packets.ok
    assert packets.body()[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4")
