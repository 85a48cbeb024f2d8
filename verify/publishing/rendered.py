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
from verify.publishing.written import HOSTS, plain
from verify.publishing.written import TYPED as TO_TYPE

TYPED = (*TO_TYPE, "python")
"""Languages of blocks of code: what may be typed, and what the macro `source` gives."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
"""Where a message may be quoted whole, since readers look for what they saw."""
WITHIN = ("code", "a")
"""What a heading may hold; with anything else it is over, closed or not."""
VOID = ("img", "hr")
"""Elements that nothing closes."""
MADE: dict[str, dict[str, str]] = {
    **{tag: {} for tag in ("code", "em", "hr", "li", "ol", "pre", "strong", "table", "tbody", "thead", "tr", "ul")},
    **{tag: {"id": r"(?!claim-)[a-z0-9][a-z0-9-]*"} for tag in HEADINGS},
    **{tag: {"style": r"text-align: (?:left|center|right);"} for tag in ("td", "th")},
    "a": {
        "class": "headerlink|see",
        "href": rf"https://(?:{'|'.join(map(re.escape, HOSTS))})/.*|(?!\w+:|//).*",
        "title": ".*",
    },
    "div": {"class": r"answer|cited|language-\w+ highlight"},
    "img": {"alt": ".+", "class": "diagram", "src": r"(?:\.\./)*assets/[\w.-]+\.svg"},
    "p": {"class": "cited__source"},
    "span": {"class": r"\w{1,2}(?: [\w-]+)*"},
}
"""The elements that pages come to, with their attributes and, as patterns, what these may be: what Markdown makes of
paragraphs, lists, tables, headings, links, code and pictures, and three boxes. None can hide, move, restyle or act."""


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
        if claim := output.get(plain(line)):
            yield f"{at(line)}: {line}\n  is output of claim {claim!r}. Embed it instead."
    for tag, why in read.refused:
        yield f"{at(tag)}: {tag}\n  {why}"
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
        self.refused: list[tuple[str, str]] = []
        """What a page may not have, and what to do about it."""
        self._open: list[str] = []
        self._adrift = False
        """Whether something was left open, of which all that follows would complain."""
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
            self._alone({"class": "claim", "id": f"claim-{claim}", "data-claim": claim} == attributes, [])
        elif tag not in MADE or (tag == "span" and not self._inside):
            self._refuse("is not for pages, or only for macros. Take it out.")
        else:
            self._attributes(tag, attributes)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass
        self._heading = self._heading and tag not in HEADINGS
        if tag == "pre" and self._inside:
            self.blocks.append((self._language, self._block))
            self.lines += [line.strip() for line in self._block.splitlines()]
            self._inside, self._language = False, ""

    def handle_comment(self, data: str) -> None:
        self.refused.append((f"<!--{data}-->", "hides what it holds. Take it out."))

    def handle_decl(self, decl: str) -> None:
        self.refused.append((f"<!{decl}>", "is not for pages. Take it out."))

    def handle_pi(self, data: str) -> None:
        self.refused.append((f"<?{data}>", "is not for pages. Take it out."))

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
            self._alone(set(attributes) == {"data-put", "data-of", "data-only"}, [])
        else:
            self._alone(claim == self._unproved, ["div"])
            self._unproved = ""

    def _alone(self, as_made: bool, inside: list[str]) -> None:
        """Refuses what is not as macros make it, or stands in something else than in such elements."""
        if not as_made:
            self._refuse("only macros put this on a page. Take it out.")
        elif self._open != inside:
            where = "> <".join(self._open)
            self._refuse(f"stands within <{where}>. Put the call of its macro outside, where nothing hides it.")
            self._adrift = True

    def _attributes(self, tag: str, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            allowed = MADE[tag].get(name)
            if allowed is None or not re.fullmatch(allowed, value, re.DOTALL):
                self._refuse(f'the attribute {name}="{value}" is not for pages, or only for macros. Take it out.')

    def _refuse(self, why: str) -> None:
        if not self._adrift:
            self.refused.append((self.get_starttag_text() or "", why))
