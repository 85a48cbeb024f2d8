"""Every claim on every engine: as a table to look through, and as a picture of it."""

import html
from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup

from verify.judging import claim
from verify.judging.sentences import Sentence, sentences
from verify.lab import engines
from verify.publishing import pages
from verify.publishing.claim_page import sentence, states
from verify.publishing.render import render, spelt
from verify.publishing.shown import Place, recorded, title
from verify.publishing.variants import variants
from verify.publishing.words import WORDS, file_of

CELL, ROW, LEFT, TOP = 2, 16, 104, 40
"""Sizes of the picture: the width of a claim, the height of an engine, and where they begin."""


def table(which: str, only: str, place: Place) -> Markup:
    """All claims, by the pages that they stand on, and what came of each on every engine."""
    words = place.words["matrix"]
    topics = [
        {"title": spelt(_title(file)), "rows": [_row(each.claim, place) for each in several]}
        for file, several in groupby(_in_order(place.language), key=lambda each: each.file)
    ]
    return render("matrix", words=place.words, said=words, engines=columns(), topics=topics, root=place.root)


def drawn() -> dict[str, str]:
    """The same as a picture, in every language, by file name."""
    return {file_of("matrix", language): _picture(language) for language in WORDS}


def choice(place: Place) -> Markup:
    """A choice of the engine whose output comes first."""
    return render("choice", words=place.words["choice"], engines=columns()[::-1])


def _picture(language: str) -> str:
    """A row for each engine, a stroke for each claim."""
    words, came = WORDS[language]["matrix"], [states(each.claim) for each in _in_order(language)]
    rows = []
    for index, each in enumerate(columns()):
        y = TOP + ROW * index
        rows.append(f'<text class="end" x="{LEFT - 8}" y="{y + 11}">{html.escape(each["title"])}</text>')
        strokes = groupby(enumerate(of[each["name"]] for of in came), key=lambda at: at[1])
        for state, several in strokes:
            claims = list(several)
            x, width = LEFT + CELL * claims[0][0], CELL * len(claims)
            rows.append(f'<path class="{state}" d="M{x} {y}h{width}v{ROW - 3}h-{width}z"/>')
    width, height = LEFT + CELL * len(came) + 16, TOP + ROW * len(columns()) + 12
    title = words["picture"].format(claims=len(came), engines=len(columns()))
    return str(render("matrix_picture", title=title, width=width, height=height, rows=map(Markup, rows)))


@cache
def columns() -> list[dict[str, str]]:
    """The engines, as the evidence says what answered."""
    seen = {each.engine: each for name in claim.declared() for each in recorded(name)}
    return [{"name": name, "title": title(seen[name]), "kind": engine.kind} for name, engine in engines.load().items()]


def _in_order(language: str) -> list[Sentence]:
    """The claims' sentences in a language, as they stand on the pages."""
    return [each for each in sentences() if each.language == language]


def _title(file: Any) -> str:
    return next(iter(pages.headings(file).values()))


def _row(name: str, place: Place) -> dict[str, Any]:
    """A claim: its sentence, and for each engine its state and the number of the group of engines that showed the same."""
    groups = {each.engine: number for number, variant in enumerate(variants(name)) for each in variant.seen}
    cells = [{"state": state, "group": groups.get(engine, "")} for engine, state in states(name).items()]
    return {"name": name, "sentence": spelt(sentence(name, place.language)), "cells": cells}
