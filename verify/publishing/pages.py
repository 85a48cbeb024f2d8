"""The pages as they are written: what each shows, and where."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from verify import ROOT
from verify.judging.sentences import CLAIM, LANGUAGES, Sentence, all_pages, line_of, source

CALL = re.compile(r'<\{ (?P<call>(?P<macro>\w+)\((?:(?:, )?(?:\w+=)?"[^"]*")*\)) \}>')
"""A call of a macro, whatever it says or shows."""
USE = re.compile(r'<\{\s*(?P<macro>\w+)\(\s*"(?P<name>[^"]*)"(?:\s*,\s*"(?P<only>[^"]*)")?\s*\)')
FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^[ \t]*(?P=fence)", re.MULTILINE | re.DOTALL)
ANCHOR = re.compile(r"\{[^}]*#(?P<id>[\w-]+)[^}]*\}\s*$")
"""The id of a heading, at its end."""
HEADING = re.compile(r"^#+ (?P<text>.*?) *(?:\{[^}]*\})?$", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
"""A link, and the words that are one."""
CITATION = re.compile(r'<div class="cited".*?</div>', re.DOTALL)
MACROS = ("capture", "counterfactual", "screenshot", "compare", "messages", "finder", "matrix")
OF_NO_CLAIM = ("messages", "finder", "matrix")
"""Macros that show something of all claims."""


@dataclass(frozen=True)
class Use:
    """A macro that shows what was seen, on a page. As text, it is what one writes."""

    file: Path
    line: int
    macro: str
    """One of `MACROS`, or `claim`."""
    name: str
    only: str
    page: str
    """The page's whole text."""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    def __str__(self) -> str:
        return written(self.macro, self.name, self.only)


def given(call: str) -> tuple[list[str], dict[str, str]]:
    """What a call gives to its macro, by place and by name."""
    read = ast.parse(call, mode="eval").body
    assert isinstance(read, ast.Call)
    return [*map(ast.literal_eval, read.args)], {str(each.arg): ast.literal_eval(each.value) for each in read.keywords}


def every(root: Path = ROOT) -> list[Path]:
    """The pages of all languages."""
    return [page for language in LANGUAGES for page in all_pages(language, root)]


def uses(root: Path = ROOT) -> Iterator[Use]:
    """Where pages show what was seen, in every language."""
    for page in every(root):
        yield from uses_on(page, root)


@cache
def uses_on(page: Path, root: Path = ROOT) -> tuple[Use, ...]:
    """Where one page shows what was seen, in the order in which it does."""
    text = source(page)
    found = [(m.start(), m["macro"], m["name"], m["only"] or "") for m in USE.finditer(text) if m["macro"] in MACROS]
    found += [(m.start(), "claim", m["claim"], "") for m in CLAIM.finditer(text)]
    file = page.relative_to(root)
    return tuple(Use(file, line_of(text, start), macro, name, only, text) for start, macro, name, only in sorted(found))


def heading(sentence: Sentence) -> str:
    """The heading that a claim's sentence stands under."""
    before = "".join(source(sentence.file).splitlines(keepends=True)[: sentence.line])
    return list(HEADING.finditer(before))[-1]["text"]


@cache
def headings(page: Path) -> dict[str, str]:
    """The headings of a page by their ids."""
    found = [(ANCHOR.search(heading[0]), heading["text"]) for heading in HEADING.finditer(source(page))]
    return {anchor["id"]: text for anchor, text in found if anchor}


def written(macro: str, name: str, only: str = "") -> str:
    """A macro's call as it is written on a page."""
    return f'{macro}("{name}", "{only}")' if only else f'{macro}("{name}")'
