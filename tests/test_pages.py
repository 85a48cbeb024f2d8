"""The built pages: both languages alike, and every output on them byte for byte what was captured."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from verify import evidence, macros, screen
from verify.evidence import Evidence
from verify.lab.machine import Capture

FIGURE = re.compile(
    r'<figure class="capture" data-claim="(?P<claim>[^"]*)" data-engine="(?P<engine>[^"]*)" data-world="(?P<world>[^"]*)" '
    r'data-index="(?P<index>\d+)">.*?</figure>',
    re.DOTALL,
)
HOSTILE = (
    "{{ secret }} <% secret %> <{ secret }> {% raw %}\n"
    '```\n~~~~\n    indented\n\ttab\n--8<-- "/etc/passwd"\n'
    "</code></pre></figure><script>alert(1)</script><!-- &amp; &lt; -->\n"
    "* star _under_ [link](x) <b>bold</b> | a | b |\n"
    '<div data-put="capture" data-of="x" data-only=""></div>\n'
    "日本語 ＝ 🐳 trailing spaces   \n\n\n"
)


class Text(HTMLParser):
    """The text of the <pre> in a piece of HTML, as a browser has it, and the elements in it."""

    def __init__(self, piece: str):
        super().__init__()
        self.text, self.elements, self._inside = "", set(), False
        self.feed(piece)

    def handle_starttag(self, tag, attrs):
        if self._inside:
            self.elements.add(tag)
        self._inside = self._inside or tag == "pre"

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data):
        if self._inside:
            self.text += data


def pages(built: Path) -> dict[str, str]:
    return {str(page.relative_to(built)): page.read_text(encoding="utf-8") for page in sorted(built.rglob("*.html"))}


def test_every_output_is_what_was_captured(built):
    compared = 0
    for content in pages(built).values():
        assert "data-put" not in content
        figures = list(FIGURE.finditer(content))
        assert len(figures) == content.count('<pre class="terminal"')
        for figure in figures:
            kept = evidence.load(figure["claim"], figure["engine"])
            capture = kept.worlds[html.unescape(figure["world"])][int(figure["index"])]
            assert Text(figure[0]).text == f"# {capture.command}\n{screen.text(capture)}"
            compared += 1
    assert compared > 50


def test_no_other_output_stands_on_a_page(built):
    for name, content in pages(built).items():
        bare = re.sub(
            r'<div class="compare">.*?</table>|<div class="highlight">.*?</div>|<details class="other">.*?</details>',
            "",
            FIGURE.sub("", content),
            flags=re.DOTALL,
        )
        assert "<pre" not in bare, name


def test_both_languages_have_the_same_pages_claims_and_anchors(built):
    content = pages(built)
    japanese = {name: text for name, text in content.items() if not name.startswith("en/")}
    assert {f"en/{name}" for name in japanese} == set(content) - set(japanese)
    for name, text in japanese.items():
        twin = content[f"en/{name}"]
        assert re.search(r'<html lang="ja"', text), name
        assert re.search(r'<html lang="en"', twin), name
        for pattern in (r'<h[1-6] id="([^"]+)"', r'data-claim="([^"]+)"'):
            assert re.findall(pattern, text) == re.findall(pattern, twin), name


def test_every_internal_link_leads_somewhere(built):
    for name, text in pages(built).items():
        if name.endswith("404.html"):
            continue  # served from anywhere, so its links start at the site's root
        for link in re.findall(r'(?:href|src)="([^"#?]+)(?:[#?][^"]*)?"', text):
            if re.match(r"[a-z]+:", link):
                continue
            target = (built / name).parent / html.unescape(link)
            assert target.is_file() or (target / "index.html").is_file(), f"{name}: {link}"


def test_nothing_is_loaded_from_elsewhere(built):
    for name, text in pages(built).items():
        assert not re.findall(r'<(?:script|img|iframe|source)[^>]* src="(?:https?:)?//', text), name
        assert not re.findall(
            r'<link[^>]* rel="(?:stylesheet|preconnect|preload|icon)"[^>]* href="(?:https?:)?//', text
        ), name


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_hostile_output_is_only_text(stream):
    capture = Capture("host", "echo '</pre><script>'", 0, **{"stdout": "", "stderr": "", stream: HOSTILE})
    seen = Evidence("x", "docker-26", {"engine": "1"}, {"host": (capture,), "bridge": ()})
    shown = Text(macros._figures(seen, "host", "", macros.WORDS["ja"], ""))
    assert shown.text == f"# {capture.command}\n{HOSTILE}"
    assert shown.elements <= {"code", "span"}
