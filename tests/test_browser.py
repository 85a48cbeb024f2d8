"""The built site in a real browser: readable, in both languages, on a phone, and without a request to anyone else."""

import functools
import http.server
import re
import threading
import tomllib
from pathlib import Path

import pytest

from verify.publishing.picture import CHROMIUM, QUIET

pytestmark = pytest.mark.browser
PAGES = [
    "",
    "memo/",
    "verification/",
    "contributing/",
    "contributing/design/",
    "contributing/bench/",
    "troubleshooting/",
    "understand/",
    "howto/",
    "traffic/",
    "security/",
    "measured/",
    "reference/flags/",
    "reference/errors/",
    "reference/orchestration/",
    "reference/daemon/",
]
QUESTIONS = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))
SHOTS = Path(__file__).parent.parent / "reports" / "screenshots"


@pytest.fixture(scope="module")
def address(built):
    """The built site, served below a path, as project pages are."""

    class Below(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/reference"))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Below, directory=built)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/reference/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


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


@pytest.mark.parametrize(
    ("language", "query"), [("", "ホストネットワーク"), ("", "docker0"), ("", "80番"), ("en/", "eth0")]
)
def test_search_finds(page, address, language, query):
    page.goto(address + language, wait_until="networkidle")
    opener = page.locator("label[for=__search].md-header__button")  # on a phone; a wide page shows the field itself
    (opener if opener.is_visible() else page.locator(".md-search__input")).click()
    page.locator(".md-search__input:focus").wait_for(timeout=10_000)
    page.keyboard.type(query)
    page.keyboard.press("End")  # the theme listens for keys, and text that is not ASCII comes without one
    page.locator(".md-search-result__item").first.wait_for(state="attached", timeout=10_000)


@pytest.mark.parametrize("language", QUESTIONS)
def test_question_finds_its_answer_among_the_first_three_hits(browser, address, language):
    home = address + {"ja": "", "en": "en/"}[language]
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(home, wait_until="networkidle")
    field, hits = tab.locator(".md-search__input"), tab.locator(".md-search-result__link")
    field.click()
    missed = {}
    for question, answer in QUESTIONS[language].items():
        field.fill("")
        tab.keyboard.press("End")  # the theme listens for keys
        hits.first.wait_for(state="detached", timeout=10_000)
        field.fill(question)
        tab.keyboard.press("End")
        hits.first.wait_for(state="attached", timeout=10_000)
        found = [re.sub(r"\?[^#]*", "", hit.get_attribute("href")) for hit in hits.all()[:3]]
        if home + answer not in found:
            missed[question] = found
    tab.close()
    assert len(QUESTIONS[language]) >= 14
    assert missed == {}


def test_packets_can_be_had(page, address):
    page.goto(address + "memo/", wait_until="networkidle")
    link = page.locator('.capture__files a[href$=".pcap"]').first.get_attribute("href")
    packets = page.request.get(address + "memo/" + link)
    assert packets.ok
    assert packets.body()[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4")
