"""Could a green mark have been red? Changes what was seen, one small thing at a time, and sees who notices.

A mutant must be caught: by the comparison with the evidence, or by the claim itself when it is played the mutant. One that
equals its original is void and not counted. One that is caught by neither is hidden by a mask, which is then named, and
has its reason in its own line of code; or it survives, and the job fails.
"""

import dataclasses
import functools
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify import data
from verify.judging import claim, evidence, masks, playing
from verify.judging.evidence import Evidence
from verify.lab import engines
from verify.lab.machine import Capture

SCORES = Path(__file__).with_name("mutants.json")
MASKS = Path(__file__).with_name("masks.digest")
"""Of which masks the scores are."""
TOKENS: dict[str, tuple[str, Callable[[str], str]]] = {
    "address": (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", lambda old: "198.51.100.7"),
    "interface": (r"\b(?:eth0|docker0|lo)\b", lambda old: "eth1"),
    "number": (r"\b\d+\b", lambda old: str(int(old) + 1)),
    "word": (r"\b[A-Za-z]{3,}\b", lambda old: old[::-1]),
}


@dataclass(frozen=True)
class Mutant:
    """A run in which one capture was changed: how, and where in which stream."""

    kind: str
    index: int
    stream: str
    span: tuple[int, int]
    run: tuple[Capture, ...]


def mutants(seen: Evidence) -> Iterator[Mutant]:
    """Everything that is changed in what the claim saw in the world in which it holds."""
    counter = list(seen.worlds.values())[1]
    for index, capture in enumerate(seen.holds):
        changed = functools.partial(_changed, seen.holds, index)
        yield changed("exit code", "", (0, 0), exit_code=capture.exit_code + 1)
        other = next((each for each in counter if each.command == capture.command), None)
        for stream in ("stdout", "stderr"):
            text = getattr(capture, stream)
            whole = (0, len(text))
            if text:
                yield changed("empty", stream, whole, **{stream: ""})
            if other:
                yield changed("counterfactual's", stream, whole, **{stream: getattr(other, stream)})
            for kind, span, mutated in _texts(text):
                yield changed(kind, stream, span, **{stream: mutated})


def exchanged(seen: Evidence, others: Sequence[Evidence]) -> Iterator[Mutant]:
    """What other engines printed in the place of what this one did, a command at a time."""
    for other in others:
        for index, (mine, theirs) in enumerate(zip(seen.holds, other.holds, strict=False)):
            if mine.command == theirs.command:
                answer = {"exit_code": theirs.exit_code, "stdout": theirs.stdout, "stderr": theirs.stderr}
                yield _changed(seen.holds, index, "another engine's", "", (0, 0), **answer)


def _changed(run: tuple[Capture, ...], index: int, kind: str, stream: str, span: tuple[int, int], **new: Any) -> Mutant:
    capture = dataclasses.replace(run[index], **new)
    return Mutant(kind, index, stream, span, playing.instead(run, index, capture))


def _texts(text: str) -> Iterator[tuple[str, tuple[int, int], str]]:
    lines = text.splitlines(keepends=True)
    start = 0
    for number, line in enumerate(lines):
        before, after = lines[:number], lines[number + 1 :]
        span = (start, start + len(line))
        yield "drop a line", span, "".join([*before, *after])
        yield "repeat a line", span, "".join([*before, line, line, *after])
        if after:
            yield (
                "swap two lines",
                (start, start + len(line) + len(after[0])),
                "".join([*before, after[0], line, *after[1:]]),
            )
        start += len(line)
    for kind, (pattern, change) in TOKENS.items():
        for found in re.finditer(pattern, text):
            yield f"change a {kind}", found.span(), text[: found.start()] + change(found[0]) + text[found.end() :]


@dataclass
class Score:
    """What came of the mutants of one engine's evidence."""

    compared: int = 0
    """Caught by the comparison with the evidence."""
    claimed: int = 0
    """Caught by the claim, where the comparison had not noticed."""
    hidden: Counter[str] = dataclasses.field(default_factory=Counter)
    """Hidden by a mask, by mask."""
    void: int = 0
    survivors: list[str] = dataclasses.field(default_factory=list)

    @property
    def ran(self) -> int:
        return self.compared + self.claimed + self.hidden.total() + len(self.survivors)

    def summary(self) -> dict[str, int]:
        """The counts by name, as they are kept for pages."""
        return {
            "ran": self.ran,
            "compared": self.compared,
            "claimed": self.claimed,
            "masked": self.hidden.total(),
            "survived": len(self.survivors),
            "void": self.void,
            **{f"hidden by {mask}": count for mask, count in sorted(self.hidden.items())},
        }

    def judge(self, seen: Evidence, mutant: Mutant, meaning: str) -> None:
        """Counts one mutant; `meaning` is what was seen before it was changed, as `masks.canonical` has it."""
        if mutant.run == seen.holds or _says_the_same(seen.holds[mutant.index], mutant):
            self.void += 1
        elif masks.canonical(mutant.run) != meaning:
            self.compared += 1
        elif playing.notices(seen, mutant.run):
            self.claimed += 1
        elif mask := _hidden(seen.holds[mutant.index], mutant):
            self.hidden[mask] += 1
        else:
            capture = seen.holds[mutant.index]
            text = getattr(capture, mutant.stream)[slice(*mutant.span)]
            self.survivors.append(
                f"{seen.engine}/{seen.claim}: {mutant.kind}: {text!r} in {mutant.stream} of {capture.command}"
            )

    def play_opposite(self, seen: Evidence) -> None:
        """Counts the mutant in which all that was seen is what the world shows in which the sentence is false.

        The comparison would notice; but a claim that does not looks at its own parameter, not at what it saw.
        """
        other = list(seen.worlds.values())[1]
        if playing.notices(seen, playing.relabelled(other, seen.holds)):
            self.claimed += 1
        else:
            self.survivors.append(
                f"{seen.engine}/{seen.claim}: holds, too, on what was seen in the world in which it must fail"
            )


def _says_the_same(capture: Capture, mutant: Mutant) -> bool:
    """Whether the counterfactual's or another engine's output, in the place of this capture's, means just what that does."""
    return mutant.kind in ("counterfactual's", "another engine's") and masks.canonical([capture]) == masks.canonical(
        [mutant.run[mutant.index]]
    )


def _hidden(capture: Capture, mutant: Mutant) -> str:
    """The mask behind which a change disappeared."""
    start, end = mutant.span
    for field in masks.fields(capture.command, getattr(capture, mutant.stream) if mutant.stream else ""):
        taken_out = mutant.kind == "swap two lines" and field.kind in masks.TAKEN_OUT
        if (field.start <= start and end <= field.end) or (taken_out and start <= field.start and field.end <= end):
            return str(field.mask)
    changed_from = end if mutant.kind == "repeat a line" else start
    if masks.after_handshake(capture, mutant.stream, changed_from) or _interleaves(capture, mutant):
        return masks.AFTER_HANDSHAKE
    return ""


def _interleaves(capture: Capture, mutant: Mutant) -> bool:
    """Whether a mutant only swaps two packets of different connections."""
    swapped = getattr(capture, mutant.stream, "")[slice(*mutant.span)] if mutant.kind == "swap two lines" else ""
    return len(set(re.findall(r"203\.0\.113\.150\.\d+", swapped))) == 2


def score(engine: str) -> Score:
    """What comes of the mutants of an engine's evidence."""
    result = Score()
    for each in (each for each in claim.declared().values() if engines.load()[engine] in each.engines):
        seen = evidence.kept(each.name, engine)
        meaning = masks.canonical(seen.holds)
        others = [evidence.kept(each.name, other.name) for other in each.engines if other.name != engine]
        for mutant in (*mutants(seen), *exchanged(seen, others)):
            result.judge(seen, mutant, meaning)
        result.play_opposite(seen)
    return result


def scores() -> dict[str, dict[str, int]]:
    """The scores that are kept, by engine."""
    return data(SCORES)


def stale() -> Iterator[str]:
    """Says so if masks were changed and no mutants run since: nobody has seen what they hide now."""
    if MASKS.read_text(encoding="utf-8").strip() != masks.digest():
        yield (
            f"{masks.FILE.name}\n  was changed, or how it is applied was, and no mutants were run since. "
            f"./nox -s mutants, and look at what is hidden more in {SCORES.name}."
        )


def unscored() -> Iterator[str]:
    """Names engines whose evidence no mutants were made of."""
    for engine in engines.load():
        if engine not in scores():
            yield f"{SCORES.name}\n  has no score of {engine}, so nobody knows whether its marks could have been red. ./nox -s mutants"


def changes(engine: str, now: Mapping[str, int]) -> list[str]:
    """In what the score of an engine is no longer the one that is kept, a line each."""
    kept = scores().get(engine, {})
    names = [name for name in {**kept, **now} if kept.get(name, 0) != now.get(name, 0)]
    return [f"{engine}: {name}: {now.get(name, 0)}, and {kept.get(name, 0)} in {SCORES.name}" for name in names]


def main() -> int:
    """Runs the mutants of all engines' evidence, and keeps the scores; or of the engines named, and compares them."""
    wanted = sys.argv[1:] or list(engines.load())
    results = {engine: score(engine) for engine in wanted}
    summaries = {engine: result.summary() for engine, result in results.items()}
    for engine, summary in summaries.items():
        print(engine, *(f"{count:6} {name}" for name, count in summary.items()), sep="\n")
    problems = [survivor for result in results.values() for survivor in result.survivors]
    problems += [f"{engine}: no mutants, which proves nothing" for engine, result in results.items() if not result.ran]
    changed = [change for engine, summary in summaries.items() for change in changes(engine, summary)]
    print("\n".join(problems + changed))
    if set(wanted) != set(engines.load()):
        return 1 if problems or changed else 0
    SCORES.write_text(json.dumps(summaries, indent=1) + "\n")
    MASKS.write_text(masks.digest() + "\n", encoding="utf-8")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
