"""What a page is about, for search engines and for whoever is sent a link to it, in the words of its own answer."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from verify.publishing.tree import Element, read
from verify.publishing.words import WORDS

LONGEST = 160
"""How many characters of a description are commonly shown."""
SENTENCE = re.compile(r".+?(?:。|[.!?](?=\s|$)|$)")
OF_QUESTIONS = '<h1 id="troubleshooting">'
"""How the page begins whose sections each answer what somebody asked."""
SEEN = re.compile(r'<span class="claim__date">[^<]*?(\d{4}-\d\d-\d\d)')


def description(content: str, title: str, language: str) -> str:
    """The first sentences of a page's answer, or of the page; of an answer that is a table, what its rows are about."""
    if '<ul class="where">' in content:  # the page of a claim, whose title says all
        return _short(title)
    article = read(content)
    answer = next(article.all("div", "answer"), article)
    if len(answer) and answer[0].tag == "table":
        rows = filter(None, (_text(next(row.all("td"), None)) for row in answer[0].all("tr")))
        return _short(f"{title}: {WORDS[language]['comma'].join(rows)}")
    first, *more = SENTENCE.findall(_text(next(answer.all("p"), None)) or title)
    for sentence in more:
        if len(first + sentence) > LONGEST:
            break
        first += sentence
    return _short(first)


def linked(content: str, title: str, site: str, language: str, url: str | None) -> dict[str, Any]:
    """The page as a TechArticle of schema.org, as JSON-LD; its day is the last on which one of its claims was seen to hold.

    One that answers what people ask is a FAQPage as well.
    """
    article: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "TechArticle",
        "headline": title,
        "description": description(content, title, language),
        "inLanguage": language,
        "isPartOf": {"@type": "WebSite", "name": site},
    }
    if answered := list(_answered(read(content))) if OF_QUESTIONS in content else []:
        article |= {"@type": ["TechArticle", "FAQPage"], "mainEntity": answered}
    found = {"dateModified": max(SEEN.findall(content), default=""), "url": url or ""}
    return article | {name: value for name, value in found.items() if value}


def _answered(article: Element) -> Iterator[dict[str, Any]]:
    """Each section as a question with its answer, which is what the section says in words of its own and in those of others."""
    for heading in article.all("h2"):
        said = takewhile(lambda each: each.tag != "h2", heading.itersiblings())
        texts = [_text(each) for part in said for each in part.iter("p") if "cited__source" not in each.classes]
        name = _text(heading).removesuffix("¶")
        yield {"@type": "Question", "name": name, "acceptedAnswer": {"@type": "Answer", "text": " ".join(texts)}}


def _text(element: Element | None) -> str:
    """What stands in an element, without the marks that lead to what it rests on."""
    return "" if element is None else " ".join(element.content.replace("†", "").split())


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",、 ") + " …"
