"""Which evidence pages show of a claim, and how they name the engines that it was seen on."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

from verify.judging import evidence, masks
from verify.judging.evidence import Evidence
from verify.lab import engines
from verify.lab.machine import Capture
from verify.publishing.words import WORDS


@dataclass(frozen=True)
class Place:
    """The page on which something is shown."""

    language: str
    root: str
    """The way from the page to the site's root."""
    files: Files
    """All files of the site."""

    def url(self, page: str) -> str:
        """Where a page is, from the site's root.

        Raises:
            PluginError: there is no such page.
        """
        if file := self.files.get_file_from_path(page):
            return str(file.url)
        raise PluginError(f"there is no page {page!r}")

    @property
    def words(self) -> dict[str, Any]:
        return WORDS[self.language]


@cache
def recorded(name: str) -> tuple[Evidence, ...]:
    """The evidence of a claim in the order of engines.toml, as far as there is any that can be read; read once in a build."""
    seen = []
    for engine in engines.load():
        with suppress(evidence.EvidenceError):
            seen.append(evidence.kept(name, engine))
    return tuple(seen)


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


def changed(name: str, only: str = "", shows: str = "", of: str = "docker") -> tuple[str, str]:
    """The generation since which a claim's evidence shows what it shows today, and the last before it.

    It is about commands that contain `only`. What they show is that which the newest shows, or what the regular expression
    `shows` finds in it; `of` is the kind of engine.

    Raises:
        ValueError: there is no generation since which it is so: the newest does not show it, or all that there are do.
    """
    seen = [each for each in recorded(name) if kind(each) == of]
    runs = [_commands(each, only) for each in seen]
    alike = [_says(run, shows) if shows else not masks.differences(run, runs[-1]) for run in runs]
    since = seen[len(seen) - len([*takewhile(bool, reversed(alike))]) :]
    mine = [each for each in engines.load().values() if each.kind == of]
    start = [each.name for each in mine].index(since[0].engine) if since else 0
    if start == 0:
        what = "shows the same on every" if since else f"does not show {shows!r} on the newest"
        raise ValueError(f"claim {name!r} {what} {of.capitalize()}: there is no generation since which it is so")
    return mine[start].generation, mine[start - 1].generation


def last(name: str, only: str = "", shows: str = "", of: str = "docker") -> str:
    """The last generation of which a claim speaks, or on which commands that contain `only` show what `shows` finds.

    Raises:
        ValueError: it is the newest, or there is none.
    """
    mine = [each for each in engines.load().values() if each.kind == of]
    seen = [each.engine for each in recorded(name) if kind(each) == of and _says(_commands(each, only), shows)]
    if not seen or seen[-1] == mine[-1].name:
        what = "speaks of the newest" if seen else f"shows {shows!r} on no"
        raise ValueError(f"claim {name!r} {what} {of.capitalize()}: there is no generation until which it is so")
    return engines.load()[seen[-1]].generation


def _commands(seen: Evidence, only: str) -> list[Capture]:
    return [capture for capture in seen.holds if only in capture.command]


def _says(run: Sequence[Capture], pattern: str) -> bool:
    return any(re.search(pattern, capture.stdout + capture.stderr) for capture in run)


def compose(seen: Evidence) -> str:
    """The version of the Compose that came with an engine, such as 2.40."""
    return str(re.findall(r"\d+\.\d+", seen.provenance["tools"]["docker-compose"])[0])


def last_day(seen: Iterable[Evidence]) -> str:
    """The last day on which one of these was seen."""
    return max(map(day, seen))


def day(seen: Evidence) -> str:
    """The day on which evidence was seen."""
    return str(seen.provenance["claim"]["date"])


def links(seen: Sequence[Evidence]) -> list[dict[str, str]]:
    """For `engines.html`: an engine's title, and where the page of the claim has what it showed, from the site's root."""
    return [
        {"engine": each.engine, "title": title, "url": f"claims/{each.claim}/#{each.engine}"}
        for each, title in zip(seen, titles(seen), strict=True)
    ]


def _version(seen: Evidence) -> str:
    """The engine's version, without what its packager added."""
    return str(seen.provenance["engine"]).partition("+")[0]
