"""The search and the field for a message, in a real browser: what readers type and paste finds what answers it."""

import re
import tomllib
from pathlib import Path

import pytest

from verify import ROOT
from verify.publishing import messages

pytestmark = pytest.mark.browser
ASKED, UNTOLD = (
    tomllib.loads(file.read_text(encoding="utf-8"))
    for file in (ROOT / "docs" / "asked.toml", Path(__file__).with_name("questions.toml"))
)
HOME = {"ja": "", "en": "en/"}
ERRORS = "reference/errors/"
OTHERS = {
    r"\b[0-9a-f]{12,64}\b": "5e1f" * 16,
    r"\b(?:10\.3|10\.4|172\.1\d)(?:\.\d+){2}\b": "192.168.7.20",
    r"(?<![\d.])(?:80|8080)(?!\d)": "8443",
    r"\bveth[0-9a-f]+": "vethabcdef0",
    r"\b(?:web|httpd)\b": "my-app",
    r"\bsample\b": "backend",
}
"""What a reader has in the place of what the lab had."""
SHAPES = {
    "as printed": lambda said: said,
    "without what stands around it": lambda said: bare(said),
    "with who speaks before it": lambda said: f"docker: Error response from daemon: {bare(said)}",
    "with a hint after it": lambda said: f"docker: Error response from daemon: {bare(said)}.\nSee 'docker run --help'.",
    "with another hint": lambda said: f"{bare(said)}\n\nRun 'docker run --help' for more information",
    "with other names": lambda said: others(said),
    "with other names, in one line": lambda said: " ".join(others(said).split()),
    "in quotes": lambda said: f'"{bare(said)}"',
}
ASK = """async queries => {
    const { search } = JSON.parse(document.getElementById("__config").textContent);
    const worker = window.asked ||= new Worker(search), answers = [];
    for (const [query, only] of queries) {
        answers.push(await new Promise(resolve => {
            worker.onmessage = ({ data }) => resolve(data.data.items.flat().map(hit => hit.location));
            worker.postMessage({ type: 2, data: query, only });
        }));
    }
    return answers;
}"""
"""What the search finds for queries."""


def bare(said):
    said = re.sub(r"^(?:docker: )?(?:Error response from daemon: )?", "", said)
    return re.sub(r"\s*\n*(?:See|Run) 'docker[^']* --help'.*", "", said, flags=re.DOTALL).strip()


def others(said):
    for ours, theirs in OTHERS.items():
        said = re.sub(ours, lambda found, theirs=theirs: theirs[: max(len(found[0]), 12)], said)
    return said


@pytest.fixture(params=HOME)
def language(request):
    return request.param


@pytest.fixture
def page(browser, address, language):
    """A tab on the page of errors."""
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(address + HOME[language] + ERRORS, wait_until="networkidle")
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def asking(browser, address):
    """Tabs on the page of errors by language, of which the search is asked again and again: it reads its index once."""
    tabs = {language: browser.new_page() for language in HOME}
    for language, tab in tabs.items():
        tab.goto(address + HOME[language] + ERRORS, wait_until="load")
    yield tabs
    for tab in tabs.values():
        tab.close()


@pytest.fixture
def said(asking, language):
    """Every wording of every message on the page, each with the heading that it stands below."""
    found = asking[language].evaluate(
        """() => [...document.querySelectorAll(".message pre")].map(pre => {
            let at = pre.closest(".message");
            while (!/^H[2-4]$/.test(at.tagName)) at = at.previousElementSibling;
            return [pre.textContent, at.id];
        })"""
    )
    assert len(found) >= sum(len(each.wordings) for each in messages.messages(warnings=False))
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("only", [None, f"{ERRORS}#"], ids=["search", "finder"])
def test_message_finds_itself(asking, language, said, shape, only):
    queries = [[SHAPES[shape](text), only] for text, _ in said]
    hits = asking[language].evaluate(ASK, queries)
    found = [(text, ERRORS + "#" + anchor, each) for (text, anchor), each in zip(said, hits, strict=True)]
    missed = [(text, hits[:3]) for text, own, hits in found if hits[:1] != [own]]
    assert [text for text, _, hits in found if not hits] == []
    assert [text for text, own, hits in found if own not in hits[:3]] == []
    assert len(missed) <= len(said) * 0.1, missed


