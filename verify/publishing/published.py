"""The finished site, as it will be published: every claim on it is the one that was confirmed, whoever made the HTML.

Run as a program after a build, with the site's folder or without, it names what is otherwise. It knows pages, evidence and
HTML files, and neither MkDocs nor the macros' templates: what these did wrong, or a theme or a setting, shows here.
"""

import hashlib
import html
import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby, zip_longest
from pathlib import Path

from markdown import markdown

from verify import ROOT
from verify.judging import claim, evidence, screen
from verify.judging.sentences import LANGUAGES, Sentence, all_pages, sentences
from verify.publishing import confirm, pages, telling
from verify.publishing.build import SITE
from verify.publishing.tree import Element, read
from verify.publishing.words import WORDS
from verify.publishing.written import plain, said

SHOWN = 5
"""How many problems are told at once: what makes one page otherwise mostly makes all so."""
HIDING = {"hidden", "style", "inert", "aria-hidden"}
STYLES = re.compile(r"(?:\.\./|\./)*assets/(?:stylesheets/(?:main|palette)\.\w+\.min|site)\.css")
SCRIPTS = re.compile(r"(?:\.\./|\./)*assets/javascripts/(?:bundle\.\w+\.min|engines|find)\.js")

INLINE = {"7b1a915eb5bfd256", "ffcc0f7735fdab43", "b97c4d834898098e"}
"""Digests of the scripts within pages: two of the theme's, which are to be read with another version of it, and `settings.COLOURS`."""
ACTING = {"base", "embed", "iframe", "object", "style"}
SWITCH = "this.hash = location.hash"
"""What the link to the other language does: all that an attribute may do on a page."""


def problems(site: Path = SITE, root: Path = ROOT) -> Iterator[str]:
    """Where the site in a folder shows something else than was confirmed: the file, what, and what to do."""
    yield from confirm.problems(root)
    yield from telling.problems(root)
    for language in LANGUAGES:
        home = site / folder(language)
        for page in all_pages(language, root):
            file = home / path(page, language, root)
            where = file.relative_to(site)
            if not file.is_file():
                yield f"{where}\n  is not there, and {page.relative_to(root)} is. Do not leave it out in mkdocs.yml."
                continue
            yield from (f"{where}: {what}" for what in page_problems(file.read_text(encoding="utf-8"), page, root))
        yield from _not_found(home, language, root)
        yield from _pages_of_claims(home, language, site, root)
        yield from _matrix(home, site)


def folder(language: str) -> str:
    """Where the site of a language is in the whole site."""
    return "" if language == LANGUAGES[0] else language


def path(page: Path, language: str, root: Path = ROOT) -> Path:
    """The file that a page becomes, in the site of its language."""
    stem = page.relative_to(root / "docs" / language).with_suffix("")
    return (stem.parent if stem.name == "index" else stem) / "index.html"


def page_problems(content: str, page: Path, root: Path = ROOT) -> Iterator[str]:
    """What is wrong with one finished page: what it is, and what to do."""
    tree = read(content)
    told = {each.claim: each for each in sentences(root=root) if each.file == page}
    shown = [_use(element) for element in _claims_and_captures(tree)]
    for written, found in zip_longest(_merged(_uses(page, root)), _merged(shown)):
        if written != found:
            yield f"shows {found or 'nothing'}\n  where {page.relative_to(root)} has {written or 'nothing'}. Mend what makes it so."
            break
    for box in tree.all("div", "claim"):
        if sentence := told.get(box.attrib.get("data-claim", "")):
            yield from (f"{sentence}\n  {what}" for what in _box(box, sentence))
    for element in _claims_and_captures(tree):
        parent = element.getparent()
        if parent.tag != "article" and parent.classes != ["other"]:
            yield f"{element.told()}\n  stands in {parent.told()}, where it may not be seen. Take that away."
    for figure in tree.all("figure", "capture"):
        yield from (f"{figure.told()}\n  {what}" for what in _figure(figure))
    yield from _whole(tree)


def _pages_of_claims(home: Path, language: str, site: Path, root: Path) -> Iterator[str]:
    """What is wrong with the page that each claim has: it is not there, or says or shows what was not confirmed or seen."""
    for sentence in (each for each in sentences(root=root) if each.language == language):
        file = home / "claims" / sentence.claim / "index.html"
        where = file.relative_to(site)
        if not file.is_file():
            yield f"{where}\n  is not there, and its claim is: {sentence}"
            continue
        tree = read(file.read_text(encoding="utf-8"))
        title = next(tree.all("h1"))
        if plain(title.content.removesuffix("¶")) != text(sentence):
            yield f"{where}: says: {plain(title.content)}\n  confirmed was: {text(sentence)}\n  Mend what makes it so."
        engines = [each.name for each in claim.declared()[sentence.claim].engines]
        shown = [name for each in tree.all("section", "variant") for name in each.attrib["data-engines"].split()]
        if sorted(shown) != sorted(engines * 2):  # in both worlds
            yield f"{where}\n  shows what came on {shown}\n  and its claim speaks of {engines}."
        strip = {each.attrib["id"]: each.classes for each in next(tree.all("ul", "where"))}
        yield from (f"{where}: {what}" for what in _spoken_of(sentence.claim, strip))
        for figure in tree.all("figure", "capture"):
            yield from (f"{where}: {figure.told()}\n  {what}" for what in _otherwise(figure))
        yield from (f"{where}: {what}" for what in _whole(tree))


