"""What is put where a page's macros left their placeholders: verdicts, captures, opposite worlds, screenshots."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from verify.judging import evidence, masks, screen
from verify.judging.evidence import Evidence
from verify.lab.machine import Capture
from verify.publishing.render import render, so
from verify.publishing.shown import Place, last_day, links, recorded, shown, title, titles
from verify.publishing.variants import Shown, Variant, variants


def proof(name: str, only: str, place: Place) -> Markup:
    """The verdict, the engines on which it was reached, each with its evidence, and the last day."""
    seen = recorded(name)
    return render("claim", words=place.words, root=place.root, engines=links(seen), date=last_day(seen), name=name)


def captures(name: str, only: str, place: Place) -> Markup:
    """What was seen in the world in which the sentence holds, and what other engines showed instead."""
    first, *others = variants(name, 0, only)
    if not first.captures:
        return Markup()
    values = {"first": figures(first, place), "others": instead(others, place), "shown": title(first.seen[0])}
    return render("captures", words=place.words, **values)


def counterfactual(name: str, only: str, place: Place) -> Markup:
    """What was seen in the opposite world."""
    first = variants(name, 1, only)[0]
    if not first.captures:
        return Markup()
    shown_here = figures(first, place)
    return render("counterfactual", words=place.words, so=so(place.words, first.seen[0].worlds, 1), figures=shown_here)


def instead(others: Sequence[Variant], place: Place) -> list[dict[str, Any]]:
    """For `captures.html`: what other engines showed, and which."""
    return [
        {
            "engines": titles(each.seen[::-1]),
            "names": each.names,
            "figures": figures(each, place),
        }
        for each in others
    ]


def screenshots(name: str, only: str, place: Place) -> Markup:
    """The browser's window."""
    seen = shown(name)
    urls = [url for capture in seen.holds for file, url in _urls(seen, capture).items() if file.endswith(".png")]
    return render("screenshots", words=place.words, root=place.root, urls=urls, engine=title(seen))


def figures(variant: Variant, place: Place) -> list[Markup]:
    return [figure(variant.seen[0], each, place) for each in variant.captures]


def figure(seen: Evidence, each: Shown, place: Place) -> Markup:
    """One capture: where it was made, what was typed, and what came; lines that no other engine had are marked."""
    capture = each.capture
    packets = [
        {"url": url, "size": masks.rounded(len(capture.files[name]))}
        for name, url in _urls(seen, capture).items()
        if name.endswith(".pcap")
    ]
    which = "opposite" if each.world == list(seen.worlds)[1] else "came"
    values = {"which": which, "seen": seen, "each": each, "capture": capture, "packets": packets, "root": place.root}
    streams = [(stream, [*_marked(text, each.otherwise)]) for stream, text in screen.streams(capture)]
    return render("capture", words=place.words, engine=title(seen), streams=streams, **values)


def _marked(text: str, lines: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """A text in pieces that are marked or not."""
    for marked, group in groupby(text.splitlines(keepends=True), key=lambda line: line.removesuffix("\n") in lines):
        yield "".join(group), marked


def _urls(seen: Evidence, capture: Capture) -> dict[str, str]:
    """Where what came with a capture is, from the site's root, by file name."""
    return {
        name: f"evidence/{seen.engine}/{evidence.attachment(seen.claim, name, content)}"
        for name, content in capture.files.items()
    }
