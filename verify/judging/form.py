"""What a claim's text may hold: what a machine of the lab is asked, and what is asserted of its answers; nothing by which a claim
could leave the run, keep something for later, or look elsewhere than at what it saw."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from verify import ROOT
from verify.judging.claim import Claim

FOLDER = ROOT / "verify" / "claims"
MAY_IMPORT = re.compile(
    r"(collections(\.abc)?|contextlib|dataclasses|datetime|dpkt|io|ipaddress|itertools|jc|json|re|textwrap|typing)"
    r"|verify\.(claims\..+|judging\.(claim|screen)|lab\.(machine|state))"
)
LEAVES = {
    *("open", "exec", "eval", "compile", "__import__", "globals", "locals", "vars", "setattr", "delattr", "getattr"),
    *("exit", "quit", "breakpoint", "input", "repr", "ascii", "id", "__file__", "__builtins__", "__debug__"),
}
"""What Python has at hand that a claim has no use for."""
ITS_OWN = {"command", "on"}
"""What a capture has of the claim and not of the lab."""
CHANGES = {
    *("add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "sort"),
    *("update", "send", "__next__"),
}
AT_IMPORT = r"re\.compile|frozenset|dict\.fromkeys|.*\.(format|join)"
"""What may be called while a module of claims is read; nothing of it can be changed later."""
GENERATION = re.compile(r"(?:docker|podman)(?: \d+(?:\.\d+)*(?:-\d+(?:\.\d+)*)?)?")


def problems(declared: Claim) -> Iterator[str]:
    """What is wrong with how a claim is written: file, line, what, and what to do."""
    file = ROOT / declared.file
    yield from _declaration(declared)
    if found := next((each for each in _parsed(file).body if _is_named(each, f"claim_{declared.name}")), None):
        yield from (f"{_at(file, node)}: {what}" for node, what in _claim(found))


def modules() -> Iterator[str]:
    """What is wrong with the modules of claims and their helpers."""
    for file in sorted(FOLDER.rglob("*.py")):
        yield from (f"{_at(file, node)}: {what}" for node, what in _module(_parsed(file)))


def _declaration(declared: Claim) -> Iterator[str]:
    where = f"{declared.file}: claim_{declared.name}"
    wanted = [each for mark in getattr(declared.function, "pytestmark", ()) if mark.name == "on" for each in mark.args]
    for each in wanted:
        if not GENERATION.fullmatch(each):
            yield f'{where}\n  @on has {each!r}, which is no generation. Write it as in @on("docker", "docker 25", "docker 20.10-28").'
    if not declared.engines:
        yield f"{where}\n  speaks of no engine in engines.toml, so that it is never run. Mend its @on."
    worlds = [" ".join(str(world).split()) for world in declared.worlds]
    if len(worlds) != 2:
        yield f'{where}\n  has no world in which it must fail. Give it one: @counterfactual("network", holds="host", fails="bridge").'
    if len(worlds) == 2 and worlds[0] == worlds[1]:
        yield f"{where}\n  has two worlds that both read {worlds[0]!r}, so that evidence cannot tell them apart. Write two values."


NEVER: dict[type[ast.AST], str] = {
    ast.Yield: "a claim runs to its end, and a generator is never run. Take out the yield.",
    ast.YieldFrom: "a claim runs to its end, and a generator is never run. Take out the yield.",
    ast.FunctionDef: "a claim has no functions of its own. Move it out, and its assertion into the claim.",
    ast.ClassDef: "a claim has no classes of its own. Move it out.",
    ast.Lambda: "a claim has no functions of its own. Move it out.",
    ast.Return: "a claim goes on to its last assertion in every world. Take out the return.",
    ast.Try: "a claim catches nothing: what it raises decides. Take out the try.",
    ast.TryStar: "a claim catches nothing: what it raises decides. Take out the try.",
    ast.Raise: "a claim fails by an assertion alone. Write `assert`.",
}


PLAIN = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Tuple,
    ast.List,
    ast.BinOp,
    ast.BitOr,
    ast.Constant,
    ast.expr_context,
)
"""What an annotation may consist of: names, what is in brackets behind them, and `|`."""


def _claim(function: ast.stmt) -> Iterator[tuple[ast.AST, str]]:
    if not isinstance(function, ast.FunctionDef):
        yield function, "a claim is a plain function. Write `def`, and neither async nor a class."
        return
    arguments = function.args
    if arguments.defaults or arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
        yield function, "a claim's parameters are fixtures and its world, without defaults. Take them away."
    inside = [node for statement in function.body for node in ast.walk(statement)]
    for node in inside:
        if type(node) in NEVER:
            yield node, NEVER[type(node)]
        if isinstance(node, ast.Assert) and not any(isinstance(each, ast.Name) for each in ast.walk(node.test)):
            yield node, "this assertion looks at nothing. Assert what was seen."
        if isinstance(node, ast.Attribute) and node.attr in ITS_OWN:
            yield node, f"a capture's {node.attr} is what the claim itself said, not what it saw. Assert its output."
    if not any(isinstance(node, ast.Assert) for node in inside):
        yield function, "a claim that asserts nothing proves nothing. Assert what was seen."


def _module(module: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    given = {name.id for each in module.body for name in _given(each)}
    for node in ast.walk(module):
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from _imports(node)
            case ast.Name(id=name) | ast.Attribute(attr=name) if _leads_away(node, name):
                yield (
                    node,
                    f"claims and their helpers have no use for {name}: they look at what a machine answered, and nowhere else.",
                )
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Global() | ast.Nonlocal():
                yield (
                    node,
                    "a claim keeps nothing for later: it has to come to the same whenever it is run. Use a variable of its own.",
                )
            case _ if (name := _changed(node)) in given:
                yield node, f"{name} is kept from one claim to the next: no claim may change it."
    for statement in module.body:
        yield from _statement(statement)


def _leads_away(node: ast.AST, name: str) -> bool:
    return name.startswith("__") or (isinstance(node, ast.Name) and name in LEAVES)


def _changed(node: ast.AST) -> str:
    """The name of what a piece of syntax changes, if it does."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if attr in CHANGES:
            return name
        case ast.Call(func=ast.Name(id="next"), args=[ast.Name(id=name), *_]):
            return name
    return ""


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[ast.AST, str]]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    for name in names:
        if not MAY_IMPORT.fullmatch(name):
            yield (
                node,
                f"claims and their helpers do not import {name}: with it, a claim could leave the run or look elsewhere.",
            )


