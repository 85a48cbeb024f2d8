"""What may be set in mkdocs.yml, and which files stand beside the pages.

Pages come to be in one way only: another hook, plugin, extension, style, script or template could say what no claim does.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig

from verify import ROOT
from verify.judging.sentences import LANGUAGES

SET: dict[str, Any] = {
    "extra_css": ["assets/site.css"],
    "extra_javascript": [],
    "extra_templates": [],
    "exclude_docs": None,
    "draft_docs": None,
    "not_in_nav": None,
    "use_directory_urls": True,
}
HOOKS = ["verify/publishing/hook.py"]
PLUGINS = {"material/search", "macros", *HOOKS}
MACROS: dict[str, Any] = {
    "module_name": "verify/publishing/macros",
    "modules": [],
    "render_by_default": True,
    "include_dir": "",
    "include_yaml": [],
    "j2_extensions": [],
    "on_undefined": "strict",
    "on_error_fail": True,
}
EXTENSIONS: dict[str, dict[str, Any]] = {
    "attr_list": {},
    "fenced_code": {},
    "md_in_html": {},
    "pymdownx.highlight": {"pygments_lang_class": True},
    "pymdownx.superfences": {},
    "tables": {},
    "toc": {"permalink": True},
}
"""Markdown's extensions, and how they are set; a title is in the page's language."""
GROUPS = {"By task", "Project", "Reference", "プロジェクト", "リファレンス", "目的別"}
"""What the navigation says itself: all else in it are titles of pages."""
EXTRA = {"alternate", "generator", "language", "languages", "repository", "scope"}
SCRIPTS = {f"javascripts/{name}.js" for name in ("engines", "find", "search", "synonyms")}
"""The site's own scripts, of which `find` and `engines` run on every page: a browser test sees that they leave claims alone."""
ASSETS = {"bench.json", "logo.svg", "measured.json", "site.css", *SCRIPTS}
"""What docs/assets has. Pictures on pages are drawn as the site is built."""
COLOURS = "partials/javascripts/palette.html"
"""Has a script within the page, whose text verify/publishing/published.py knows by its digest."""
TEMPLATES = {"404.html", "main.html", "partials/alternate.html", COLOURS, "sitemap.xml"}
ACTING = re.compile(
    r"""<script\b(?! src="\{\{ 'assets/javascripts/(?:engines|find)\.js' \| url \}\}"></script>$)"""
    r"""(?! type="application/ld\+json">\{\{ page\.meta\.\w+ \| tojson \}\}</script>$)"""
    r"""|<(?:style|iframe|object|embed|base)\b|http-equiv|\son\w+\s*=\s*(?!"this\.hash = location\.hash")"""
)
"""What a template could rewrite a page with."""


def problems(config: MkDocsConfig) -> Iterator[str]:
    """What is set otherwise than pages are checked."""
    for what, rules in (("nav", config.validation.nav), ("links", config.validation.links)):
        for rule, level in rules.items():
            if level < logging.WARNING:
                yield f"  validation: {what}: {rule} must be warn"
    yield from _otherwise("", SET, config)
    yield from _otherwise("plugins: macros: ", MACROS, config.plugins["macros"].config)
    yield from _more("hooks", set(config["hooks"]), set(HOOKS))
    yield from _more("plugins", set(config.plugins), PLUGINS)
    yield from _more("markdown_extensions", set(config.markdown_extensions), set(EXTENSIONS))
    yield from _more("extra", set(config.extra), EXTRA)
    for name, options in config.mdx_configs.items():
        wanted = EXTENSIONS.get(name, {})
        if {option: value for option, value in options.items() if not option.endswith("_title")} != wanted:
            yield f"  markdown_extensions: {name} must be set to {wanted or 'nothing'}"
    for setting, path, place in (
        ("docs_dir", config.docs_dir, f"docs/{config.extra['language']}"),
        ("theme: custom_dir", config.theme.custom_dir, "docs/overrides"),
    ):
        if Path(path or "").resolve() != ROOT / place:
            yield f"  {setting} must be {place}"
    yield from _nav(config.nav or [])
    if not logging.getLogger("mkdocs").isEnabledFor(logging.WARNING):
        yield "  -q hides warnings even from --strict"


def _nav(items: list[Any]) -> Iterator[str]:
    for item in items:
        for title, below in item.items() if isinstance(item, dict) else ():
            if isinstance(below, list) and title in GROUPS:
                yield from _nav(below)
            else:
                yield f"  nav: {title!r} is no title of a page. Leave it out: the page has one."


def strays(root: Path = ROOT) -> Iterator[str]:
    """Files that would be published or imported and are none of the project's, and templates that act: what to do."""
    for module in sorted({*root.glob("*.py"), *(file.parent for file in root.glob("*/__init__.py"))}):
        if module.name not in ("noxfile.py", "verify"):
            yield f"{module.name}\n  could be imported in the place of a library. Remove it, or put it into verify/."
    docs = root / "docs"
    for file in sorted(docs.rglob("*")):
        place, below = file.relative_to(root), file.relative_to(docs).parts
        name = "/".join(below[1:])
        if file.is_symlink():
            yield f"{place}\n  is a link, and would publish what it leads to. Put the file there, or remove it."
        elif file.is_dir():
            continue
        elif below[0] in LANGUAGES and file.suffix != ".md":
            yield f"{place}\n  is no page, and would be published. Remove it."
        elif below[0] == "assets" and name not in ASSETS:
            yield f"{place}\n  is none of the site's files: its pictures are drawn as it is built. Remove it."
        elif below[0] == "overrides":
            yield from _template(file, place, name)


def _template(file: Path, place: Path, name: str) -> Iterator[str]:
    if name not in TEMPLATES:
        yield f"{place}\n  is no template of this site, and could make other pages of what was checked. Remove it."
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if (found := ACTING.search(line)) and (name, line) != (COLOURS, "<script>"):
            yield f"{place}:{number}: {found[0].strip()}\n  could rewrite pages or lead readers away. Take it out."


def _otherwise(where: str, wanted: dict[str, Any], config: Any) -> Iterator[str]:
    for option, value in wanted.items():
        if config[option] != value:
            said = {None: "left out", True: "true", False: "false"}.get(value) if not isinstance(value, list) else value
            yield f"  {where}{option} must be {said or value or 'empty'}"


def _more(setting: str, found: set[str], wanted: set[str]) -> Iterator[str]:
    for each in sorted(found - wanted):
        yield f"  {setting}: {each} is none that pages are checked with; these are {', '.join(sorted(wanted))}"
    for each in sorted(wanted - found):
        yield f"  {setting}: {each} is missing"
