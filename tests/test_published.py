"""The last look at the finished site, outside of what made it."""

import importlib
import pkgutil
import shutil

import pytest

from verify import ROOT, publishing
from verify.judging import sentences
from verify.publishing import checks, claim_page, matrix, pages, published, telling

PAGE = ROOT / "docs" / "en" / "index.md"
FOLDED = '<details class="counterfactual">'


def told(content):
    return list(published.page_problems(content, PAGE))


@pytest.fixture
def content(built):
    return (built / "en" / "index.html").read_text(encoding="utf-8")


def test_site_shows_what_was_confirmed(built):
    assert list(published.problems(built)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("are the same: the", "are not the same: the", "the page says: --net host and --network host are not the same"),
        ("✓ holds", "✓ holds everywhere", "its mark says"),
        ("claims/net_is_short_for_network/#", "claims/fresh_engine_has_one_host_network/#", "its mark names"),
        ('<span class="claim__date">seen on 2026', '<span class="claim__date">seen on 2027', "its mark says"),
        (
            '<p class="claim__proof">',
            '<p>But see below.</p><p class="claim__proof">',
            "has not its mark, and that alone",
        ),
        ('<div class="claim"', '<div hidden class="claim"', "may hide what it holds"),
        ('<div class="claim"', '<div class="admonition"><div class="claim"', "stands in <div class='admonition'>"),
        ('<div class="claim"', '<div class="cited"', "where docs/en/index.md has"),
        ('<h2 id="net"', '<h2 id="claim-net_is_short_for_network"', "stands 2 times"),
        (
            '<span class="terminal__stdout">',
            '<span class="terminal__stdout">host',
            "something else than its evidence has",
        ),
        (FOLDED, '<details class="gone">', "where docs/en/index.md has"),
        ("</head>", '<meta http-equiv="refresh" content="0; url=x"></head>', "could lead readers away"),
        ("</head>", "<style>.claim { display: none }</style></head>", "could lead readers away"),
        ("</body>", "<script>document.title = 'proved'</script></body>", "could lead readers away"),
        ("</body>", '<a href="javascript:alert(1)" onfocus="alert(1)">x</a></body>', "could lead readers away"),
        ("</body>", '<script src="assets/site.js"></script></body>', "is no style or script of this site"),
        ("</option>", "<i></i></option>", "may hold nothing but text"),
        ("</body>", "<code></code></body>", "is empty, and a reader sees a hole"),
        ('<link rel="stylesheet" href="../assets/site.css">', "", "Three styles and three scripts"),
    ],
)
def test_whatever_is_otherwise_is_told(content, old, new, said):
    assert old in content
    assert said in "\n\n".join(told(content.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("macro", "only", "said"),
    [
        ("capture", "docker run", "the claim rests on what this printed, which is not shown: docker inspect"),
        ("counterfactual", "docker run", "what makes the claim fail here is in a command that is not shown"),
    ],
)
def test_command_that_tells_is_not_left_out(macro, only, said, monkeypatch):
    use = pages.Use(PAGE.relative_to(ROOT), 1, macro, "container_runs_on_the_host_network", only, "")
    monkeypatch.setattr(pages, "uses_on", lambda page, root: [use] if page.name == "index.md" else [])
    assert said in "\n".join(telling.problems())


def test_page_that_is_left_out_is_told(built, tmp_path):
    site = shutil.copytree(built, tmp_path / "site")
    (site / "security" / "index.html").unlink()
    index = site / "search" / "entries.json"
    index.write_text(index.read_text("utf-8").replace("NetworkMode", ""), encoding="utf-8")
    home = site / "index.html"
    home.write_text(home.read_text("utf-8").replace('href="howto/"', 'href="memo/"'), encoding="utf-8")
    said = "\n\n".join(published.problems(site))
    assert "security/index.html\n  is not there" in said
    assert "is not in the search index" in said
    assert "stands on a page that the navigation does not have" in said


def test_pages_that_are_served_are_read_again():
    """All that is kept of pages and evidence is forgotten, whichever module keeps it; `published.text` goes by what it is given."""
    names = [each.name for each in pkgutil.iter_modules(publishing.__path__, f"{publishing.__name__}.")]
    found = {
        value
        for name in names
        for value in vars(importlib.import_module(name)).values()
        if hasattr(value, "cache_info")
    }
    kept = {each for each in found - {published.text} if each.__module__ in (*names, sentences.__name__)}
    matrix.drawn()
    claim_page.leaning()
    checks.output()
    assert {each.__name__ for each in kept if each.cache_info().currsize} >= {
        "variants",
        "leaning",
        "columns",
        "recorded",
    }
    checks.forget()
    assert {each.__name__ for each in kept if each.cache_info().currsize} == set()
