"""A page's HTML as a tree, read by libxml2, as far as what is checked of it needs one."""

from collections.abc import Iterator

from lxml import etree


class Element(etree.ElementBase):  # type: ignore[misc] # which says nothing of its types
    """An element, with what is in it."""

    @property
    def classes(self) -> list[str]:
        return str(self.get("class", "")).split()

    @property
    def content(self) -> str:
        """All text in it, as it stands."""
        return "".join(self.itertext())

    @property
    def own(self) -> str:
        """The text that stands in it beside its elements."""
        return "".join([self.text or "", *(each.tail or "" for each in self)])

    def all(self, tag: str = "*", kind: str = "") -> "Iterator[Element]":
        """The elements anywhere in it that have this tag and this class, in the order of the page."""
        for element in self.iterdescendants(tag):
            if not kind or kind in element.classes:
                yield element

    def above(self) -> "Iterator[Element]":
        """The elements that it is in, from the inside out."""
        yield from self.iterancestors()

    def told(self) -> str:
        """Its opening tag."""
        return f"<{self.tag}{''.join(f' {name}={value!r}' for name, value in self.attrib.items())}>"


PARSER = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=Element))


def read(content: str) -> Element:
    """The tree of a page's content."""
    tree: Element = etree.fromstring(content.encode(), PARSER)
    return tree
