"""How a claim is written: a function `claim_NAME` in `verify/claims/`, and the world in which it must fail."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from verify.lab.engines import Engine, load


def counterfactual(parameter: str, *, holds: Any, fails: Any, refused: str = "") -> pytest.MarkDecorator:
    """Runs a claim twice: with `parameter=holds`, where it must pass, and with `parameter=fails`, where it must not.

    In the second world it has to fail by an assertion of its own: passing there means that it proves nothing, and any
    other exception is an error. Nor may the engine refuse a command there, which a slip of the pen would bring about as
    well; unless the sentence is about that, and `refused` says what of the engine's words.
    """
    refuted = pytest.mark.xfail(strict=True, raises=AssertionError)
    return pytest.mark.parametrize(
        parameter,
        [
            pytest.param(holds, id=str(holds), marks=pytest.mark.world(str(holds))),
            pytest.param(fails, id=str(fails), marks=[pytest.mark.world(str(fails), refused=refused), refuted]),
        ],
    )


def on(*generations: str) -> pytest.MarkDecorator:
    """Says of which engines a claim speaks, such as `on("docker 25", "docker 20.10-24", "podman")`; without it, of all."""
    return pytest.mark.on(*generations)


@dataclass(frozen=True)
class Claim:
    """A claim as it is declared."""

    name: str
    function: Callable[..., None]
    parameter: str
    """The parameter that makes the worlds."""
    worlds: tuple[Any, ...]
    """Its two values: the one in which the sentence holds, the one in which it fails."""
    engines: tuple[Engine, ...]
    refused: str = ""
    """What an engine says that refuses a command in the world in which it fails, if it is to refuse one."""

    @property
    def file(self) -> str:
        """Where it stands, from the project's root."""
        return f"{self.function.__module__.replace('.', '/')}.py"


@cache
def declared() -> dict[str, Claim]:
    """All claims by name."""
    package = importlib.import_module("verify.claims")
    modules = [importlib.import_module(f"verify.claims.{each.name}") for each in pkgutil.iter_modules(package.__path__)]
    return {
        name.removeprefix("claim_"): _claim(function)
        for module in modules
        for name, function in vars(module).items()
        if name.startswith("claim_") and function.__module__ == module.__name__
    }


def speaks_of(function: Callable[..., None], engine: Engine) -> bool:
    """Whether a claim's function is about an engine."""
    wanted = [mark.args for mark in getattr(function, "pytestmark", ()) if mark.name == "on"]
    return engine.is_of(*wanted[0]) if wanted else True


def identity(item: pytest.Item) -> tuple[str, str, str]:
    """Claim, engine and world of a test."""
    function: Any = item
    world = next(item.iter_markers("world")).args[0]
    return function.originalname.removeprefix("claim_"), function.callspec.params["engine"].name, world


def _claim(function: Any) -> Claim:
    parameter, worlds = next(
        (mark.args for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"), ("", ())
    )
    mine = tuple(engine for engine in load().values() if speaks_of(function, engine))
    refused = [mark.kwargs.get("refused", "") for world in worlds for mark in world.marks if mark.name == "world"]
    return Claim(
        name=function.__name__.removeprefix("claim_"),
        function=function,
        parameter=parameter,
        worlds=tuple(world.values[0] for world in worlds),
        engines=mine,
        refused="".join(refused),
    )
