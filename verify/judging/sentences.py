"""Where the sentence of each claim stands on the pages, in every language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from verify import ROOT

LANGUAGES = ("ja", "en")
CLAIM = re.compile(r'<%\s*call\s+claim\(\s*"(?P<claim>[^"]*)"\s*\)\s*%>(?P<text>.*?)<%\s*endcall\s*%>', re.DOTALL)
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
    def page(self) -> str:
        """The page that it stands on, from the folder of its language."""
        return self.file.relative_to(ROOT / "docs" / self.language).as_posix()

    @property
    def where(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    def __str__(self) -> str:
        return f"{self.where}: {' '.join(self.text.split())}"


def all_pages(language: str, root: Path = ROOT) -> list[Path]:
    """The pages of a language."""
    return sorted((root / "docs" / language).rglob("*.md"))


@cache
def source(page: Path) -> str:
    """A page's text, with what stands in it as an example blanked out, line for line."""
    return RAW.sub(lambda example: re.sub(r"[^\n]", " ", example[0]), page.read_text(encoding="utf-8"))


def sentences(claim: str | None = None, root: Path = ROOT) -> list[Sentence]:
    """The sentences of a claim, or of all, in every language."""
    return [sentence for sentence in all_sentences(root) if claim in (None, sentence.claim)]


def sentence(claim: str, language: str) -> Sentence:
    """The sentence of a claim in a language."""
    return next(each for each in sentences(claim) if each.language == language)


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


def line_of(text: str, position: int) -> int:
    """The number of the line at a position in a text, from 1."""
    return text.count("\n", 0, position) + 1
