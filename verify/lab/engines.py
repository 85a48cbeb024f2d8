"""The engines that `engines.toml` declares."""

import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("engines.toml")


@dataclass(frozen=True)
class Engine:
    """One generation of an engine; see the head of `engines.toml` for the fields."""

    name: str
    kind: str
    title: str
    suite: str
    packages: tuple[str, ...]
    watch: bool = False


def load(file: Path = FILE) -> dict[str, Engine]:
    """The declared engines by name, in the file's order, without those that are only watched."""
    return {name: engine for name, engine in _declared(file).items() if not engine.watch}


def watched(file: Path = FILE) -> dict[str, Engine]:
    """The engines that only the weekly watch runs, by name."""
    return {name: engine for name, engine in _declared(file).items() if engine.watch}


def _declared(file: Path) -> dict[str, Engine]:
    declared = tomllib.loads(file.read_text())
    return {name: Engine(name, **{**entry, "packages": tuple(entry["packages"])}) for name, entry in declared.items()}


if __name__ == "__main__":
    print(json.dumps([*load(), *(watched() if "--watched" in sys.argv else ())]))
