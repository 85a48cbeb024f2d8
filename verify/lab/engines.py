"""The engines that `engines.toml` declares."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("engines.toml")
KINDS = ("docker", "podman")


@dataclass(frozen=True)
class Engine:
    """One generation of an engine; see the head of `engines.toml` for the fields."""

    name: str
    kind: str
    version: str
    suite: str
    packages: tuple[str, ...]
    repository: str = ""
    key: str = ""
    snapshot: str = ""
    archive: str = ""
    sha256: str = ""
    base: str = ""
    watch: bool = False
    binaries: str = ""
    """Where on this machine its binaries are, if they were given for this run."""

    @property
    def title(self) -> str:
        """As readers see it."""
        return f"{self.kind.capitalize()} {self.version}".strip()

    @property
    def generation(self) -> str:
        """Its version as far as it names a generation: 20.10, and since 23 the first number."""
        return str(self.rank[0]) if self.rank[0] >= 23 else ".".join(map(str, self.rank[:2]))

    @property
    def is_debians(self) -> bool:
        """Whether it is a package of Debian's, and so can be had wherever there is a lab."""
        return not (self.repository or self.archive)

    @property
    def origin(self) -> str:
        """Where it comes from."""
        return self.binaries or self.archive or self.repository or f"Debian {self.suite}"

    def is_of(self, *generations: str) -> bool:
        """Whether this is one of `generations`, such as `docker`, `docker 25` (25 and newer) or `docker 20.10-28`."""
        return any(map(self._is, generations))

    def says(self, answers: Mapping[str, Any]) -> Any:
        """Of the answers by generation, such as `{"docker": …, "docker 25": …, "podman": …}`, the one that is this engine's.

        Raises:
            KeyError: no generation's answer is this engine's.
        """
        mine = [generation for generation in answers if self.is_of(generation)]
        if not mine:
            raise KeyError(f"no answer is {self.title}'s: there are those of {', '.join(answers)}")
        return answers[max(mine, key=_since)]

    def _is(self, generation: str) -> bool:
        kind, _, versions = generation.partition(" ")
        until = _numbers(versions.partition("-")[2])
        return kind == self.kind and _since(generation) <= self.rank and self.rank[: len(until)] <= until

    @property
    def rank(self) -> tuple[int, ...]:
        """Its version as numbers, by which generations are ordered."""
        return _numbers(self.version) or (10**9,)  # the newest of all, whichever it is


def _since(generation: str) -> tuple[int, ...]:
    return _numbers(generation.partition(" ")[2].partition("-")[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def load(file: Path = FILE) -> dict[str, Engine]:
    """The declared engines by name, in the file's order, without those that are only watched.

    Raises:
        ValueError: an entry cannot be understood; the message names it.
    """
    return {name: engine for name, engine in _declared(file).items() if not engine.watch}


def watched(file: Path = FILE) -> dict[str, Engine]:
    """The engines that only the weekly watch runs, by name."""
    return {name: engine for name, engine in _declared(file).items() if engine.watch}


def problems(file: Path = FILE) -> Iterator[str]:
    """What in the file cannot be read or does not go together: names, versions, their order, and who is only watched."""
    try:
        declared = _declared(file)
    except ValueError as error:
        yield str(error)
        return
    before: dict[str, Engine] = {}
    for engine in declared.values():
        where = f"{file.name}: [{engine.name}]"
        kind, _, named = engine.name.partition("-")
        if engine.watch or named == "newest":
            if engine.version or not engine.watch or named != "newest":
                yield f"{where}\n  is only watched if it is called {engine.kind}-newest, says `watch = true` and has no version."
            continue
        if not re.fullmatch(r"\d+\.\d+[\d.]*", engine.version):
            yield f"{where}\n  has the version {engine.version!r}. Give two numbers or more: with less, others would be taken for it."
        elif kind != engine.kind or not re.match(rf"{re.escape(named)}(\.|$)", engine.version):
            yield f"{where}\n  is {engine.kind} {engine.version}. Call it by its kind and how its version begins."
        older = before.setdefault(engine.kind, engine)
        if older.rank > engine.rank:
            yield f"{where}\n  stands after [{older.name}], which is newer. Pages show the last Docker as the newest: put them in order."
        before[engine.kind] = engine


def at_hand() -> Engine:
    """The newest Docker that is a package of Debian's, and so can be had wherever there is a lab."""
    return [each for each in load().values() if each.kind == "docker" and each.is_debians][-1]


@cache
def _declared(file: Path) -> dict[str, Engine]:
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from None
    return {name: _engine(name, entry, file) for name, entry in entries.items()}


def _engine(name: str, entry: dict[str, Any], file: Path) -> Engine:
    try:
        engine = Engine(name, **{**entry, "packages": tuple(entry["packages"])})
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{file.name}: [{name}] cannot be understood: {error}. The head of the file explains the fields."
        ) from None
    if engine.kind not in KINDS:
        raise ValueError(f"{file.name}: [{name}] is of kind {engine.kind!r}; there are {', '.join(KINDS)}.")
    return engine


if __name__ == "__main__":
    print(json.dumps([*load(), *(watched() if "--watched" in sys.argv else ())]))
