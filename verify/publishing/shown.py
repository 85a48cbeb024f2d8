"""Which evidence pages show of a claim, and how they name the engines that it was seen on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mkdocs.structure.files import Files

from verify.judging import evidence, masks
from verify.judging.evidence import Evidence
from verify.lab import engines
from verify.publishing.words import WORDS


@dataclass(frozen=True)
class Place:
    """The page on which something is shown."""

    language: str
    root: str
    """The way from the page to the site's root."""
    files: Files
    """All files of the site."""

    @property
    def words(self) -> dict[str, Any]:
        return WORDS[self.language]


def recorded(name: str) -> list[Evidence]:
    """The evidence of a claim on every engine on which it was recorded, in the order of engines.toml."""
    return [evidence.load(name, engine) for engine in engines.load() if evidence.path(name, engine).exists()]


def shown(name: str) -> Evidence:
    """The evidence that pages show: that of the newest Docker, or of the newest Podman if no Docker is spoken of."""
    seen = recorded(name)
    return next((each for each in reversed(seen) if kind(each) == "docker"), seen[-1])


def titles(seen: Sequence[Evidence]) -> list[str]:
    """The engines' versions, each kind named once."""
    kinds = [kind(each) for each in seen]
    return [_version(each) if kinds[index] in kinds[:index] else title(each) for index, each in enumerate(seen)]


def title(seen: Evidence) -> str:
    """An engine as readers know it."""
    return f"{kind(seen).capitalize()} {_version(seen)}"


def kind(seen: Evidence) -> str:
    """The kind of engine that evidence was seen on: `docker` or `podman`."""
    return engines.load()[seen.engine].kind


def changed(name: str, only: str = "") -> tuple[str, str]:
    """The Docker generation since which a claim's evidence shows what the newest does, and the last before it, if any.

    Raises:
        ValueError: all generations that the claim speaks of show the same, and they are all that there are.
    """
    seen = [each for each in recorded(name) if kind(each) == "docker"]
    runs = [[capture for capture in each.holds if only in capture.command] for each in seen]
    same = 1
    while same < len(seen) and not masks.differences(runs[-1 - same], runs[-1]):
        same += 1
    dockers = [each for each in engines.load().values() if each.kind == "docker"]
    first = [each.name for each in dockers].index(seen[-same].engine)
    if first == 0:
        raise ValueError(f"claim {name!r} shows the same on every Docker: there is no generation since which it is so")
    return dockers[first].generation, dockers[first - 1].generation


def last(name: str) -> str:
    """The last Docker generation of which a claim speaks.

    Raises:
        ValueError: it speaks of the newest.
    """
    dockers = [each for each in engines.load().values() if each.kind == "docker"]
    mine = [each for each in dockers if evidence.path(name, each.name).exists()]
    if mine[-1] == dockers[-1]:
        raise ValueError(f"claim {name!r} speaks of the newest Docker: there is no generation until which it is so")
    return mine[-1].generation


def links(seen: Sequence[Evidence]) -> list[dict[str, str]]:
    """For `engines.html`: an engine's title and where its evidence is, from the site's root."""
    return [
        {"title": title, "url": f"evidence/{each.engine}/{each.claim}.json"}
        for each, title in zip(seen, titles(seen), strict=True)
    ]


def _version(seen: Evidence) -> str:
    """The engine's version, without what its packager added."""
    return str(seen.provenance["engine"]).partition("+")[0]
