"""The hook of the build: checks before it, and puts on pages what the macros left a place for (mkdocs loads this file)."""

import html
import json
import re
import sys
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # mkdocs loads this by its path, from wherever it was started

from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files, InclusionLevel

from verify import ROOT
from verify.judging import claim, evidence
from verify.publishing import (
    captures,
    checks,
    claim_page,
    described,
    diagrams,
    machines,
    matrix,
    memo,
    messages,
    pages,
    picture,
    plots,
    rendered,
    settings,
)
from verify.publishing.dressed import dressed
from verify.publishing.shown import Place

ASSETS = ROOT / "docs" / "assets"
ASKED = ROOT / "docs" / "asked.toml"
"""What readers ask, by language: words, and places that answer."""
UNUSED = re.compile(r"assets/(?:javascripts/(?:lunr|workers)/.*|images/favicon\.png|.*\.map)")
"""What the theme brings and no page asks for: its search, in whose place is assets/javascripts/search.js, and maps."""
SHARED = re.compile(r"(?:assets|evidence)/.*")
"""What all languages have alike."""
TO_SHARED = re.compile(r' (?:href|src)="(?:/(?:[\w.-]+/)*|(?:\.\.?/)*)(?=(?:assets|evidence)/|claims/\w+\.json)')
# Attributes in the order of the alphabet, in which Markdown writes them where it has read the element.
PLACEHOLDER = re.compile(r'<div data-of="([^"]*)" data-only="([^"]*)" data-put="(\w+)"></div>')
PUT: dict[str, Callable[[str, str, Place], Markup]] = {
    "proof": captures.proof,
    "capture": captures.captures,
    "counterfactual": captures.counterfactual,
    "screenshot": captures.screenshots,
    "compare": memo.comparison,
    "messages": messages.listing,
    "finder": messages.finder,
    "matrix": matrix.table,
    **claim_page.PUT,
}


def on_config(config: MkDocsConfig) -> None:
    """Refuses a configuration that would let pass what is to fail; the address below the Japanese home is the English one's."""
    if problems := list(settings.problems(config)):
        raise PluginError("mkdocs is set up otherwise than pages are checked:\n" + "\n".join(problems))
    if config.site_url:
        config.site_url += _folder(config)


def on_pre_build(config: MkDocsConfig) -> None:
    """Refuses pages that say what was not seen, and pages of which no replay says that their claims hold."""
    if problems := checks.problems():
        raise PluginError("pages and evidence do not agree:\n\n" + "\n\n".join(problems))
    if problems := checks.unproved():
        raise PluginError("there is no receipt of these claims:\n\n" + "\n\n".join(problems))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds what both languages share, the pictures and the evidence to the site."""
    shared = [(f"assets/{path.relative_to(ASSETS)}", path) for path in sorted(ASSETS.rglob("*")) if path.is_file()]
    kept = [(f"evidence/{path.relative_to(evidence.FOLDER)}", path) for path in sorted(evidence.FOLDER.glob("*/*"))]
    for uri, path in shared + kept:
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    if config.site_url:  # without which nobody can be told where a picture is
        files.append(File.generated(config, "assets/site.png", abs_src_path=str(picture.FILE)))
    if not _folder(config):
        files.append(File.generated(config, "robots.txt", content=_robots(config)))
    drawn = {f"assets/{name}": image for name, image in (plots.drawn() | matrix.drawn() | diagrams.drawn()).items()}
    followed = {"feed.xml": machines.feed(config.extra["language"], config.site_name)}
    documents = {} if _above(config) else machines.documents()  # which no page's source leads to
    for uri, content in (drawn | documents | followed).items():
        files.append(File.generated(config, uri, content=content))
    for name in claim.declared():
        page = claim_page.markdown(name, config.extra["language"])
        inclusion = InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, f"{claim_page.FOLDER}/{name}.md", content=page, inclusion=inclusion))
    _leave_out(UNUSED, files)
    return files


def on_env(env: Any, config: MkDocsConfig, files: Files) -> None:
    """Publishes nothing twice: where Japanese stands above this language, what both share is there.

    Comes when links to files have been checked, and before any of them is copied.
    """
    files.append(File.generated(config, "llms.txt", content=machines.contents(config, files, _above(config))))
    if _above(config):
        _leave_out(SHARED, files)


def on_post_page(output: str, page: Any, config: MkDocsConfig) -> str:
    """Leads links to what both languages share to the one place where it is."""
    return _led_above(output, config)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The same for the page that says that there is no such page."""
    return _led_above(output, config) if template_name == "404.html" else output


