"""A page's HTML as a tree, as far as what is checked of it needs one."""

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
"""Elements that nothing closes."""


class Element:
    """An element, with what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None"):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def elements(self) -> "list[Element]":
        """The elements just below this one."""
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def text(self) -> str:
        """All text in it, as it stands."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str = "", kind: str = "") -> "Iterator[Element]":
        """The elements anywhere in it that have this tag and this class, in the order of the page."""
        left = self.elements[::-1]
        while left:
            element = left.pop()
            if tag in ("", element.tag) and (not kind or kind in element.classes):
                yield element
            left += element.elements[::-1]

    def above(self) -> "Iterator[Element]":
        """The elements that it is in, from the inside out."""
        element = self.parent
        while element:
            yield element
            element = element.parent

    def __str__(self) -> str:
        return f"<{self.tag}{''.join(f' {name}={value!r}' for name, value in self.attributes.items())}>"


class Document(HTMLParser):
    """Reads a page; `root` is above its outermost elements."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self._at = Element("", {}, None)

    @classmethod
    def of(cls, content: str) -> Element:
        """The tree of a page's content."""
        read = cls()
        read.feed(content)
        read.close()
        return read.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(element)
        if tag not in VOID:
            self._at = element

    def handle_endtag(self, tag: str) -> None:
        for element in (self._at, *self._at.above()):
            if element.tag == tag and element.parent:
                self._at = element.parent
                break

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._at.children.append(Element(tag, {name: value or "" for name, value in attrs}, self._at))

    def handle_data(self, data: str) -> None:
        self._at.children.append(data)
