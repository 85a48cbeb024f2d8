"""What a reader sees of claims in a real browser, with the site's own style and scripts: all of it, as it was confirmed."""

from pathlib import Path

import pytest
from test_browser import window  # noqa: F401 (a fixture)

from verify.judging.sentences import LANGUAGES, all_pages, sentences
from verify.publishing import published
from verify.publishing.tree import read
from verify.publishing.written import plain

pytestmark = pytest.mark.browser
LOOK = Path(__file__).with_name("seen.js").read_text(encoding="utf-8")
TEXTS = {"claim__proof", "terminal", "capture__exit", "capture__where"}


def pages(language):
    """The pages with claims, and where they are below the site's address."""
    for page in all_pages(language):
        if told := [published.text(each) for each in sentences() if each.file == page]:
            where = Path(published.folder(language)) / published.path(page, language).parent
            yield "" if where == Path() else f"{where}/", told


def look(tab):
    """What the browser shows of the page in a tab: problems, the sentences of claims, and the texts of what was seen."""
    return tab.evaluate(LOOK)


@pytest.mark.parametrize("language", LANGUAGES)
def test_claims_are_seen_as_they_were_confirmed(window, address, built, language):  # noqa: F811
    tab = window.new_page()
    tab.emulate_media(color_scheme="dark" if tab.viewport_size["width"] < 500 else "light")
    looked_at = 0
    for where, told in pages(language):
        tab.goto(address + where, wait_until="load")
        seen = look(tab)
        assert seen["problems"] == [], where
        assert list(map(plain, seen["sentences"])) == told, where
        tree = read((built / where / "index.html").read_text(encoding="utf-8"))
        there = [element.content for element in tree.all() if TEXTS & set(element.classes)]
        assert seen["texts"] == there, where
        looked_at += len(told)
    tab.close()
    assert looked_at == len([each for each in sentences() if each.language == language]) > 100


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (".md-typeset .counterfactual { display: none !important }", "is not displayed"),
        (".capture__exit { visibility: hidden }", "is not displayed"),
        (".claim > p { opacity: .01 }", "is not displayed"),
        (".claim { text-decoration: line-through }", "is struck through"),
        (".claim > p:first-child::before { content: 'It is not true that ' }", "It is not true that"),
        (".terminal__stdout::after { content: ' (so it said once)' }", "(so it said once)"),
        (".claim > p { color: transparent }", "cannot be told from its ground"),
        (".claim > p { font-size: 1px }", "is too small"),
        (".claim { transform: translateX(-9999px) }", "is moved"),
        (".capture { clip-path: inset(50%) }", "is cut"),
        ("article { display: flex !important; flex-direction: column-reverse }", "is above what it follows"),
        ("body::after { content: ''; position: fixed; inset: 0; background: white; z-index: 9 }", "is covered"),
        (".claim > p { position: absolute; left: -9999px }", "is covered"),
    ],
)
def test_style_that_hides_is_found_out(window, address, style, said):  # noqa: F811
    tab = window.new_page()
    tab.goto(address + "en/", wait_until="load")
    tab.add_style_tag(content=style)
    problems = look(tab)["problems"]
    tab.close()
    assert any(said in problem for problem in problems), problems


def test_script_that_rewrites_is_found_out(window, address):  # noqa: F811
    tab = window.new_page()
    tab.goto(address + "en/", wait_until="load")
    before = look(tab)
    tab.add_script_tag(content="document.querySelector('.verdict').textContent = '✓ holds everywhere'")
    assert look(tab)["texts"] != before["texts"]
    tab.close()
