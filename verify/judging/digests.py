"""What a claim does, as a digest: a change of what it does changes it, a change of how that is laid out does not."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from verify import ROOT
from verify.judging import claim, masks
from verify.judging.evidence import Evidence

DECLARES = claim.__name__
"""Where the decorators of claims are: what a claim gives them is its own, what they do with it is everybody's."""
SILENT = {"annotation", "returns", "type_comment", "type_params", "kind", "ctx"}
"""Fields of syntax that change nothing of what is done, or that not every Python has."""
Place = tuple[str, str]
"""A module, and a name in it; without a name, what the module does beside giving names."""


def digest(text: str) -> str:
    """A digest of a text, of 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def seen_digest(seen: Evidence) -> str:
    """A digest of what was seen in both worlds; it stays the same as long as runs agree, whatever their masked values."""
    return digest("\n".join(f"{world}\n{masks.canonical(run)}" for world, run in seen.worlds.items()))


@cache
def function_digest(name: str) -> str:
    """A digest of a claim's function, its decorators, and all of this project that it uses, however indirectly.

    It reads sources alone, and comes to the same on every Python. Docstrings, comments and annotations are left out.
    """
    found: dict[Place, str] = {}
    asked = [(claim.declared()[name].function.__module__, f"claim_{name}")]
    while asked:
        place = asked.pop()
        if place not in found and place[0] != DECLARES:
            found[place], used = _stated(place)
            asked += used
    return digest("\n".join(f"{place}: {text}" for place, text in sorted(found.items())))


@cache
def _stated(place: Place) -> tuple[str, tuple[Place, ...]]:
    """What stands at a place, and the places that it may use."""
    module, name = place
    statements = _module(module).get(name, [])
    uses = {use for statement in statements for use in _uses(statement, module) if _module(use[0]).get(use[1])}
    return _text(statements), (*uses, (module, ""))


@cache
def _module(module: str) -> dict[str, list[ast.stmt]]:
    """The statements of a module by the names that they give; those that give none by the empty one."""
    place = ROOT / module.replace(".", "/")
    file = place / "__init__.py" if place.is_dir() else place.with_name(f"{place.name}.py")
    given: dict[str, list[ast.stmt]] = {}
    for statement in ast.parse(file.read_text(encoding="utf-8"), str(file)).body if file.is_file() else []:
        for name in set(_names(statement)) or {""}:
            given.setdefault(name, []).append(statement)
    return given


def _names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module gives."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _uses(statement: ast.stmt, module: str) -> Iterator[Place]:
    """What of this project a statement may use, of its own module and of those that it imports."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield module, node.id
        elif isinstance(node, ast.Import):
            yield from ((alias.name, name) for alias in node.names for name in _module(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.module, alias.name
                yield from ((f"{node.module}.{alias.name}", name) for name in _module(f"{node.module}.{alias.name}"))


def _text(node: Any) -> str:
    """A piece of syntax as text, without docstrings and all else that does nothing."""
    if isinstance(node, list):
        return f"[{', '.join(_text(each) for each in node if not _is_docstring(each))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((field, value) for field, value in ast.iter_fields(node) if field not in SILENT)
    return f"{type(node).__name__}({', '.join(f'{field}={_text(value)}' for field, value in fields)})"


def _is_docstring(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