def on_page_content(content: str, page: Any, config: MkDocsConfig, files: Files) -> str:
    """Puts what was captured where the macros left their placeholders."""
    source = Path(page.file.abs_src_path or page.file.src_uri)
    written = page.file.generated_by is None
    if written and (problems := list(rendered.problems(content, source, checks.output()))):
        raise PluginError("a page does not show what it should:\n\n" + "\n\n".join(problems))
    place = Place(config.extra["language"], "../" * page.url.count("/"), files)

    @cache  # the page's text wants it, too
    def put(of: str, only: str, macro: str) -> Markup:
        if not (shown := PUT[macro](of, html.unescape(only), place)):
            raise PluginError(f"{source.relative_to(ROOT)}: {pages.written(macro, of, only)} has nothing to show")
        return shown

    text = Path(page.file.abs_dest_path).with_suffix(".md")
    text.parent.mkdir(parents=True, exist_ok=True)
    words = PLACEHOLDER.sub(lambda found: machines.plain(put(*found.groups())), page.markdown)
    text.write_text(machines.without_boxes(words), encoding="utf-8")
    shown = PLACEHOLDER.sub(lambda found: put(*found.groups()), content)
    if 'data-engines="' in shown:
        shown = shown.replace("</h1>", f"</h1>{matrix.choice(place)}", 1)
    shown = dressed(shown, place.language)
    about = described.linked(shown, page.title, config.site_name, place.language, page.canonical_url)
    page.meta |= {"linked": about, "description": html.escape(about["description"])}
    return shown


def on_post_build(config: MkDocsConfig) -> None:
    """Refuses pages that nobody has read as they are, which comes after all else that is refused, or it is no use to read.

    Leaves the theme an empty index, which it fetches on every page; ours is fetched by who searches.
    """
    if unread := checks.unread():
        raise PluginError("somebody has to read this first:\n\n" + "\n\n".join(unread))
    index = Path(config.site_dir, "search", "search_index.json")
    whole = json.loads(index.read_text(encoding="utf-8"))
    entries = _asked_for(whole["docs"], config.extra["language"])
    found = json.dumps(whole | {"docs": entries}, ensure_ascii=False, separators=(",", ":"))
    index.with_name("entries.json").write_text(found, encoding="utf-8")
    index.write_text(json.dumps(whole | {"docs": []}), encoding="utf-8")


def _asked_for(entries: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Entries of the search, those with what readers ask who are answered there."""
    questions: dict[str, list[str]] = {}
    for question, places in tomllib.loads(ASKED.read_text(encoding="utf-8"))[language].items():
        for place in places[:2]:
            questions.setdefault(place, []).append(question)
    if nowhere := questions.keys() - {each["location"] for each in entries}:
        raise PluginError(f"{ASKED.relative_to(ROOT)}: no such place in {language}: {', '.join(sorted(nowhere))}")
    told = {place: {"asked": "\n".join(asked)} for place, asked in questions.items()}
    return [each | told.get(each["location"], {}) for each in entries]


def _folder(config: MkDocsConfig) -> str:
    """Where this language is, from the home of all: nowhere else, or in a folder."""
    return str(config.extra["languages"][config.extra["language"]]["folder"])


def _robots(config: MkDocsConfig) -> str:
    """All may be read; where it is, is known where the site's address is."""
    maps = [f"{config.site_url}{each['folder']}sitemap.xml" for each in config.extra["languages"].values()]
    return "User-agent: *\nAllow: /\n" + "".join(f"Sitemap: {each}\n" for each in maps if config.site_url)


def _above(config: MkDocsConfig) -> str:
    """The way from this language's home to the one of all languages, if that is built there and this is not it."""
    depth = _folder(config).count("/")
    return "../" * depth if depth and (Path(config.site_dir).parents[depth - 1] / "evidence").is_dir() else ""


def _led_above(output: str, config: MkDocsConfig) -> str:
    way = _above(config)
    return TO_SHARED.sub(lambda found: found[0] + way, output) if way else output


def _leave_out(which: re.Pattern[str], files: Files) -> None:
    for file in [file for file in files if which.fullmatch(file.src_uri)]:
        files.remove(file)
