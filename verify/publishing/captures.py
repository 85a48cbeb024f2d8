"""What is put where a page's macros left their placeholders: verdicts, captures, opposite worlds, screenshots."""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from verify.judging import evidence, masks, screen
from verify.judging.evidence import Evidence
from verify.lab.machine import Capture
from verify.publishing.render import render
from verify.publishing.shown import Place, links, recorded, shown, title, titles


def proof(name: str, only: str, place: Place) -> Markup:
    """The verdict, the engines on which it was reached, each with its evidence, and the last day."""
    seen = recorded(name)
    date = max(each.provenance["claim"]["date"] for each in seen)
    return render("claim", words=place.words, root=place.root, engines=links(seen), date=date)


def captures(name: str, only: str, place: Place) -> Markup:
    """What was seen in the world in which the sentence holds, and what other engines showed instead."""
    seen = shown(name)
    figures = list(_figures(seen, next(iter(seen.worlds)), only, place))
    others = [
        {"engines": titles(group), "lines": difference.splitlines()[2:]}
        for difference, group in _otherwise(name, seen, only).items()
    ]
    return render("captures", words=place.words, figures=figures, others=others) if figures else Markup()


def counterfactual(name: str, only: str, place: Place) -> Markup:
    """What was seen in the opposite world."""
    seen = shown(name)
    world = list(seen.worlds)[1]
    figures = list(_figures(seen, world, only, place))
    return render("counterfactual", words=place.words, world=world, figures=figures) if figures else Markup()


def screenshots(name: str, only: str, place: Place) -> Markup:
    """The browser's window."""
    seen = shown(name)
    urls = [url for capture in seen.holds for file, url in _urls(seen, capture).items() if file.endswith(".png")]
    return render("screenshots", words=place.words, root=place.root, urls=urls, engine=title(seen))


def _otherwise(name: str, seen: Evidence, only: str) -> dict[str, list[Evidence]]:
    """What other engines showed instead, masked fields aside, and which of them; empty if all showed the same."""
    groups: dict[str, list[Evidence]] = {}
    for other in recorded(name):
        runs = ([capture for capture in each.holds if only in capture.command] for each in (seen, other))
        if difference := masks.differences(*runs):
            groups.setdefault(difference, []).append(other)
    return groups


def _figures(seen: Evidence, world: str, only: str, place: Place) -> Iterator[Markup]:
    for index, capture in enumerate(seen.worlds[world]):
        if only in capture.command:
            yield figure(seen, world, index, capture, place)


def figure(seen: Evidence, world: str, index: int, capture: Capture, place: Place) -> Markup:
    """One capture: where it was made, what was typed, and what came."""
    packets = [
        {"url": url, "size": masks.rounded(len(capture.files[name]))}
        for name, url in _urls(seen, capture).items()
        if name.endswith(".pcap")
    ]
    values: dict[str, Any] = {"seen": seen, "world": world, "index": index, "capture": capture, "packets": packets}
    streams = list(screen.streams(capture))
    return render("capture", words=place.words, root=place.root, engine=title(seen), streams=streams, **values)


def _urls(seen: Evidence, capture: Capture) -> dict[str, str]:
    """Where what came with a capture is, from the site's root, by file name."""
    return {
        name: f"evidence/{seen.engine}/{evidence.attachment(seen.claim, name, content)}"
        for name, content in capture.files.items()
    }
