"""Plays claims on what was seen, and on what was not: whether a claim holds, and whether it would say so of anything.

No pytest takes part, and so none of its options: what is judged here are the functions alone.
"""

import inspect
import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from verify import ROOT
from verify.judging import cassette, claim, commands, trust
from verify.judging.cassette import Cassette
from verify.judging.claim import Claim
from verify.judging.evidence import Evidence, EvidenceError
from verify.judging.verdicts import Outcome, Verdict
from verify.lab import engines
from verify.lab.engines import Engine
from verify.lab.machine import Capture

MACHINES = ("host", "router", "client", "second")
REFUSED = (125, 126, 127)
"""How `docker run` ends where the engine refused, or the container has no such program."""
COMPLAINT = re.compile(r"(?:docker: |podman: )?(?:Error|ERROR|error|failed|invalid|unknown)\b")
WORD = re.compile(r"[\w.:/@-]{2,}")


def play(played: Claim, engine: Engine, world: Any, tape: Cassette) -> BaseException | None:
    """What a claim raises on a tape, in one of its worlds; None if it passes."""
    given: dict[str, Any] = {name: cassette.Machine(name, tape) for name in MACHINES}
    given |= {"engine": engine, played.parameter: world}
    try:
        played.function(**{name: given[name] for name in inspect.signature(played.function).parameters})
        tape.check_end()
    except BaseException as error:  # whatever a claim may do to leave
        return error
    return None


def notices(seen: Evidence, run: Sequence[Capture], world: int = 0) -> bool:
    """Whether a claim does not pass on a run in the place of what was seen of it, in its first world or in its opposite (1)."""
    played = claim.declared()[seen.claim]
    return play(played, engines.load()[seen.engine], played.worlds[world], Cassette(run)) is not None


def instead(run: Sequence[Capture], index: int, capture: Capture) -> tuple[Capture, ...]:
    """A run with another capture in one place."""
    return (*run[:index], capture, *run[index + 1 :])


def relabelled(run: Sequence[Capture], like: Sequence[Capture]) -> list[Capture]:
    """What was seen in a run, as if it had been the answers to the commands of another; the rest is the other's."""
    answers = [replace(seen, on=mine.on, command=mine.command) for mine, seen in zip(like, run, strict=False)]
    return [*answers, *like[len(answers) :]]


def judge(played: Claim, engine: Engine) -> list[Outcome]:
    """The verdicts on a claim on an engine, in both worlds."""
    names = [str(world) for world in played.worlds]

    def outcomes(verdict: Verdict, detail: str) -> list[Outcome]:
        return [Outcome(played.name, engine.name, name, verdict, detail) for name in names]

    try:
        seen = trust.load(played.name, engine)
    except EvidenceError as error:
        return outcomes(Verdict.MISSING, str(error))
    if list(seen.worlds) != names:
        return outcomes(Verdict.MISSING, f"the evidence has the worlds {list(seen.worlds)}, the claim has {names}")
    tapes = [Cassette(run) for run in seen.worlds.values()]
    raised = [play(played, engine, world, tape) for world, tape in zip(played.worlds, tapes, strict=True)]
    found = [_of_world(played, error, index == 1) for index, error in enumerate(raised)]
    if all(verdict is Verdict.HOLDS for verdict, _ in found):
        for problem in _vacuous(played, engine, seen, tapes):
            return outcomes(Verdict.VACUOUS, problem)
    return [Outcome(played.name, engine.name, name, *each) for name, each in zip(names, found, strict=True)]


def _of_world(played: Claim, error: BaseException | None, is_opposite: bool) -> tuple[Verdict, str]:
    match error:
        case cassette.Unrecorded():
            return Verdict.MISSING, str(error)
        case None:
            return (Verdict.VACUOUS, "The counterfactual passed.") if is_opposite else (Verdict.HOLDS, "")
        case AssertionError() if is_opposite and is_own(played, error):
            return Verdict.HOLDS, ""
    if is_opposite:
        return Verdict.VACUOUS, f"The counterfactual failed, but not by its own assertion.\n{_where(error)}"
    return Verdict.BROKEN, _where(error)


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename.removeprefix(f'{ROOT}/')}:{last.lineno}: {error!r}"


