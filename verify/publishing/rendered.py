"""What a page has come to, once Jinja and Markdown have had their say: it shows what its source says, and no more.

A source can say one thing in many ways, and take it back in a comment or under a condition. Here none of that matters.
"""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path

from verify import ROOT
from verify.publishing import pages

TYPED = ("sh", "python", "yaml", "toml", "json", "markdown", "diff")
"""Languages of code that may be typed into a page. Output is none of them: it is embedded."""
SEALED = re.compile(r"(claim__|verdict|capture|terminal|compare|counterfactual|screenshot)")
"""How classes begin that tell a reader of something seen, and that only macros give."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
"""Where a message may be quoted whole, since readers look for what they saw."""
WITHIN = ("code", "a")
"""What a heading may hold; with anything else it is over, closed or not."""
FOREIGN = ("script", "style", "iframe", "object", "embed")
"""Elements with which a page could hide or forge what macros put on it."""


def problems(content: str, page: Path, output: Mapping[str, str], root: Path = ROOT) -> Iterator[str]:
    """What is wrong with a page's HTML, captures not yet put into it: where, what, and what to do.

    `output` has lines that commands printed, and the claim that saw each.
    """
    read, source = _Reader(content), page.read_text(encoding="utf-8").splitlines()

    def at(text: str) -> str:
        """The page, and the line of its source that the first line of `text` came from, where it stands there as it is."""
        first = text.strip().partition("\n")[0]
        number = next((number for number, line in enumerate(source, 1) if first and first in line), None)
        return f"{page.relative_to(root)}{f':{number}' if number else ''}"

    for language, text in read.blocks:
        if language not in TYPED:
            yield (
                f"{at(text)}: a block of {language or 'no language'}\n  output is not typed into a page. Embed it: "
                f'<{{ capture("CLAIM") }}>. What a reader is to type goes into a block of {" or ".join(TYPED)}.'
            )
    for line in read.lines:
        if claim := output.get(line):
            yield f"{at(line)}: {line}\n  is output of claim {claim!r}. Embed it instead."
    for tag in read.forged:
        yield f"{at(tag)}: {tag}\n  only macros put this on a page. Take it out."
    for written, shown in zip_longest(map(str, pages.uses_on(page, root)), read.uses):
        if written != shown:
            yield (
                f"{page.relative_to(root)}\n  shows {shown or 'nothing'} where its source has {written or 'nothing'}. "
                'Write macros as in <{ capture("CLAIM") }>, with nothing around them that takes them back.'
            )
            break


class _Reader(HTMLParser):
    """Takes from a page's HTML what matters here."""

    def __init__(self, content: str):
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        """The language and the text of each `<pre>`."""
        self.lines: list[str] = []
        """The lines of all text but headings."""
        self.uses: list[str] = []
        """What macros have put there, as their source would be written."""
        self.forged: list[str] = []
        """Tags that only macros may write."""
        self._language, self._block, self._unproved = "", "", ""
        self._inside = self._heading = False
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        if "highlight" in classes:
            self._language = next(
                (name.removeprefix("language-") for name in classes if name.startswith("language-")), ""
            )
        if tag == "pre":
            self._inside, self._block = True, ""
        self._heading = tag in HEADINGS or (self._heading and tag in WITHIN)
        if put := attributes.get("data-put"):
            self._placeholder(put, attributes)
        elif claim := attributes.get("data-claim"):
            self._unproved = claim
            self.uses.append(pages.written("claim", claim))
        elif tag in FOREIGN or "claim" in classes or any(map(SEALED.match, classes)):
            self.forged.append(self.get_starttag_text() or tag)

    def handle_endtag(self, tag: str) -> None:
        self._heading = self._heading and tag not in HEADINGS
        if tag == "pre" and self._inside:
            self.blocks.append((self._language, self._block))
            self.lines += [line.strip() for line in self._block.splitlines()]
            self._inside, self._language = False, ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._block += data
        elif not self._heading:
            self.lines += [line.strip() for line in data.splitlines()]

    def _placeholder(self, put: str, attributes: dict[str, str]) -> None:
        """A place that will be filled: a proof in the box of its claim, which has one, or what was seen."""
        claim, only = attributes.get("data-of", ""), attributes.get("data-only", "")
        if put != "proof":
            self.uses.append(pages.written(put, claim, only))
        elif claim == self._unproved:
            self._unproved = ""
        else:
            self.forged.append(self.get_starttag_text() or put)
