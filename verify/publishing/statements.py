"""What each block of a page rests on: claims that were run, sources, or nothing, since it says nothing of behaviour.

A block is a paragraph, an item of a list, a row of a table, a heading, a block of code or a citation. It names what it rests
on by `see`, by a link to a claim, or by a link to a heading under which claims or citations stand. Headings and blocks of
code, which can hold no reference, rest on what stands under their heading or, if nothing does, on what is named or shown there.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path, PurePosixPath
from posixpath import normpath

from mkdocs.utils.yaml import yaml_load

from verify import ROOT
from verify.judging import claim
from verify.judging.digests import digest
from verify.judging.evidence import FOLDER
from verify.judging.sentences import CLAIM, LANGUAGES, all_pages, line_of, source
from verify.publishing import diagrams, pages
from verify.publishing.shown import recorded

PROJECTS = "contributing"
"""The folder of pages on the work at this project. They say nothing of how engines behave, and need no basis."""
TABLES = (
    *("assertions", "engines", "looked", "masks", "mutants", "over_router", "pieces", "provenance", "replays"),
    *("served_image", "shares", "starts", "to_loopback"),
)
"""Macros that say what data say, and nothing that a page gives them."""
SHOWN = "|".join((*pages.MACROS, *TABLES))
USE = re.compile(rf'<\{{ (?:{SHOWN})\((?:"(?P<name>[^"]*)"(?:, "[^"]*")?)?\) \}}>')
"""A line that shows what was seen or counted, and says nothing itself."""
SILENT = re.compile(r'<div class="answer" markdown>|</div>|\|[-:| ]+\|')
"""Lines that only give shape."""
WHOLE = re.compile(
    rf"(?P<code>^[ \t]*(?P<fence>`{{3,}}|~{{3,}})[^\n]*\n.*?^[ \t]*(?P=fence)[^\n]*)|{CLAIM.pattern}"
    rf"|(?P<citation>{pages.CITATION.pattern})",
    re.MULTILINE | re.DOTALL,
)
BEGINNING = re.compile(r"(?P<heading>#{1,6} .*)|(?P<row>\|.*)|[ \t]*(?P<item>(?:[-*+]|\d+[.)]) .*)")
LINK = re.compile(r"\]\((?P<page>[\w./-]+\.md)?#(?P<anchor>[\w-]+)\)")
NAMED = re.compile(r'<\{ (?:see|since|before|until|ran|outcome)\("(?P<name>[^"]*)"')
FIGURE = re.compile(r'<\{ (?:measured|benched)\("')
MEASUREMENT = "measurement"
UNDER = "what-is-named-under-it"
HOLDING_NONE = ("heading", "code")
"""Kinds of blocks that can hold no reference."""
BY_THEMSELVES = ("citation", "shown", "words")
"""Kinds of blocks that need no reference: they cite, show what was seen, or are what macros and the theme put around that."""
SAID = ("site_name", "site_description", "copyright")
"""What mkdocs.yml says to readers, beside what it has for each language."""
SHAPING = (
    *("README.md", "CONTRIBUTING.md", "docs/memo/*", "docs/overrides/**/*", "verify/publishing/templates/*"),
    *("docs/assets/*.css", "docs/assets/*.svg", "docs/assets/javascripts/*", "verify/publishing/*.json", "mkdocs*.yml"),
    *("nox", "noxfile.py", "pyproject.toml", "verify/pytest.ini", ".ci/run", ".ci/engines", ".github/**/*"),
)
"""What no check reads to its meaning, though it could make a page say anything, or nothing be checked: a person has to."""


@dataclass(frozen=True)
class Block:
    """A block of a page in one language."""

    file: Path
    """From the project's root."""
    line: int
    place: str
    """The page, from the folder of its language, and the heading: `howto.md#low-port`."""
    kind: str
    """One of: heading, row, item, text, code, citation, shown, words."""
    text: str

    def __str__(self) -> str:
        words = " ".join(self.text.split())
        return f"{self.file}:{self.line}: {words if len(words) < 160 else f'{words[:150]} …'}"

    def covers(self, line: int) -> bool:
        """Whether it stands on a line of its file."""
        return self.line <= line <= self.line + self.text.count("\n")


@dataclass(frozen=True)
class Statement:
    """A block in all languages, and the names of what it rests on."""

    blocks: tuple[Block, ...]
    entry: tuple[str, ...]
    """What the register keeps of it: a digest per language, and what it rests on."""

    @property
    def rests(self) -> tuple[str, ...]:
        """Claims by name, headings with citations by place, `MEASUREMENT`, or `UNDER`."""
        return self.entry[len(LANGUAGES) :]

    @property
    def kind(self) -> str:
        return self.blocks[0].kind


