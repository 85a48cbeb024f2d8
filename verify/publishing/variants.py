"""What engines showed in a world of a claim: those that showed the same stand together, and each line that others have not is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from verify.judging import masks
from verify.judging.evidence import Evidence
from verify.lab.machine import Capture
from verify.publishing.shown import recorded, shown


@dataclass(frozen=True)
class Shown:
    """A capture that is to be shown, and which of its lines are otherwise than on the engine that pages show."""

    world: str
    index: int
    """Where it stands in its world."""
    capture: Capture
    otherwise: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Variant:
    """Engines that showed the same, masked values aside, and what to show of it."""

    seen: tuple[Evidence, ...]
    """The newest engine first; what is shown is its."""
    captures: tuple[Shown, ...]

    @property
    def names(self) -> str:
        """The engines by name, as an attribute of HTML lists them."""
        return " ".join(each.engine for each in self.seen)


@cache
def variants(name: str, world: int = 0, only: str = "") -> tuple[Variant, ...]:
    """What a claim's commands that contain `only` showed, by engines that showed the same; those that pages show come first.

    `world` is 0 for the one in which the sentence holds, 1 for the opposite one. Of the other variants only those captures
    are kept that are otherwise than on the engines that come first.
    """
    first = shown(name)
    groups: dict[str, list[Evidence]] = {}
    for each in (first, *reversed(recorded(name))):
        same = groups.setdefault(masks.canonical(capture for _, capture in _run(each, world, only)), [])
        if each not in same:
            same.append(each)
    (_, mine), *others = groups.items()
    return (
        Variant(tuple(mine), tuple(_shown(first, world, only))),
        *(Variant(tuple(seen), tuple(_otherwise(first, seen[0], world, only))) for _, seen in others),
    )


def _run(seen: Evidence, world: int, only: str) -> list[tuple[int, Capture]]:
    run = list(seen.worlds.values())[world]
    return [(index, capture) for index, capture in enumerate(run) if only in capture.command]


def _shown(seen: Evidence, world: int, only: str) -> Iterator[Shown]:
    for index, capture in _run(seen, world, only):
        yield Shown(list(seen.worlds)[world], index, capture)


def _otherwise(first: Evidence, other: Evidence, world: int, only: str) -> Sequence[Shown]:
    """The captures that differ; all where that cannot be told one by one."""
    mine, theirs = list(_shown(first, world, only)), list(_shown(other, world, only))
    if len(mine) != len(theirs):
        lines = frozenset(meaning for each in mine for meaning in _lines(each.capture).values())
        return [_marked(each, lines) for each in theirs]
    differ = [
        _marked(their, frozenset(_lines(my.capture).values()))
        for my, their in zip(mine, theirs, strict=True)
        if masks.canonical([my.capture]) != masks.canonical([their.capture])
    ]
    return differ or theirs


def _marked(each: Shown, known: frozenset[str]) -> Shown:
    new = frozenset(line for line, meaning in _lines(each.capture).items() if meaning not in known)
    return Shown(each.world, each.index, each.capture, new)


def _lines(capture: Capture) -> dict[str, str]:
    """The command and the lines that it printed, each with what it means once values that always change are masked."""
    found = {capture.command: capture.command}
    for text in (capture.stdout, capture.stderr):
        lines, meanings = text.split("\n"), masks.meaning(capture.command, text).split("\n")
        if len(lines) != len(meanings):  # a masked value was of several lines
            meanings = [masks.meaning(capture.command, line) for line in lines]
        found |= dict(zip(lines, meanings, strict=True))
    return found