def _matrix(home: Path, site: Path) -> Iterator[str]:
    """What is wrong with the table of all claims and engines."""
    file = home / "matrix" / "index.html"
    tree = read(file.read_text(encoding="utf-8"))
    columns = [each.attrib["data-engine"] for each in next(tree.all("thead")).all("th") if "data-engine" in each.attrib]
    rows = [row for row in tree.all("tr") if next(row.all("td"), None) is not None]
    shown = {next(row.all("a")).attrib["href"].split("/")[-2]: list(row.all("td")) for row in rows}
    for name in sorted(shown.keys() ^ claim.declared().keys()):
        yield f"{file.relative_to(site)}\n  has no row of its own for the claim {name!r}, or one of no claim."
    for name in (each for each in claim.declared() if each in shown):
        strip = {engine: cell.classes for engine, cell in zip(columns, shown[name], strict=True)}
        yield from (f"{file.relative_to(site)}: {what}" for what in _spoken_of(name, strip))


def _spoken_of(name: str, shown: Mapping[str, list[str]]) -> Iterator[str]:
    """Whether just those engines are said to show something of which a claim speaks."""
    states = {engine: [each for each in classes if each.startswith("where__")] for engine, classes in shown.items()}
    said = sorted(engine for engine, state in states.items() if state != ["where__none"])
    if said != (declared := sorted(each.name for each in claim.declared()[name].engines)):
        yield f"claim {name!r} is shown to hold on {said}\n  and speaks of {declared}. Mend what makes it so."


@cache
def text(sentence: Sentence) -> str:
    """A claim's sentence as readers see it."""
    return plain(read(markdown(said(sentence.text, sentence.language), extensions=["attr_list"])).content)


def _claims_and_captures(tree: Element) -> Iterator[Element]:
    """The boxes of claims, and what macros show outside of others of these, in the order of the page."""
    kinds = {"claim", "capture", "counterfactual", "compare", "screenshot"}
    for element in tree.all():
        if kinds & set(element.classes) and not any(kinds & set(each.classes) for each in element.above()):
            yield element


def _use(element: Element) -> tuple[str, str]:
    """What an element shows, as `pages.Use` would say it."""
    kind = next(each for each in element.classes)
    of = element if kind in ("claim", "capture") else next(element.all("figure", "capture"), element)
    return kind, of.attrib.get("data-claim", "")


def _uses(page: Path, root: Path) -> Iterator[tuple[str, str]]:
    for use in pages.uses_on(page, root):
        if use.macro in ("compare", "screenshot"):
            yield use.macro, ""
        elif use.macro not in pages.OF_NO_CLAIM:
            yield use.macro, use.name


