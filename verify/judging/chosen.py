"""On which engines a run is to be."""

import dataclasses

import pytest

from verify.lab import binaries, engines
from verify.lab.errors import EngineMissing


def own() -> list[engines.Engine]:
    """This machine's own engine, alone."""
    try:
        return [binaries.own()]
    except EngineMissing as error:
        raise pytest.UsageError(f"--own: {error}") from None


def wanted(names: list[str] | None, given: list[str]) -> list[engines.Engine]:
    """The engines of these names, or all that are not only watched; some with binaries of this machine."""
    try:
        declared = engines.load()
        wanted = names or list(declared)
        declared |= engines.watched()
        taken = dict(each.split("=", 1) for each in given)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    if unknown := (set(wanted) | set(taken)) - set(declared):
        raise pytest.UsageError(
            f"no engine {', '.join(sorted(unknown))} in {engines.FILE.name}; it has {', '.join(declared)}"
        )
    return [dataclasses.replace(declared[name], binaries=taken.get(name, "")) for name in wanted]
