"""Verdicts for machines: JSON beside pytest's own JUnit XML, and GitHub's annotations and job summary where it runs.

Run as a program with such JSON files, of one run or of several, it writes what people are to be told of them.
"""

import itertools
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from verify import ROOT
from verify.judging import receipt, sentences
from verify.judging.verdicts import Outcome, Verdict, worst
from verify.lab.engines import Engine

OWN_ENGINE = Path("reports/own-engine.md")
PULL_REQUEST, ISSUE = Path("reports/pull-request.md"), Path("reports/issue.md")
ESCAPES = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
ROOM = 40_000
"""How many characters of differences go into an issue, of which GitHub takes 65,536 characters in all."""
DIFFERS = """\
What the engines print is no longer what the evidence says. Read the difference of each file, and merge them if all are \
right. The table says what the claims came to. Nothing was recorded of one that is *broken* or *vacuous*, nor on \
an engine on which one is *unrunnable*.

{table}
GitHub starts no checks for what a workflow opens: close this and open it again, and they run.
"""
OWN = """\
# {title}, beside what the site says of {beside}

{claims} claims were run with the binaries of this engine in the closed lab; {differ} came out otherwise. In a difference, what \
the site says stands after `-`, and what came here after `+`.
"""
UNTRUE = """\
These sentences are no longer true. Change each in every language, and its assertion with it, or say since which engine \
it is so.
"""


def as_json(outcomes: Iterable[Outcome], live: bool = False) -> list[dict[str, Any]]:
    """Each outcome, what was judged, and its sentences: `{claim, engine, world, verdict, detail, live, function, evidence, sentences:
    [{file, line, text, language}]}`; `function` and `evidence` are digests, empty where there is no such thing."""
    return [
        {
            "claim": outcome.claim,
            "engine": outcome.engine,
            "world": outcome.world,
            "verdict": str(outcome.verdict),
            "detail": outcome.detail,
            "live": live,
            **receipt.judged(outcome.claim, outcome.engine),
            "sentences": [
                {"file": str(s.file.relative_to(ROOT)), "line": s.line, "language": s.language, "text": s.text}
                for s in sentences.sentences(outcome.claim)
            ],
        }
        for outcome in outcomes
    ]


def annotations(outcomes: Iterable[Outcome]) -> list[str]:
    """GitHub's workflow commands that put each failure on the line of its sentence, in both languages."""
    lines = []
    for outcome in outcomes:
        if outcome.verdict is Verdict.HOLDS:
            continue
        message = str(outcome)
        for plain, escaped in ESCAPES:
            message = message.replace(plain, escaped)
        for sentence in sentences.sentences(outcome.claim):
            file = sentence.file.relative_to(ROOT)
            lines.append(f"::error file={file},line={sentence.line},title={outcome.claim}::{message}")
    return lines


def read(files: Iterable[Path]) -> list[Outcome]:
    """The outcomes in files that `write` has written."""
    return [
        Outcome(each["claim"], each["engine"], each["world"], Verdict[each["verdict"].upper()], each["detail"])
        for file in files
        for each in json.loads(file.read_text(encoding="utf-8"))
    ]


def pull_request(outcomes: Iterable[Outcome]) -> str:
    """What is said, in Markdown, of evidence that was recorded anew."""
    return DIFFERS.format(table=summary(worst(outcomes)))


def issue(outcomes: Iterable[Outcome]) -> str:
    """What is said, in Markdown, of the sentences that are no longer true; empty if there are none."""
    broken = sorted((o for o in outcomes if o.verdict is Verdict.BROKEN), key=lambda outcome: outcome.claim)
    parts = [UNTRUE] if broken else []
    for claim, found in itertools.groupby(broken, key=lambda outcome: outcome.claim):
        parts.append(f"## {claim}\n")
        parts += [f"- {sentence}" for sentence in sentences.sentences(claim)]
        parts += [
            f"\nOn {outcome.engine}, in the world `{outcome.world}`:\n\n{_fenced(outcome.detail, ROOM // len(broken))}"
            for outcome in found
        ]
    return "\n".join(parts)


def own(engine: Engine, outcomes: Iterable[Outcome]) -> Path:
    """Writes what a machine's own engine does otherwise than the site says, ready to be pasted into an issue; says where."""
    found = list(outcomes)
    differ = [outcome for outcome in found if outcome.verdict is not Verdict.HOLDS]
    parts = [OWN.format(title=engine.title, beside=engine.name, claims=len(worst(found)), differ=len(worst(differ)))]
    for outcome in differ:
        parts.append(f"## {outcome.claim}, in the world `{outcome.world}`: {outcome.verdict}\n")
        parts += [f"- {sentence}" for sentence in sentences.sentences(outcome.claim)]
        parts.append(f"\n{_fenced(outcome.detail, ROOM // len(differ))}")
    OWN_ENGINE.parent.mkdir(exist_ok=True)
    OWN_ENGINE.write_text("\n".join(parts), encoding="utf-8")
    return OWN_ENGINE


def _fenced(text: str, room: int) -> str:
    """A text, cut where it outgrows `room`, in a fence that nothing in it can close."""
    shown = text if len(text) <= room else f"{text[:room]}\n… {len(text) - room} more characters are in the run's log"
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", shown))])
    return f"{fence}diff\n{shown}\n{fence}\n"


def summary(worst: Mapping[tuple[str, str], Verdict]) -> str:
    """A table in Markdown: claims down, engines across."""
    engines = sorted({engine for _, engine in worst})
    rows = [["claim", *engines], ["---"] * (len(engines) + 1)]
    for claim in sorted({claim for claim, _ in worst}):
        rows.append([claim, *(str(worst.get((claim, engine), "")) for engine in engines)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def write(
    outcomes: list[Outcome], worst: Mapping[tuple[str, str], Verdict], file: Path | None, live: bool = False
) -> list[str]:
    """Writes what was asked for, and returns the lines that GitHub reads from the output."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(as_json(outcomes, live), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if step := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(step).open("a", encoding="utf-8") as stream:
                stream.write(summary(worst))
        except OSError as error:
            return [f"GITHUB_STEP_SUMMARY, {step}, could not be written: {error.strerror}"]
    return annotations(outcomes) if os.environ.get("GITHUB_ACTIONS") == "true" else []


def main() -> None:
    """Writes the text of a pull request and, if a claim is broken, that of an issue; exits if nothing was run."""
    outcomes = read(map(Path, sys.argv[1:]))
    if not outcomes:
        sys.exit("report: no claim was run, which proves nothing")
    PULL_REQUEST.parent.mkdir(exist_ok=True)
    PULL_REQUEST.write_text(pull_request(outcomes), encoding="utf-8")
    ISSUE.unlink(missing_ok=True)
    if untrue := issue(outcomes):
        ISSUE.write_text(untrue, encoding="utf-8")
    write(outcomes, worst(outcomes), None)


if __name__ == "__main__":
    main()