def unanswered(tab, asked):
    """The questions that find no answer among the first three hits, with these."""
    hits = tab.evaluate(ASK, [[query, None] for query in asked])
    found = {query: each[:3] for query, each in zip(asked, hits, strict=True)}
    return {query: found[query] for query, answers in asked.items() if not {*found[query]} & {*answers}}


def test_question_finds_its_answer_among_the_first_three_hits(asking, language):
    assert len(ASKED[language]) >= 800
    assert unanswered(asking[language], ASKED[language]) == {}


def test_two_of_three_questions_that_the_search_was_not_told_find_their_answer(asking, language):
    asked = UNTOLD[language]
    assert not asked.keys() & ASKED[language].keys()
    assert len(unanswered(asking[language], asked)) <= len(asked) / 3


@pytest.mark.parametrize("typed", ["--network host", "-p", "port_bindings", '"--network host" ^x~1 +(y*'])
def test_what_is_typed_by_key_finds(page, typed):
    page.locator(".md-search__input").click()
    page.keyboard.type(typed)
    page.locator(".md-search-result__item").first.wait_for(state="attached", timeout=10_000)


@pytest.mark.parametrize(("width", "touch"), [(1280, False), (390, True)])
def test_what_is_pasted_finds(browser, address, language, width, touch):
    pasted = (
        "docker: Error response from daemon: conflicting options: dns and the network mode.\nSee 'docker run --help'."
    )
    context = browser.new_context(viewport={"width": width, "height": 800}, has_touch=touch)
    tab = context.new_page()
    tab.goto(address + HOME[language], wait_until="networkidle")
    opener = tab.locator("label[for=__search].md-header__button")  # on a phone; a wide page shows the field itself
    (opener if opener.is_visible() else tab.locator(".md-search__input")).click()
    tab.locator(".md-search__input:focus").wait_for(timeout=10_000)
    tab.keyboard.insert_text(pasted)  # as a mouse or a finger does: without a key
    tab.locator(f'.md-search-result__link[href*="{ERRORS}#"]').first.wait_for(state="attached", timeout=10_000)
    context.close()


@pytest.mark.parametrize("home", ["", ERRORS])
def test_field_for_a_message_shows_where_it_is_explained(page, address, language, home):
    page.goto(address + HOME[language] + home, wait_until="networkidle")
    field, found = (
        page.get_by_role("textbox", name="Paste" if language == "en" else "貼って"),
        page.locator(".finder li a"),
    )
    field.focus()
    page.keyboard.insert_text('Error response from daemon: only one instance of "host" network is allowed')
    found.first.wait_for(timeout=10_000)
    page.keyboard.press("Tab")
    # Waited for from before, since the address follows the reader, and may soon be another.
    with page.expect_navigation(url="**/reference/errors/#*only-one-instance*"):
        page.keyboard.press("Enter")


def test_field_for_a_message_says_that_nothing_was_found(page):
    page.locator(".finder textarea").fill("ŝŭ")
    page.locator(".finder [role=status]:not(:empty)").wait_for(timeout=10_000)
    assert page.locator(".finder li").count() == 0


def test_index_is_fetched_by_nobody_who_does_not_search(page, address, language):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + HOME[language], wait_until="networkidle")
    assert not [url for url in asked if url.endswith("entries.json")]
    page.locator(".md-search__input").click()
    page.keyboard.type("docker0")
    page.locator(".md-search-result__item").first.wait_for(state="attached", timeout=10_000)
    assert [url for url in asked if url.endswith("entries.json")]


def test_index_that_could_not_be_fetched_is_asked_for_again(page, language):
    failing = [True]
    page.route(
        "**/search/entries.json", lambda route: route.abort() if failing and failing.pop() else route.continue_()
    )
    field = page.locator(".finder textarea")
    with page.expect_event("requestfailed"):
        field.fill("docker0")
    field.fill("only one instance")
    page.locator(".finder li").first.wait_for(timeout=10_000)
