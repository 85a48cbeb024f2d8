"""The built pages: both languages alike, and every output on them byte for byte what was captured."""

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from mkdocs.structure.files import Files

from verify.judging import claim, evidence, masks, screen
from verify.judging.evidence import Evidence
from verify.lab.machine import Capture
from verify.publishing import captures, described, messages
from verify.publishing.dressed import dressed
from verify.publishing.shown import Place
from verify.publishing.variants import Shown

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
            r'<div class="compare">.*?</table>|<div class="[^"]*highlight">.*?</div>'
            r'|<figure class="message"[^>]*>.*?</figure>',
            "",
            FIGURE.sub("", content),
            flags=re.DOTALL,
        )
        assert "<pre" not in bare, name


def refusals():
    """Commands that an engine refused, as claims saw them: `docker run` ends with 125 for no other reason."""
    for each in claim.declared().values():
        for engine in each.engines:
            for capture in evidence.load(each.name, engine.name).holds:
                refused = (125,) if capture.command.startswith("docker run ") else (1, 125)
                if re.match(r"docker (?:run|network|service) ", capture.command) and capture.exit_code in refused:
                    yield capture


@pytest.mark.parametrize("language", ["", "en/"])
def test_every_message_stands_whole_on_the_errors_page(built, language):
    content = (built / language / "reference/errors/index.html").read_text(encoding="utf-8")
    figures = re.findall(r'<figure class="message"[^>]*>.*?</figure>', content, re.DOTALL)
    shown = {Text(pre).text for figure in figures for pre in re.findall(r"<pre>.*?</pre>", figure, re.DOTALL)}
    met = [capture for capture in refusals() if capture.stderr]  # `network exists` says no by its exit status alone
    assert len(met) > 100
    for capture in met:
        meanings = {masks.meaning(capture.command, text) for text in shown}
        assert masks.meaning(capture.command, capture.stderr) in meanings, capture


@pytest.mark.parametrize("language", ["", "en/"])
def test_every_message_is_in_the_search_index(built, language):
    index = json.loads((built / language / "search/entries.json").read_text(encoding="utf-8"))
    entries = {each["location"]: each["text"] for each in index["docs"]}
    content = (built / language / "reference/errors/index.html").read_text(encoding="utf-8")
    found = re.findall(r'<h3 id="([^"]+)">.*?</h3>.*?<figure class="message"[^>]*>(.*?)</figure>', content, re.DOTALL)
    assert len(found) > 30
    for anchor, figure in found:
        indexed = html.unescape(entries[f"reference/errors/#{anchor}"])
        for pre in re.findall(r"<pre>.*?</pre>", figure, re.DOTALL):
            assert html.unescape(pre) in indexed


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
    shown = Text(str(captures.figure(seen, Shown("host", 0, capture), Place("ja", "", Files([])))))
    assert shown.text == f"# {capture.command}\n{HOSTILE}"
    assert shown.elements <= {"samp", "span"}


def test_hostile_message_is_only_text(monkeypatch):
    capture = Capture("host", "docker run '</code><script>'", 125, "", f"docker: {HOSTILE}")
    seen = Evidence("x", "docker-26", {"engine": "1"}, {"host": (capture,), "bridge": ()})
    said = messages.Message("</h3><script>", {capture.stderr: messages.Wording(capture.stderr, {"docker-26": seen})})
    monkeypatch.setattr(messages, "messages", lambda warnings: [said])
    shown = str(messages.listing("errors", "", Place("ja", "", Files([]))))
    assert Text(shown).text == capture.stderr
    assert "<script" not in shown


def test_only_what_an_engine_says_is_a_message():
    said = "WARNING: first\ndocker: second\n"
    assert messages.spoken(Capture("host", "docker run x", 125, "", f"#1 building\n{said}")) == said
    assert messages.spoken(Capture("host", "docker exec x apt-get", 100, "", "E: Unable to locate package x\n")) == ""
    assert messages.spoken(Capture("client", "curl -s http://x/", 7, "", "Error: x\n")) == ""


def test_nothing_is_published_twice(built):
    for file in (built / "en").rglob("*"):
        twin = built / file.relative_to(built / "en")
        # Without an address both sitemaps are empty.
        if file.is_file() and twin.is_file() and not file.name.startswith("sitemap"):
            assert file.read_bytes() != twin.read_bytes(), f"{file} is also {twin}"
    assert not list(built.rglob("*.map"))


def test_every_page_says_what_it_is_about(built):
    said = {}
    for name, text in pages(built).items():
        if not name.endswith("404.html"):
            (meta,) = re.findall(r'<meta name="description" content="([^"]+)">', text)
            (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
            article = json.loads(data)
            assert html.unescape(meta) == article["description"]
            assert f'<meta property="og:description" content="{meta}">' in text
            assert article["inLanguage"] == ("en" if name.startswith("en/") else "ja")
            assert 10 < len(article["description"]) <= described.LONGEST + 1
            said[name] = article["description"]
    assert len(set(said.values())) == len(said)


def test_description_is_the_answers_own():
    answer = (
        '<p>Before.</p><div class="answer"><p>It is <code>0.0.0.0</code>.<a class="see">†</a> It is so. {}</p></div>'
    )
    assert described.description(answer.format("x" * 200), "Title", "en") == "It is 0.0.0.0. It is so."
    table = (
        '<div class="answer"><table><tr><th>Of</th></tr><tr><td>a</td><td>1</td></tr><tr><td>b</td></tr></table></div>'
    )
    assert described.description(table, "Title", "ja") == "Title: a、b"
    assert described.description("<p>One.</p>", "Title", "en") == "One."


def test_pages_are_dressed_without_another_word():
    table = (
        "<table><thead><tr><th></th><th>A &lt; B</th></tr></thead><tbody><tr><td>x</td><td>y</td></tr></tbody></table>"
    )
    text = "<p>On Docker 20.10 the flag <code>docker run --mac-address</code> and <code>docker-proxy</code></p>"
    typed = '<div class="language-sh highlight"><pre><span></span><code>a &lt; b\n</code></pre></div>'
    seen = '<pre class="terminal">Docker 20.10 --network</pre><select><option>Docker 20.10</option></select>'
    shown = dressed(table + text + typed + seen, "en")
    assert "<td></td><th>A &lt; B</th>" in shown
    assert '<td data-head="">x</td><td data-head="A &lt; B">y</td>' in shown
    assert '<span class="whole">Docker 20.10</span>' in shown
    assert '<code>docker run <span class="whole">--mac-address</span></code>' in shown
    assert '<code class="whole">docker-proxy</code>' in shown
    assert 'data-clipboard-text="a &lt; b"' in shown
    assert seen in shown
    assert re.sub(r"<[^>]*>", "", shown) == re.sub(r"<[^>]*>", "", table + text + typed + seen)