@cache
def statements(root: Path = ROOT) -> dict[str, list[Statement]]:
    """The statements of all pages that speak of behaviour by the place where they stand, in their order.

    A place in which languages do not have the same blocks is left out: `problems` tells of it.
    """
    by_place = _by_place(root)
    return {
        place: [_statement(together, root) for together in zip(*found.values(), strict=True)]
        for place, found in by_place.items()
        if len(found) == len(LANGUAGES) and len({tuple(b.kind for b in blocks) for blocks in found.values()}) == 1
    }


def places(root: Path = ROOT) -> set[str]:
    """Where there are blocks, in whatever language."""
    return set(_by_place(root))


def problems(root: Path = ROOT) -> Iterator[str]:
    """Blocks that stand in one language only, that name different things there, or what is unknown."""
    for place, found in _by_place(root).items():
        if "#" in place and len(found) < len(LANGUAGES):
            continue  # a heading that one language lacks, of which it was said already
        for together in zip_longest(*(found.get(language, []) for language in LANGUAGES)):
            if len({block.kind if block else "nothing" for block in together}) > 1:
                here = next(filter(None, together))
                others = [str(block or f"nothing more under {place}") for block in together if block is not here]
                yield (
                    f"{here}\n  is a {here.kind}, in whose place the other language has: {', '.join(others)}\n"
                    "  Give every language the same paragraphs, items and rows, in the same order."
                )
                break
    for block in (block for found in _by_place(root).values() for blocks in found.values() for block in blocks):
        yield from _misnaming(block, root)
    for several in statements(root).values():
        for statement in several:
            first, second = (bases(block, root) for block in statement.blocks)
            if first != second and statement.kind not in HOLDING_NONE:
                yield (
                    f"{statement.blocks[1]}\n  names {', '.join(sorted(second)) or 'nothing'}, and names "
                    f"{', '.join(sorted(first)) or 'nothing'} here: {statement.blocks[0]}\n  Name the same in every language."
                )


def _misnaming(block: Block, root: Path) -> Iterator[str]:
    named = set() if block.kind == "words" else set(NAMED.findall(block.text))
    for name in sorted(named - claim.declared().keys() - _standing(root).keys()):
        yield f"{block}\n  there is no claim {name!r}, and no heading under which claims or citations stand. Mend the name."
    if unnamed := sorted(diagrams.rests(block.text) - bases(block, root)):
        yield f"{block}\n  shows what is drawn from {', '.join(unnamed)}, and does not name it. Name it by `see`."


def shares(root: Path = ROOT) -> dict[str, int]:
    """How many statements there are by what they rest on: `run`, `cited`, `resting`, and `nothing` that is said of behaviour."""
    found = [each for several in statements(root).values() for each in several if each.kind not in ("shown", "words")]
    cited = sum(statement.kind == "citation" for statement in found)
    resting = sum(bool(statement.rests) for statement in found)
    return {"run": len(claim.declared()), "cited": cited, "resting": resting, "nothing": len(found) - cited - resting}


def _statement(together: tuple[Block, ...], root: Path) -> Statement:
    first = together[0]
    named: set[str] = set()
    if first.kind in HOLDING_NONE:
        named = set(_standing(root).get(first.place, frozenset()))
        if not named and any(block.kind == "shown" or bases(block, root) for block in _blocks_at(first.place, root)):
            named = {UNDER}
    elif first.kind not in BY_THEMSELVES:
        named = set().union(*(bases(block, root) for block in together))
    return Statement(together, (*(_digest(block) for block in together), *sorted(named)))


def bases(block: Block, root: Path = ROOT) -> set[str]:
    """What a block itself names as that on which it rests."""
    if block.kind in (*BY_THEMSELVES, *HOLDING_NONE):
        return set()
    named = set[str]()
    for name in NAMED.findall(block.text):
        named |= _standing(root).get(name, {name} & claim.declared().keys())
    if FIGURE.search(block.text):
        named.add(MEASUREMENT)
    here = PurePosixPath(block.place.partition("#")[0])
    for link in LINK.finditer(block.text):
        name = link["anchor"].removeprefix("claim-")
        if name != link["anchor"]:
            named |= {name} & claim.declared().keys()
        else:
            page = normpath(here.parent / link["page"]) if link["page"] else str(here)
            named |= _standing(root).get(f"{page}#{link['anchor']}", frozenset())
    return named


def _digest(block: Block) -> str:
    """A digest of a block's words, whatever its line breaks."""
    return digest(" ".join(block.text.split()))


def _blocks_at(place: str, root: Path) -> list[Block]:
    return [block for blocks in _by_place(root).get(place, {}).values() for block in blocks]


@cache
def _standing(root: Path) -> dict[str, frozenset[str]]:
    """By place, what a link to it leads to: the claims that stand there, and the place itself if a citation does."""
    found: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for page in all_pages(language, root):
            for place, _, kind, text in _pieces(page, root / "docs" / language):
                if kind in ("claim", "citation"):
                    found.setdefault(place, set()).add(text if kind == "claim" else place)
    return {place: frozenset(names) for place, names in found.items()}