def _statement(statement: ast.stmt) -> Iterator[tuple[ast.AST, str]]:
    """What is wrong with what stands at the left of a module."""
    match statement:
        case ast.FunctionDef():
            yield from _function(statement)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
            for call in calls:
                if not re.fullmatch(AT_IMPORT, ast.unparse(call.func)):
                    yield (
                        call,
                        "nothing is called while claims are read: what it gives could change from one to the next.",
                    )
        case ast.AsyncFunctionDef(name=name) if name.startswith("claim_"):
            pass  # of which is said elsewhere
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            pass
        case _:
            yield (
                statement,
                "a module of claims has imports, constants and functions, and nothing is done while it is read.",
            )


def _function(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str]]:
    for default in [*function.args.defaults, *function.args.kw_defaults]:
        if not isinstance(default, ast.Constant | ast.Name | None):
            yield default, "a default is kept from one call to the next. Give a constant."
    annotated = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    for annotation in filter(None, [function.returns, *(each.annotation for each in annotated)]):
        if not all(isinstance(node, PLAIN) for node in ast.walk(annotation)):
            yield annotation, "an annotation does nothing. Name a type."
    wanted = {"counterfactual", "on"} if function.name.startswith("claim_") else {"contextmanager"}
    for decorator in function.decorator_list:
        if ast.unparse(decorator).partition("(")[0] not in wanted:
            yield decorator, f"nothing but {' or '.join(sorted(wanted))} may stand here."


def _given(statement: ast.stmt) -> Iterator[ast.Name]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    for target in targets:
        yield from (each for each in ast.walk(target) if isinstance(each, ast.Name)) if target else ()


def _is_named(statement: ast.stmt, name: str) -> bool:
    return getattr(statement, "name", "") == name


def _at(file: Path, node: ast.AST) -> str:
    return f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))
