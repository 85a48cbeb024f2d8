"""The engines that `engines.toml` declares."""

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


def load(file: Path = FILE) -> dict[str, Engine]:
    """The declared engines by name, in the file's order."""
    declared = tomllib.loads(file.read_text())
    return {name: Engine(name, **{**entry, "packages": tuple(entry["packages"])}) for name, entry in declared.items()}
