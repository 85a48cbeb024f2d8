"""The pages as they are written: which sentence claims what, and where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
LANGUAGES = ("ja", "en")
CLAIM = re.compile(r'<%\s*call\s+claim\(\s*"(?P<claim>[^"]*)"\s*\)\s*%>(?P<text>.*?)<%\s*endcall\s*%>', re.DOTALL)
USE = re.compile(r'<\{\s*(?P<macro>\w+)\(\s*"(?P<name>[^"]*)"(?:\s*,\s*"(?P<only>[^"]*)")?\s*\)')
MACROS = ("capture", "counterfactual", "screenshot", "compare", "messages")
RAW = re.compile(r"<%\s*raw\s*%>.*?<%\s*endraw\s*%>", re.DOTALL)


@dataclass(frozen=True)
class Sentence:
    """A claim's sentence in one language."""

    claim: str
    language: str
    file: Path
    line: int
    text: str

    @property
    def where(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    def __str__(self) -> str:
        return f"{self.where}: {' '.join(self.text.split())}"


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


def all_pages(language: str, root: Path = ROOT) -> list[Path]:
    """The pages of a language."""
    return sorted((root / "docs" / language).rglob("*.md"))


def every(root: Path = ROOT) -> list[Path]:
    """The pages of all languages."""
    return [page for language in LANGUAGES for page in all_pages(language, root)]


def source(page: Path) -> str:
    """A page's text, with what stands in it as an example blanked out, line for line."""
    return RAW.sub(lambda example: re.sub(r"[^\n]", " ", example[0]), page.read_text(encoding="utf-8"))


def sentences(claim: str | None = None, root: Path = ROOT) -> list[Sentence]:
    """The sentences of a claim, or of all, in every language."""
    return [sentence for sentence in all_sentences(root) if claim in (None, sentence.claim)]


@cache
def all_sentences(root: Path) -> tuple[Sentence, ...]:
    """The sentences of all claims; read once, since a run asks for them with every outcome."""
    return tuple(_sentences(root))


def _sentences(root: Path) -> Iterator[Sentence]:
    for language in LANGUAGES:
        for page in all_pages(language, root):
            text = source(page)
            for found in CLAIM.finditer(text):
                yield Sentence(found["claim"], language, page, line_of(text, found.start()), found["text"].strip())


def uses(root: Path = ROOT) -> Iterator[Use]:
    """Where pages show what was seen, in every language."""
    for page in every(root):
        yield from uses_on(page, root)


def uses_on(page: Path, root: Path = ROOT) -> Iterator[Use]:
    """Where one page shows what was seen, in the order in which it does."""
    text = source(page)
    found = [(m.start(), m["macro"], m["name"], m["only"] or "") for m in USE.finditer(text) if m["macro"] in MACROS]
    found += [(m.start(), "claim", m["claim"], "") for m in CLAIM.finditer(text)]
    for position, macro, name, only in sorted(found):
        yield Use(page.relative_to(root), line_of(text, position), macro, name, only, text)


def written(macro: str, name: str, only: str = "") -> str:
    """A macro's call as it is written on a page."""
    return f'{macro}("{name}", "{only}")' if only else f'{macro}("{name}")'


def line_of(text: str, position: int) -> int:
    """The number of the line at a position in a text, from 1."""
    return text.count("\n", 0, position) + 1
