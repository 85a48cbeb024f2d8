"""Verdicts for machines: JSON beside pytest's own JUnit XML, and GitHub's annotations and job summary where it runs."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from verify import pages
from verify.verdicts import Outcome, Verdict

ESCAPES = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))


def as_json(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Each outcome with its sentences: `{claim, engine, world, verdict, detail, sentences: [{file, line, text, language}]}`."""
    return [
        {
            "claim": outcome.claim,
            "engine": outcome.engine,
            "world": outcome.world,
            "verdict": str(outcome.verdict),
            "detail": outcome.detail,
            "sentences": [
                {"file": str(s.file.relative_to(pages.ROOT)), "line": s.line, "language": s.language, "text": s.text}
                for s in pages.sentences(outcome.claim)
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
        for sentence in pages.sentences(outcome.claim):
            file = sentence.file.relative_to(pages.ROOT)
            lines.append(f"::error file={file},line={sentence.line},title={outcome.claim}::{message}")
    return lines


def summary(worst: Mapping[tuple[str, str], Verdict]) -> str:
    """A table in Markdown: claims down, engines across."""
    engines = sorted({engine for _, engine in worst})
    rows = [["claim", *engines], ["---"] * (len(engines) + 1)]
    for claim in sorted({claim for claim, _ in worst}):
        rows.append([claim, *(str(worst.get((claim, engine), "")) for engine in engines)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def write(outcomes: list[Outcome], worst: Mapping[tuple[str, str], Verdict], file: Path | None) -> list[str]:
    """Writes what was asked for, and returns the lines that GitHub reads from the output."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(as_json(outcomes), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if step := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(step).open("a", encoding="utf-8") as stream:
            stream.write(summary(worst))
    return annotations(outcomes) if os.environ.get("GITHUB_ACTIONS") == "true" else []
