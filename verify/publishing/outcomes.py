"""What came of a command on each engine, as a cell of a table says it: who refused it, with which exit status, and since when.

A cell declares what came. That is held against what was captured on each engine, and where one contradicts it, nothing is built.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from verify import ROOT
from verify.judging import sentences
from verify.judging.evidence import Evidence
from verify.lab import engines
from verify.publishing import pages
from verify.publishing.came import DECLARED, Came, came
from verify.publishing.shown import compose, recorded

WITH_COMPOSE = "compose_makes_no_network_for_host_mode"
"""A claim that was run wherever there is a Compose."""


def outcome(
    words: Mapping[str, str], name: str, only: str, of: str = "docker", effect: str = "works", world: str = ""
) -> str:
    """What came of a claim's commands that contain `only`, on all engines of the kind `of`, the newest first.

    `effect` declares it: one of `came.DECLARED`, or several, as in `refused or ignored`, each of which comes on some engine.
    Commands are those that ran where the sentence holds, or in the `world` of that name. `of` is `docker`, `podman`, or
    `compose`, with which versions of Compose are told apart in place of Docker's.

    Raises:
        ValueError: there are no such commands, they did not come to the same or to what is declared, or no such effect.
    """
    spoken = _by_version(name, only, of, tuple(effect.split(" or ")), world)
    groups = [(said, [version for version, _ in same]) for said, same in groupby(spoken, key=lambda each: each[1])]
    parts = []
    for index, (said, versions) in enumerate(groups):
        if said:
            told = words[said.word].format(status=said.status)
            when = words[_when(index, groups)]
            parts.append(when.format(said=told, first=versions[0], last=versions[-1]))
    return words["then"].join(reversed(parts)).strip()


def _when(index: int, groups: list[tuple[Came | None, list[str]]]) -> str:
    """The key of the words that say on which versions something came."""
    first, last = index == 0, index == len(groups) - 1
    if first or last:
        beginning = last and index == 1 and not groups[0][0]  # of what was before, nothing is known
        return "always" if first and last else "until" if first else "run_since" if beginning else "since"
    return "alone" if len(set(groups[index][1])) == 1 else "between"


def problems(root: Path = ROOT) -> Iterator[str]:
    """Cells that declare what was not seen, or of which nothing can be said: where, what, and what to do."""
    for page in pages.every(root):
        for line, call, arguments in uses(page):
            try:
                _by_version(**arguments)
            except (TypeError, ValueError) as error:
                yield f"{page.relative_to(root)}:{line}: {call}\n  {error}. Declare what came, or mend the claim."


def uses(page: Path) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Where a page calls `outcome`: the line, the call, and what it gives to `_by_version`."""
    text = sentences.source(page)
    for found in calls(text):
        placed, by_name = pages.given(found["call"])
        given: dict[str, Any] = dict(zip(("name", "only"), placed, strict=False)) | by_name
        declared = tuple(str(given.pop("effect", "works")).split(" or "))
        arguments = {"only": "", "of": "docker", "world": "", **given, "declared": declared}
        yield sentences.line_of(text, found.start()), found["call"], arguments


def calls(text: str) -> Iterator[re.Match[str]]:
    """The calls of `outcome` in a text of a page."""
    return (found for found in pages.CALL.finditer(text) if found["macro"] == outcome.__name__)


def _by_version(name: str, only: str, of: str, declared: tuple[str, ...], world: str) -> list[tuple[str, Came | None]]:
    """What came on each version, the oldest first; nothing where the claim does not speak of it."""
    if unknown := [each for each in declared if each not in DECLARED]:
        raise ValueError(f"there is no word for the effect {unknown[0]!r}, but for {', '.join(DECLARED)}")
    kind = "docker" if of == "compose" else of
    known = {each.engine: each for each in recorded(name)}
    found = [
        (version, _on(known[engine.name], only, engine, declared, world) if engine.name in known else None)
        for version, engine in _versions(of)
        if engine.kind == kind
    ]
    spoken = {version for version, said in found if said}
    if not spoken:
        raise ValueError(f"claim {name!r} says nothing of {of.capitalize()}")
    if never := sorted(set(declared) - {said.what for _, said in found if said}):
        raise ValueError(f"{never[0]!r} is declared of claim {name!r}, and came on no {of.capitalize()}")
    return [(version, said) for version, said in found if said or version not in spoken]


def _versions(of: str) -> list[tuple[str, engines.Engine]]:
    """The engines that can speak of something, by what they are called in a cell."""
    if of != "compose":
        return [(engine.generation, engine) for engine in engines.load().values()]
    return [(f"Compose {compose(each)}", engines.load()[each.engine]) for each in recorded(WITH_COMPOSE)]


def _on(seen: Evidence, only: str, engine: engines.Engine, declared: tuple[str, ...], world: str) -> Came:
    """What came of it on one engine, which is to be one of what is declared."""
    if world and world not in seen.worlds:
        raise ValueError(f"claim {seen.claim!r} has the worlds {', '.join(map(repr, seen.worlds))}, and no {world!r}")
    runs = [capture for capture in (seen.worlds[world] if world else seen.holds) if only in capture.command]
    where = f"claim {seen.claim!r} on {engine.title}"
    try:
        said = {came(capture, engine.kind, declared) for capture in runs}
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    if len(said) != 1:
        told = " and ".join(sorted(map(_told, said)))
        raise ValueError(f"{where}: its commands that contain {only!r} {f'came to {told}' if said else 'are none'}")
    one = said.pop()
    if one.what not in declared:
        what = (
            f"{' or '.join(declared)!r} is declared, and what came is {_told(one)!r}, exit status {runs[0].exit_code}"
        )
        raise ValueError(f"{where}: {what}: {runs[0].command}")
    return one


def _told(said: Came) -> str:
    return f"{said.word} ({said.status})" if said.status else said.word
