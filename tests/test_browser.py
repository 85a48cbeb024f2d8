"""The whole built site in a real browser: readable for everyone, wide, narrow and on paper, light, and asking nobody else."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import axe_playwright_python
import pytest

from verify.publishing import offline
from verify.publishing.tree import read

pytestmark = pytest.mark.browser
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
READS, PAPER = (Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8") for name in ("reads", "paper"))
CLAIMS = (
    "docker0_stays_silent",
    "ifconfig_is_the_hosts",
    "compose_refuses_networks_beside_host_mode",
    "quadlet_passes_the_network_and_the_ports_on",
)
"""Claims of the pages that claims have, which come from one template: with packets, a terminal, messages, and Podman alone."""
SHOWN = ("", "matrix/", "memo/", "reference/errors/", "reference/flags/", f"claims/{CLAIMS[0]}/")
"""A page of each kind."""
FIRST_VIEW = 100_000
"""How many bytes a page and all that comes with it may have, compressed."""
TOPS = """[...document.querySelectorAll("h1, h2, .answer, .matrix__scroll")]
    .map(each => Math.round(each.getBoundingClientRect().top)).filter(top => top < innerHeight)"""
"""Where what a reader sees first begins."""
WIDTHS = 1280, 375
PALETTE = {"light": "default", "dark": "slate"}
"""What the theme calls the schemes."""
SCHEME = """[document.body.dataset.mdColorScheme, document.documentElement.style.colorScheme,
    document.querySelector("meta[name=theme-color]").content, getComputedStyle(document.querySelector(".md-header")).backgroundColor]"""
STYLED = 3
"""How many times, on average, an element is styled while its page loads: 5 to 7 if scripts have all of it styled anew."""
A4 = {"width": 718, "height": 1000}
"""In CSS pixels, without the margins that browsers leave."""


@pytest.fixture(scope="module", params=WIDTHS)
def window(request, browser):
    """A window, wide or narrow. It stays open with a tab of its own: to open one costs as much as to show a page."""
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def page(browser):
    tab = browser.new_page()
    yield tab
    tab.close()


def everywhere(built, language):
    """All pages of a language, as its navigation has them, and some of claims, from the site's address."""
    home = read((built / language / "index.html").read_text(encoding="utf-8"))
    links = [link.attrib.get("href", "") for link in next(home.all("nav", "md-nav--primary")).all("a")]
    found = dict.fromkeys(language + link.removeprefix(".") for link in links if not link.startswith("#"))
    assert len(found) > 20
    return [*found, *(f"{language}claims/{name}/" for name in CLAIMS), f"{language}404.html"]


@cache
def compressed(file):
    return len(gzip.compress(file.read_bytes()))


def came_with(url, asked, address, built):
    """What is wrong with what a page asked for."""
    # A page that says that there is none stands for any folder's, so that all its links start at the origin.
    home = address.removesuffix("reference/") if url.endswith("404.html") else address
    yield from (f"asks {each}" for each in asked if not each.startswith(home))
    places = [built / re.sub(r"[?#].*", "", each).removeprefix(address).removeprefix(home) for each in asked]
    files = {place / "index.html" if place.is_dir() else place for place in places}
    if (size := sum(map(compressed, files))) > FIRST_VIEW:
        yield f"is {size} bytes, and should be no more than {FIRST_VIEW}"


@pytest.mark.parametrize("path", SHOWN)
def test_nothing_pushes_text_away_when_scripts_come(window, address, path):
    tab = window.new_page()
    tab.route("**/*.js", lambda route: route.abort())
    tab.goto(address + path, wait_until="load")
    before = tab.evaluate(TOPS)
    tab.unroute("**/*.js")
    tab.goto(address + path, wait_until="load")
    after = tab.evaluate(TOPS)
    tab.close()
    assert before == after != []


@pytest.mark.parametrize("path", SHOWN)
def test_scripts_do_not_have_a_page_styled_anew(browser, address, path):
    tab = browser.new_page()
    browser.start_tracing(page=tab, categories=["devtools.timeline"])
    tab.goto(address + path, wait_until="load")
    tab.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestIdleCallback(done)))"
    )  # scripts did all they do
    events = json.loads(browser.stop_tracing())["traceEvents"]
    elements = tab.evaluate("document.querySelectorAll('*').length")
    tab.close()
    styled = sum(each["args"].get("elementCount", 0) for each in events if each["name"] == "UpdateLayoutTree")
    assert elements <= styled < STYLED * elements


