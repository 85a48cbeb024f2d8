"""Could a claim assert less, and be green all the same? Changes the functions of claims, one small thing at a time, as one would
who then records and confirms again, and sees who notices.

A mutant is noticed by the claim (it no longer holds, or passes in the world in which it must fail), by a rule (what it then runs,
or what came of that, is refused), or by its strength: of the changes of what was seen, it notices fewer than are kept for it. What
none of them notices asserts what another assertion says, too. It is still another function: a person is asked to confirm it.
"""

import ast
import copy
import inspect
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from verify import data
from verify.judging import claim, commands, evidence, playing
from verify.judging.cassette import Cassette
from verify.judging.claim import Claim
from verify.judging.evidence import Evidence
from verify.lab.engines import Engine
from verify.trials import mutants

SCORES = Path(__file__).with_name("functions.json")
CLAIMED, RULED, WEAKER, ASKED = NOTICED = ("claimed", "ruled", "weaker", "asked")
"""Who notices: the claim itself, a rule, its strength, or nobody before a person is asked to confirm."""
SLIP = "--netwrok"
TOLD = "echo", "printf"


def assertions(function: ast.FunctionDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The function with one assertion less, or a weaker one: what was done, and what came of it."""
    asserts = [node for node in ast.walk(function) if isinstance(node, ast.Assert)]
    for index, found in enumerate(asserts):
        yield "drop an assertion", _with(function, index, ast.Constant(value=True))
        match found.test:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                yield "weaken == to in", _with(function, index, ast.Compare(right, [ast.In()], [left]))
                if isinstance(left, ast.Tuple) and isinstance(right, ast.Tuple) and len(left.elts) == len(right.elts):
                    for part in range(len(left.elts)):
                        yield "drop a part", _with(function, index, _without(left, right, part))


def _with(function: ast.FunctionDef, index: int, test: ast.expr) -> ast.FunctionDef:
    """The function with another test in the place of one of its assertions."""
    mutant = copy.deepcopy(function)
    [node for node in ast.walk(mutant) if isinstance(node, ast.Assert)][index].test = copy.deepcopy(test)
    return ast.fix_missing_locations(mutant)


def _without(left: ast.Tuple, right: ast.Tuple, part: int) -> ast.Compare:
    sides = [ast.Tuple([e for n, e in enumerate(side.elts) if n != part], ast.Load()) for side in (left, right)]
    return ast.Compare(sides[0], [ast.Eq()], [sides[1]])


def judge(mutant: Claim, engine: Engine, seen: Evidence) -> str:
    """Who notices a function that asserts less, of what its claim saw on an engine."""
    holds, fails = seen.worlds.values()
    first = playing.play(mutant, engine, mutant.worlds[0], Cassette(holds))
    second = playing.play(mutant, engine, mutant.worlds[1], Cassette(fails))
    alike = playing.play(mutant, engine, mutant.worlds[0], Cassette(playing.relabelled(fails, holds)))
    return ASKED if first is None and isinstance(second, AssertionError) and alike is not None else CLAIMED


def strength(played: Claim, engine: Engine, seen: Evidence) -> list[bool]:
    """Of each change of what a claim saw on an engine, those of `mutants.mutants` and a word where nothing was printed, whether its assertions notice it."""
    runs = [each.run for each in mutants.mutants(seen)]
    for index, capture in enumerate(seen.holds):
        for stream in ("stdout", "stderr"):
            if not getattr(capture, stream):
                said: dict[str, Any] = {stream: "a word\n"}
                runs.append(playing.instead(seen.holds, index, replace(capture, **said)))
    return [playing.play(played, engine, played.worlds[0], Cassette(run)) is not None for run in runs]


def told(seen: Evidence) -> Iterator[tuple[str, str]]:
    """What comes of commands that are made constant: what was done, and who notices."""
    for capture in seen.holds:
        changed = [
            (f"{program} in place of a command", f"{program} '{capture.stdout.strip()[:40]}'") for program in TOLD
        ]
        if commands.ENGINE.search(capture.command) and not commands.WRITES.fullmatch(capture.command):
            changed.append(("pass a failure over", f"{capture.command} || true"))
        for kind, command in changed:
            yield kind, RULED if commands.problem(command) else ASKED


def slips(played: Claim, seen: Evidence) -> Iterator[tuple[str, str]]:
    """What comes of an option that is misspelt in the opposite world: what was done, and who notices."""
    holds, fails = seen.worlds.values()
    for index, capture in enumerate(fails):
        if commands.ENGINE.search(capture.command) and capture.command not in {each.command for each in holds}:
            wrong = replace(
                capture, exit_code=125, stdout="", stderr=f"unknown flag: {SLIP}\nSee 'docker run --help'.\n"
            )
            run = playing.instead(fails, index, wrong)
            yield "misspell an option", RULED if any(playing.misunderstood(played, holds, run)) else ASKED


def swapped(played: Claim, engine: Engine, seen: Evidence) -> str:
    """Who notices that a claim is said of its opposite world."""
    holds, fails = seen.worlds.values()
    raised = playing.play(played, engine, played.worlds[1], Cassette(fails))
    return CLAIMED if raised is not None and holds != fails else ASKED


def compiled(played: Claim, mutant: ast.FunctionDef) -> Claim:
    """The claim with another function, which sees what its module has."""
    mutant.decorator_list = []
    scope: dict[str, Any] = dict(vars(sys.modules[played.function.__module__]))
    exec(compile(ast.Module([mutant], []), f"<a mutant of {played.name}>", "exec"), scope)
    return replace(played, function=scope[mutant.name])


@dataclass
class Score:
    """What came of the mutants of a claim."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many there were, by kind and by who noticed."""
    strength: int = 0
    """How many changes of what it saw on its newest engine its assertions notice."""
    asked: list[str] = field(default_factory=list)
    """The assertions of which nothing tells that they are less."""


def score(played: Claim) -> Score:
    """What comes of the mutants of a claim; that one is noticed on any of its engines is enough."""
    found = Score()
    seen = [(engine, evidence.kept(played.name, engine.name)) for engine in played.engines]
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(played.function))).body
    assert isinstance(function, ast.FunctionDef)
    strong = strength(played, *seen[-1])
    found.strength = sum(strong)
    for kind, mutant in assertions(function):
        weak = compiled(played, mutant)
        who = CLAIMED if CLAIMED in {judge(weak, *each) for each in seen} else ASKED
        if who == ASKED and strength(weak, *seen[-1]) < strong:
            who = WEAKER
        found.counts[kind, who] += 1
        if who == ASKED:
            found.asked.append(f"{played.name}: {kind}: {ast.unparse(mutant).splitlines()[-1].strip()}")
    found.counts["swap the worlds", swapped(played, *seen[-1])] += 1
    for kind, noticed in (*told(seen[-1][1]), *slips(played, seen[-1][1])):
        found.counts[kind, noticed] += 1
    return found


def scores() -> dict[str, Any]:
    """The scores of all claims: `mutants` by kind, how many were noticed by whom; `asked`, of which a person is; and `strength` by claim."""
    found = {name: score(each) for name, each in claim.declared().items()}
    total = sum((each.counts for each in found.values()), Counter[tuple[str, str]]())
    kinds = dict.fromkeys(kind for kind, _ in total)
    return {
        "mutants": {kind: {who: total[kind, who] for who in NOTICED} for kind in kinds},
        "asked": [line for each in found.values() for line in each.asked],
        "strength": {name: each.strength for name, each in found.items()},
    }


def kept() -> dict[str, Any]:
    """The scores that are kept."""
    return data(SCORES)


if __name__ == "__main__":
    now = scores()
    for name, by in now["mutants"].items():
        print(f"{sum(by.values()):6} {name}:", ", ".join(f"{count} {who}" for who, count in by.items()))
    SCORES.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