@cache
def _by_place(root: Path) -> dict[str, dict[str, list[Block]]]:
    """All blocks by place and language."""
    found: dict[str, dict[str, list[Block]]] = {}
    shared = [*_shaping(root), *(_builds() if root == ROOT else ())]
    for language in LANGUAGES:
        for block in (*_written(language, root), *_words(language, root), *shared):
            found.setdefault(block.place, {}).setdefault(language, []).append(block)
    return found


def _written(language: str, root: Path) -> Iterator[Block]:
    """What pages that speak of behaviour say besides claims; of the others, each as a whole."""
    folder = root / "docs" / language
    for page in all_pages(language, root):
        file, own = page.relative_to(root), page.relative_to(folder)
        if own.parts[0] == PROJECTS:
            yield Block(file, 1, f"words#{own}", "words", page.read_text(encoding="utf-8"))
            continue
        for place, line, kind, text in _pieces(page, folder):
            if kind != "claim":
                yield Block(file, line, place, kind, text)


def _words(language: str, root: Path) -> Iterator[Block]:
    """What is said on no page of its own: the words of macros, a table of their file each, and what mkdocs.yml says."""
    file = root / "verify" / "publishing" / "words" / f"{language}.toml"
    text = file.read_text(encoding="utf-8")
    for name, words in tomllib.loads(text).items():
        line = line_of(text, max(text.find(f"\n[{name}"), text.find(f"\n{name} ")) + 1)
        yield Block(file.relative_to(root), line, f"words#{name}", "words", json.dumps(words, ensure_ascii=False))
    file = root / ("mkdocs.yml" if language == LANGUAGES[0] else f"mkdocs.{language}.yml")
    with file.open(encoding="utf-8") as stream:
        config = yaml_load(stream)
    said = {name: config.get(name) for name in SAID} | config["extra"]["languages"][language]
    yield Block(file.relative_to(root), 1, "words#mkdocs.yml", "words", json.dumps(said, ensure_ascii=False))


def _shaping(root: Path) -> Iterator[Block]:
    """Files that all languages share, each as a whole."""
    for file in sorted(file for pattern in SHAPING for file in root.glob(pattern) if file.is_file()):
        whole = file.read_bytes().decode(errors="backslashreplace")
        yield Block(file.relative_to(root), 1, f"words#{file.relative_to(root)}", "words", whole)


def _builds() -> Iterator[Block]:
    """Of each engine, which builds evidence says that it was seen on: no replay can tell whether they ran."""
    found: dict[str, set[str]] = {}
    for seen in (each for name in claim.declared() for each in recorded(name)):
        built = {what: value for what, value in seen.provenance.items() if what not in ("images", "claim")}
        found.setdefault(seen.engine, set()).add(json.dumps(built, sort_keys=True))
    for engine, builds in found.items():
        folder = (FOLDER / engine).relative_to(ROOT)
        yield Block(folder, 1, f"words#{engine}", "words", "\n".join(sorted(builds)))


@cache
def _pieces(page: Path, folder: Path) -> tuple[tuple[str, int, str, str], ...]:
    """What a page consists of: the place, the line, the kind, and the text; of a claim, its name."""
    return tuple(_read(page, folder))


def _read(page: Path, folder: Path) -> Iterator[tuple[str, int, str, str]]:
    text, place = page.read_text(encoding="utf-8"), str(page.relative_to(folder))
    whole = list(WHOLE.finditer(text))
    gaps = pairwise([0, *(edge for found in whole for edge in found.span()), len(text)])
    for number, (start, end) in enumerate(gaps):
        if number % 2:
            found = whole[number // 2]
            kind = next(kind for kind in ("code", "claim", "citation") if found[kind])
            yield place, line_of(text, start), kind, found["claim"] or found[0]
            continue
        for line, kind, block in _split(text[start:end], line_of(text, start)):
            if kind == "heading":
                anchor = pages.ANCHOR.search(block)
                place = f"{page.relative_to(folder)}#{anchor['id'] if anchor else ''}"
            yield place, line, kind, block


def _split(text: str, first: int) -> Iterator[tuple[int, str, str]]:
    """The blocks of a text in which neither code, claims nor citations stand: the line, the kind and the text of each."""
    kind, begun, lines = "text", first, list[str]()
    for number, line in enumerate([*text.split("\n"), ""], first):
        beginning, shown = BEGINNING.match(line), USE.fullmatch(line.strip())
        silent = shown or not line.strip() or SILENT.fullmatch(line.strip())
        if lines and (silent or beginning or kind in ("heading", "row")):
            yield begun, kind, "\n".join(lines)
            lines = []
        if shown:
            yield number, "shown", line
        elif not silent:
            if not lines:
                kind, begun = (beginning.lastgroup or "text") if beginning else "text", number
            lines.append(line)


CACHES = (statements, _standing, _by_place, _pieces, pages.uses_on, pages.headings, source)
