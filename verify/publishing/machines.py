"""What is published for programs: each claim as JSON, a feed of what was seen, and a plain text of each page."""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, InclusionLevel

from verify import ROOT
from verify.judging import claim, sentences
from verify.judging.evidence import Evidence
from verify.lab import engines
from verify.publishing.claim_page import FOLDER, states
from verify.publishing.published import folder, path, text
from verify.publishing.render import render
from verify.publishing.shown import day, recorded, shown, title
from verify.publishing.tree import Element, read

SCHEMA = Path(__file__).with_name("claim.schema.json")
BOX = re.compile(r"^</?div[^>]*>\n*", re.MULTILINE)
BLOCKS = ("pre", "p", "h3", "li", "tr", "summary", "figcaption")
"""What a macro's HTML is made of, as far as it has words."""


def documents() -> dict[str, str]:
    """Every claim as JSON, a list of them, and their schema, by the address below the site's root."""
    claims = {name: _document(name) for name in claim.declared()}
    listed = {"claims": [{key: each[key] for key in ("claim", "sentence", "pages")} for each in claims.values()]}
    return {
        **{f"{FOLDER}/{name}.json": _json(each) for name, each in claims.items()},
        f"{FOLDER}/index.json": _json(listed),
        f"{FOLDER}/schema.json": SCHEMA.read_text(encoding="utf-8"),
    }


def feed(language: str, name: str) -> str:
    """An Atom feed with an entry for each day on which something was seen that had not been seen so before.

    Recording what has not changed leaves evidence as it was, with its day: so a day's evidence is what was new then.
    """
    seen = sorted((each for of in claim.declared() for each in recorded(of)), key=day, reverse=True)
    days = [{"day": when, "claims": list(_of_day(several, language))} for when, several in groupby(seen, key=day)]
    entries = [each | {"id": _id(f"{language}/{each['day']}")} for each in days]
    return str(render("feed", language=language, title=name, id=_id(language), entries=entries))


def contents(config: MkDocsConfig, files: Files, shared: str) -> str:
    """What there is on the site in a language, for language models (see llmstxt.org); `shared` is the way to what all have."""
    pages = [
        file.page
        for file in files.documentation_pages()
        if file.page and file.inclusion is not InclusionLevel.NOT_IN_NAV
    ]
    listed = [f"- [{page.title}]({page.url}index.md)" for page in pages if page]
    head = f"# {config.site_name}\n\n> {config.site_description}\n"
    return "\n".join([head, *listed, f"- [JSON]({shared}{FOLDER}/index.json)", ""])


def plain(shown: str) -> str:
    """What a macro brings onto a page, as text: words, and output in blocks of code."""
    found = read(f"<div>{shown}</div>").iter(*BLOCKS)
    return "\n\n".join(filter(None, map(_block, found)))


def without_boxes(markdown: str) -> str:
    """A page's text as it was written, without the boxes around it."""
    return BOX.sub("", markdown).strip() + "\n"


def _block(element: Element) -> str:
    words = " ".join(element.content.split())
    match element.tag:
        case "pre":
            return f"```console\n{element.content.rstrip()}\n```"
        case "li":
            return f"- {' '.join(' '.join(each.split()) for each in element.itertext())}"
        case "tr":
            return f"| {' | '.join(' '.join(cell.content.split()) for cell in element)} |"
        case "h3":
            return f"### {words.removesuffix('¶').strip()}"
    return words


def _document(name: str) -> dict[str, Any]:
    declared, of = claim.declared()[name], states(name)
    said = _said(name)
    holds, fails = map(str, declared.worlds)
    return {
        "$schema": "schema.json",
        "claim": name,
        "sentence": {language: text(each) for language, each in said.items()},
        "pages": {language: f"{_root(language)}{FOLDER}/{name}/" for language in said},
        "stands": {language: f"{_place(each)}#claim-{name}" for language, each in said.items()},
        "worlds": {"holds": holds, "fails": fails},
        "function": {"file": declared.file, "digest": shown(name).provenance["claim"]["function"]},
        "steps": [{"on": capture.on, "command": capture.command} for capture in shown(name).holds],
        "engines": [_engine(each, of[each.engine]) for each in recorded(name)],
    }


def _engine(seen: Evidence, state: str) -> dict[str, str]:
    return {
        "engine": seen.engine,
        "kind": engines.load()[seen.engine].kind,
        "version": seen.provenance["engine"],
        "verdict": "holds",
        "output": state,
        "seen": day(seen),
        "evidence": f"evidence/{seen.engine}/{seen.claim}.json",
        "sha256": seen.digest,
    }


def _of_day(seen: Iterator[Evidence], language: str) -> Iterator[dict[str, str]]:
    by_claim = groupby(sorted(seen, key=lambda each: each.claim), key=lambda each: each.claim)
    for name, several in by_claim:
        of = ", ".join(title(each) for each in several)
        yield {"url": f"{FOLDER}/{name}/", "sentence": text(_said(name)[language]), "engines": of}


def _id(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"docker-host-network-reference/{name}").urn


def _said(name: str) -> dict[str, sentences.Sentence]:
    return {each.language: each for each in sentences.sentences(name)}


def _root(language: str) -> str:
    return f"{folder(language)}/" if folder(language) else ""


def _place(of: sentences.Sentence) -> str:
    there = path(of.file, of.language, ROOT).parent.as_posix()
    return _root(of.language) + ("" if there == "." else f"{there}/")


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