@pytest.mark.parametrize("first", PALETTE)
def test_light_or_dark_is_as_the_system_has_it_until_a_reader_chooses(browser, address, first):
    context = browser.new_context(color_scheme=first)
    tab, other = context.new_page(), "light" if first == "dark" else "dark"

    def now():
        tab.wait_for_function(
            "document.body.getAnimations({ subtree: true }).every(each => each.playState !== 'running')"
        )
        scheme, drawn, bar, header = tab.evaluate(SCHEME)
        assert bar == header
        assert scheme == PALETTE[drawn]
        return drawn

    tab.route("**/*.js", lambda route: route.abort())  # by the time the first of them runs it is settled
    tab.goto(address, wait_until="load")
    assert now() == first
    tab.unroute("**/*.js")
    tab.goto(address + "memo/", wait_until="load")
    tab.locator("[name=__palette]:checked + label").click()
    assert now() == other
    tab.goto(address + "en/", wait_until="load")
    assert now() == other
    tab.locator("[name=__palette]:checked").press("Enter")
    assert now() == first
    context.close()


# What has nothing to do with colours is looked at in one scheme, a language in each.
@pytest.mark.parametrize(("language", "schemes"), [("", ("light", "dark")), ("en/", ("dark", "light"))])
def test_pages_read_well(browser, address, built, language, schemes):
    context = browser.new_context(viewport=A4, color_scheme=schemes[0])
    tab, found = context.new_page(), {}
    asked, complaints = set(), []
    tab.on("request", lambda request: request.url.startswith("data:") or asked.add(request.url))
    tab.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    for path in everywhere(built, language):
        tab.emulate_media(media="print")
        tab.set_viewport_size(A4)
        tab.goto(address + path, wait_until="load")
        told = found[path] = tab.evaluate(PAPER)
        tab.emulate_media(media="screen")
        tab.add_style_tag(content="* { transition: none !important }")  # nothing is on its way when it is looked at
        tab.evaluate(AXE)
        for scheme in schemes:
            assert tab.evaluate("document.body.dataset.mdColorScheme") == PALETTE[scheme]
            for width in WIDTHS:
                tab.set_viewport_size({"width": width, "height": 800})
                told += tab.evaluate(READS, scheme != schemes[0])
            tab.evaluate("document.querySelector('[name=__palette]:checked + label').click()")
        told += [*complaints, *came_with(tab.url, asked, address, built)]
        asked.clear()
        complaints.clear()
    context.close()
    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.parametrize("language", ["", "en/"])
def test_paper_has_all_without_script(browser, address, built, language):
    context = browser.new_context(viewport=A4, java_script_enabled=False)
    tab, found = context.new_page(), {}
    tab.emulate_media(media="print")
    for path in everywhere(built, language):
        tab.goto(address + path, wait_until="load")
        found[path] = tab.evaluate(PAPER)
    context.close()
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_offline_copy_is_whole_and_can_be_read_without_a_server(page, built, tmp_path):
    with ZipFile(built / offline.NAME) as archive:
        archive.extractall(tmp_path)
    copy, complaints = tmp_path / offline.FOLDER, []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{(copy / 'index.html').as_uri()}", wait_until="load")
    for link, there in (
        ('nav a[href="understand/index.html"]', "understand"),
        ('a[hreflang="en"]', "en/understand"),
        (
            'a[href$="claims/container_runs_on_the_host_network/index.html"]',
            "en/claims/container_runs_on_the_host_network",
        ),
    ):
        if there.startswith("en/claims"):
            page.goto((copy / "en/index.html").as_uri(), wait_until="load")
        with page.expect_navigation(url=re.compile(re.escape((copy / there / "index.html").as_uri()))):
            page.locator(link).first.evaluate("link => link.click()")
    assert complaints == []
    for file in copy.rglob("*.html"):
        for found in re.findall(r' (?:href|src)="(?![a-z]+:)([^"#?]+)', file.read_text(encoding="utf-8")):
            assert (file.parent / found).is_file(), f"{file}: {found}"


def test_language_switch_keeps_the_place(page, address):
    page.goto(address + "memo/#singleton", wait_until="load")
    # Each is waited for from before, since the address follows the reader, and may soon be another.
    for language, home in (("en", "en/"), ("ja", "")):
        with page.expect_navigation(url=f"{address}{home}memo/#singleton"):
            page.locator(f'a[hreflang="{language}"]').first.evaluate("link => link.click()")


def test_packets_can_be_had(page, address):
    page.goto(address + "en/memo/", wait_until="load")
    link = page.locator('.capture__files a[href$=".pcap"]').first.evaluate("link => link.href")
    packets = page.request.get(link)
    assert packets.ok
    assert packets.body()[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4")


def test_what_is_to_be_typed_can_be_copied(browser, address):
    context = browser.new_context(permissions=["clipboard-read"])
    tab = context.new_page()
    tab.goto(address + "en/contributing/", wait_until="load")
    block = tab.locator(".highlight").first
    block.locator("button").click()  # which a person can do too: it is in sight, and nothing lies over it
    copied = tab.evaluate("navigator.clipboard.readText()")
    typed = block.locator("code").text_content()
    context.close()
    assert copied == typed.rstrip("\n") != ""