def _merged(uses: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Iterator[str]:
    """Uses as they are written; several captures of one claim in a row are as one."""
    for (macro, name), _ in groupby(uses):
        yield pages.written(macro, name)


def _box(box: Element, sentence: Sentence) -> Iterator[str]:
    words = WORDS[sentence.language]
    if box.attrib.get("id") != f"claim-{sentence.claim}":
        yield f"its box has the id {box.attrib.get('id')!r}, so that links do not find it."
    told, *proof = box
    if told.attrib or box.own.strip() or plain(told.content) != text(sentence):
        yield f"the page says: {plain(box.content)}\n  confirmed was: {text(sentence)}\n  Mend what makes it so."
    if [each.classes for each in proof] != [["claim__proof"]]:
        yield "it has not its mark, and that alone, below it. Mend what makes it so."
        return
    seen = {each.name: evidence.kept(sentence.claim, each.name) for each in claim.declared()[sentence.claim].engines}
    wanted = [(f"claims/{sentence.claim}/#{name}", _version(each)) for name, each in seen.items()]
    found = [(re.sub(r"^(?:\.\./)*", "", link.attrib["href"]), link.content.split()[-1]) for link in proof[0].all("a")]
    *links, own = found
    if links != wanted:
        yield f"its mark names {links}\n  and its evidence is {wanted}."
    if own != (f"claims/{sentence.claim}/", "¶"):
        yield f"its mark ends with {own}, and not with a link to the page of its claim."
    date = max(each.provenance["claim"]["date"] for each in seen.values())
    around = [plain(each.content) for each in proof[0].all("span") if {"verdict", "claim__date"} & set(each.classes)]
    if around != [words["holds"], words["on"].format(date=date)]:
        yield f"its mark says {around}\n  and it should be {[words['holds'], words['on'].format(date=date)]}."


def _version(seen: evidence.Evidence) -> str:
    return str(seen.provenance["engine"]).partition("+")[0]


def _figure(figure: Element) -> Iterator[str]:
    """Whether a figure has just what its evidence has, in the world in which it stands."""
    of = figure.attrib
    seen = evidence.kept(of["data-claim"], of["data-engine"])
    opposite = any("counterfactual" in each.classes for each in figure.above())
    world = list(seen.worlds)[opposite]
    if of["data-world"] != world:
        yield f"is of the world {of['data-world']!r}, where that of {world!r} belongs."
        return
    yield from _otherwise(figure)


def _otherwise(figure: Element) -> Iterator[str]:
    """Whether a figure has other words than its evidence."""
    of = figure.attrib
    capture = evidence.kept(of["data-claim"], of["data-engine"]).worlds[of["data-world"]][int(of["data-index"])]
    if "".join(pre.content for pre in figure.all("pre")) != f"# {capture.command}\n{screen.text(capture)}":
        yield "shows something else than its evidence has. Mend what makes it so."


def _whole(tree: Element) -> Iterator[str]:
    """Whatever could hide, move or rewrite what is on a page, and what a browser would have to mend."""
    yield from _to_mend(tree)
    for article in tree.all("article"):
        for element in (article, *article.above(), *article.all()):
            if HIDING & set(element.attrib) - ({"style"} if element.tag in ("td", "th") else set()):
                yield f"{element.told()}\n  may hide what it holds. Take it out."
    styles = [link.attrib["href"] for link in tree.all("link") if "stylesheet" in link.attrib.get("rel", "")]
    scripts = [script.attrib["src"] for script in tree.all("script") if "src" in script.attrib]
    for href in (*styles, *scripts):
        if not (STYLES if href in styles else SCRIPTS).fullmatch(href):
            yield f"{href}\n  is no style or script of this site. Take it out of mkdocs.yml or docs/overrides."
    if len(styles) != 3 or len(scripts) != 3:
        yield f"has the styles {styles} and the scripts {scripts}\n  Three styles and three scripts are this site's."
    for element in tree.all():
        if element.tag in ACTING or "http-equiv" in element.attrib or _acts(element):
            yield f"{element.told()}\n  could lead readers away, or rewrite the page. Take it out of mkdocs.yml or docs/overrides."


def _to_mend(tree: Element) -> Iterator[str]:
    """Ids that stand twice, choices that hold more than text, and code that holds none."""
    ids = [element.attrib["id"] for element in tree.all() if "id" in element.attrib]
    for anchor in sorted({each for each in ids if ids.count(each) > 1}):
        yield f"the id {anchor!r} stands {ids.count(anchor)} times\n  Give each a name of its own."
    for option in tree.all("option"):
        if len(option):
            yield f"{option.told()}\n  holds {option[0].told()}, and may hold nothing but text. Mend what puts it there."
    for code in tree.all("code"):
        if not code.content and not len(code):
            yield f"{code.told()}\n  is empty, and a reader sees a hole. Say what is not there, or mend what took its text apart."


def _acts(element: Element) -> bool:
    """Whether an element runs a script that is neither the theme's nor the switch of languages."""
    if element.tag == "script" and "src" not in element.attrib:
        digest = hashlib.sha256(element.content.encode()).hexdigest()[:16]
        return digest not in INLINE and not element.attrib.get("type", "").endswith("json")
    return any(
        (name.startswith("on") and value != SWITCH) or value.lower().lstrip().startswith("javascript:")
        for name, value in element.attrib.items()
    )


def _not_found(home: Path, language: str, root: Path) -> Iterator[str]:
    """Sentences that no search finds, and pages with claims that the navigation does not have."""
    found = home / "search" / "entries.json"
    if not found.is_file() or not (home / "index.html").is_file():
        yield f"{home}\n  has no search index, or no first page. Build the site: ./nox -s site"
        return
    index = json.loads(found.read_text(encoding="utf-8"))
    entries: dict[str, str] = {}
    for each in index["docs"]:
        place = each["location"].partition("#")[0]
        entries[place] = entries.get(place, "") + " " + plain(html.unescape(re.sub(r"<[^>]+>", "", each["text"])))
    navigation = next(read((home / "index.html").read_text(encoding="utf-8")).all("nav", "md-nav--primary"))
    links = {link.attrib.get("href", "").removeprefix("./").removeprefix(".") for link in navigation.all("a")}
    for sentence in sentences(root=root):
        if sentence.language == language:
            place = path(sentence.file, language, root).parent.as_posix()
            place = "" if place == "." else f"{place}/"
            if text(sentence) not in entries.get(place, ""):
                yield f"{sentence}\n  is not in the search index. Do not leave its page out of the search."
            if place not in links:
                yield f"{sentence}\n  stands on a page that the navigation does not have. Add it to nav in mkdocs.yml."


if __name__ == "__main__":
    found = list(problems(*map(Path, sys.argv[1:])))
    more = [f"and {len(found) - SHOWN} more of this or another kind"] if len(found) > SHOWN else []
    if found:
        sys.exit("the site shows something else than was confirmed:\n\n" + "\n\n".join([*found[:SHOWN], *more]))
