"""The memo's transcripts beside today's captures, line by line."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from verify import ROOT, data
from verify.judging import masks, screen
from verify.judging.screen import typed
from verify.lab.machine import Capture
from verify.publishing.render import render
from verify.publishing.shown import Place, shown

FOLDER = ROOT / "docs" / "memo"


class MemoError(Exception):
    """A difference without an explanation, or an explanation without a difference."""


@dataclass(frozen=True)
class Row:
    """One line of the memo, the line of today that stands for it, and what has become of it."""

    mark: str
    """`same`, `volatile` (equal but for masked fields), `changed`, `gone` (only in the memo) or `new` (only today)."""
    then: str
    now: str
    why: str = ""
    """The id of the heading that explains it."""


@dataclass(frozen=True)
class Part:
    """One of the memo's transcripts and the capture that it is laid beside; `parts.toml` explains the fields."""

    name: str
    claim: str
    command: str
    why: tuple[tuple[str, str], ...]
    typed: str = ""

    def rows(self, captures: tuple[Capture, ...]) -> list[Row]:
        """The memo's lines beside those of the capture.

        Raises:
            MemoError: a line changed and nothing explains it, or an explanation is for no line.
        """
        capture = next((each for each in captures if self.command in each.command), None)
        if capture is None:
            raise MemoError(f"docs/memo/parts.toml: [{self.name}]: {self.claim} has no capture of {self.command!r}")
        text = typed(capture, self.typed) if self.typed else f"# {capture.command}\n{screen.text(capture)}"
        then = [line for line in (FOLDER / f"{self.name}.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
        now = [line for line in text.splitlines() if line.strip()]
        rows = [self._explained(row) for row in _aligned(capture.command, then, now)]
        if unused := {why for _, why in self.why} - {row.why for row in rows}:
            raise MemoError(f"docs/memo/parts.toml: [{self.name}]: nothing changed that {sorted(unused)} would explain")
        return rows

    def _explained(self, row: Row) -> Row:
        if row.mark in ("same", "volatile"):
            return row
        for pattern, why in self.why:
            if re.search(pattern, row.then) or re.search(pattern, row.now):
                return Row(row.mark, row.then, row.now, why)
        raise MemoError(
            f"docs/memo/parts.toml: [{self.name}]: nothing explains that the memo has {row.then!r} and today's "
            f"capture {row.now!r}. Add to `why`, and explain it on the memo page in both languages."
        )


def parts() -> dict[str, Part]:
    """The memo's transcripts by name."""
    declared = data(FOLDER / "parts.toml")
    return {
        name: Part(name, entry["claim"], entry["command"], tuple(map(tuple, entry["why"])), entry.get("typed", ""))
        for name, entry in declared.items()
    }


def comparison(name: str, only: str, place: Place) -> Markup:
    """One of the memo's transcripts beside today's capture."""
    part = parts()[name]
    rows = part.rows(shown(part.claim).holds)
    numbers = {why: number for number, why in enumerate(dict.fromkeys(row.why for row in rows if row.why), 1)}

    def pieces(row: Row, line: str) -> Iterable[tuple[str, Any]]:
        if row.mark == "changed":
            return _otherwise(part.command, line, row.now if line is row.then else row.then)
        return _pieces(part.command, line) if row.mark == "volatile" else [(line, "")]

    return render("comparison", words=place.words, rows=rows, numbers=numbers, pieces=pieces)


def _otherwise(command: str, line: str, other: str) -> Iterator[tuple[str, bool]]:
    """A line in pieces, each with whether the line beside it has something else there, masked fields aside."""
    mine, theirs = list(_words(command, line)), [key for _, key in _words(command, other)]
    matcher = difflib.SequenceMatcher(None, [key for _, key in mine], theirs, autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        if start < end:
            yield "".join(text for text, _ in mine[start:end]), tag != "equal"


def _words(command: str, line: str) -> Iterator[tuple[str, str]]:
    """The words of a line and what is between them, each with what it is compared by."""
    for text, kind in _pieces(command, line):
        yield from [(text, f"<{kind}>")] if kind else ((word, word) for word in re.findall(r"\w+|\W", text))


def _aligned(command: str, then: list[str], now: list[str]) -> Iterator[Row]:
    before, after = [_shape(command, line) for line in then], [_shape(command, line) for line in now]
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            for old, new in zip(then[a:b], now[c:d], strict=True):
                yield Row("same" if old == new else "volatile", old, new)
        else:
            pairs = min(b - a, d - c)
            for old, new in zip(then[a : a + pairs], now[c : c + pairs], strict=True):
                yield Row("changed", old, new)
            yield from (Row("gone", line, "") for line in then[a + pairs : b])
            yield from (Row("new", "", line) for line in now[c + pairs : d])


def _shape(command: str, line: str) -> str:
    """A line with its masked fields replaced by their kinds."""
    return "".join(f"<{kind}>" if kind else text for text, kind in _pieces(command, line))


def _pieces(command: str, line: str) -> Iterator[tuple[str, str]]:
    """A line in pieces, each with the kind of value that it is if it is masked."""
    end = 0
    for field in masks.fields(command, line):
        yield line[end : field.start], ""
        yield field.value, field.kind
        end = field.end
    yield line[end:], ""
