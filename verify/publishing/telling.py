"""Whether pages show the commands that tell: with a second argument, `capture` and `counterfactual` leave others out.

A claim is played what was seen with one output emptied. If it minds, its sentence rests on that output, so that is shown.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from verify import ROOT
from verify.judging.evidence import Evidence
from verify.judging.playing import instead, notices
from verify.judging.sentences import LANGUAGES, all_pages
from verify.lab.machine import Capture
from verify.publishing import memo, pages
from verify.publishing.shown import shown


def problems(root: Path = ROOT) -> Iterator[str]:
    """What is shown of claims and does not tell, or tells and is not shown: where, what, and what to do."""
    parts = memo.parts()
    uses: dict[tuple[str, str], list[tuple[pages.Use, str]]] = {}
    for use in (use for page in all_pages(LANGUAGES[0], root) for use in pages.uses_on(page, root)):
        if use.macro == "compare":
            uses.setdefault(("capture", parts[use.name].claim), []).append((use, parts[use.name].command))
        elif use.macro in ("capture", "counterfactual"):
            uses.setdefault((use.macro, use.name), []).append((use, use.only))
    for (macro, name), places in uses.items():
        look = _seen if macro == "capture" else _opposite
        for what in look(shown(name), [only for _, only in places]):
            yield f"{places[0][0].where}: {places[0][0]}\n  {what}"


def _seen(seen: Evidence, only: list[str]) -> Iterator[str]:
    opposite = list(seen.worlds.values())[1]
    telling = False
    for index, capture in enumerate(seen.holds):
        empty = notices(seen, instead(seen.holds, index, dataclasses.replace(capture, stdout="", stderr="")))
        if any(each in capture.command for each in only):
            others = [dataclasses.replace(capture, exit_code=97)]
            others += [_answering(capture, each) for each in opposite[index : index + 1]]
            telling |= empty or any(notices(seen, instead(seen.holds, index, other)) for other in others)
        elif empty:
            yield f"the claim rests on what this printed, which is not shown: {capture.command}\n  Show it, too."
    if not telling:
        yield "the claim would hold whatever this had printed. Show the commands that its function asserts on."


def _opposite(seen: Evidence, only: list[str]) -> Iterator[str]:
    other = list(seen.worlds.values())[1]
    if len(other) != len(seen.holds):
        return  # the claim ends earlier in the one, so that they cannot be laid side by side
    run = [
        capture if any(each in capture.command for each in only) else _answering(capture, held)
        for capture, held in zip(other, seen.holds, strict=True)
    ]
    if not notices(seen, run, world=1):
        yield "what makes the claim fail here is in a command that is not shown. Show it, too."


def _answering(capture: Capture, like: Capture) -> Capture:
    """A capture with the answer of another."""
    answer = {field: getattr(like, field) for field in ("exit_code", "stdout", "stderr", "files")}
    return dataclasses.replace(capture, **answer)