def is_own(played: Claim, error: BaseException) -> bool:
    """Whether an assertion failed in the claim's own function, and not in another of its name."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code is played.function.__code__


def _vacuous(played: Claim, engine: Engine, seen: Evidence, tapes: Sequence[Cassette]) -> Iterator[str]:
    """Why a claim that came out as it must would have done so whatever the engine does."""
    holds, fails = seen.worlds.values()
    if tapes[0].steps == tapes[1].steps:
        yield "Both worlds do the same: the parameter changes nothing but what is asserted. Let it change a command."
    yield from _shows_nothing((*holds, *fails), (*tapes[0].conditions, *tapes[1].conditions))
    yield from misunderstood(played, holds, fails)
    if not play(played, engine, played.worlds[0], Cassette(relabelled(fails, holds))):
        yield "It holds, too, on what was seen in the world in which it must fail: it looks at its own parameter."
    for index, capture in enumerate(holds):
        if _is_planted(holds, index) and _matters(played, engine, holds, index):
            yield f"{capture.on}# {capture.command}\nprints what the claim itself wrote before. Assert what an engine did."
    if play(played, engine, played.worlds[0], Cassette(holds)):
        yield "It comes to something else when it is played once more: it keeps something from the time before."


def _shows_nothing(captures: Sequence[Capture], conditions: Sequence[str]) -> Iterator[str]:
    """Commands that would print the same without an engine, and those that do in secret what no capture shows."""
    for condition in dict.fromkeys(conditions):
        if not commands.asks(condition):
            yield f"It waits until {condition!r}, which may change something where no capture shows it. Run it instead."
    for capture in captures:
        if problem := commands.problem(capture.command):
            yield f"{capture.on}# {capture.command}\n{problem}."
    if not any(commands.ENGINE.search(capture.command) for capture in captures):
        yield "It asks no engine anything."


def misunderstood(played: Claim, holds: Sequence[Capture], fails: Sequence[Capture]) -> Iterator[str]:
    """In the opposite world: commands that nobody understood, or that the engine refused, though nobody said that it would."""
    known = "\n".join(capture.stdout + capture.stderr for capture in holds)
    before = {(capture.on, capture.command) for capture in holds}
    refusals = []
    for capture in fails:
        said = f"{capture.on}# {capture.command}\n[exit status {capture.exit_code}] {capture.stderr.strip() or capture.stdout.strip()}"
        if (slip := commands.MISUNDERSTOOD.search(capture.stdout + capture.stderr)) and slip[0] not in known:
            yield f"In the opposite world it fails since a command was not understood:\n{said}"
        elif _is_refused(capture) and (capture.on, capture.command) not in before:
            refusals.append(said)
    if refusals and not played.refused:
        yield (
            f"In the opposite world the engine refuses a command, as it would for a slip of the pen:\n{refusals[0]}\n"
            'If the sentence is about that, say so: @counterfactual(…, refused="words of the refusal").'
        )
    if played.refused and not any(played.refused in each for each in refusals):
        yield f"In the opposite world nothing is refused with the words {played.refused!r}, as its @counterfactual says."


def _is_refused(capture: Capture) -> bool:
    if not commands.ENGINE.search(capture.command) or not capture.exit_code:
        return False
    return capture.exit_code in REFUSED or COMPLAINT.match(capture.stderr) is not None


def _is_planted(run: Sequence[Capture], index: int) -> bool:
    """Whether all that a command printed stands in what the claim itself wrote into the files that the command names."""
    capture = run[index]
    words = WORD.findall(capture.stdout)
    written = [
        each.command
        for each in run[:index]
        for file in re.findall(r">>?\s*([^\s<>&|;]+)", each.command)
        if file in capture.command and not commands.ENGINE.search(each.command)
    ]
    return bool(words and written) and all(word in "\n".join(written) for word in words)


def _matters(played: Claim, engine: Engine, run: Sequence[Capture], index: int) -> bool:
    """Whether the claim notices that a command printed nothing."""
    silent = instead(run, index, replace(run[index], stdout=""))
    return play(played, engine, played.worlds[0], Cassette(silent)) is not None
