"""The receipt of a replay: what every claim came to on every engine, in both worlds, and of what: digests of function and evidence.

No receipt, no site: the build demands one that is whole and of what stands here. It is made by a process of its own, in which
there is no pytest, and Python reads nothing from the environment: no option can deselect a claim, and no variable its asserts.

    python -I verify/judging/receipt.py                     judges all, and writes the receipt
    python -I verify/judging/receipt.py CLAIM…              judges these, and writes nothing
    python -I verify/judging/receipt.py --live ENGINE…      counts what the live run on these engines has left
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # of which a Python that reads no environment knows nothing

from verify import ROOT
from verify.judging import claim, evidence, form, playing, sentences
from verify.judging.claim import Claim
from verify.judging.digests import function_digest
from verify.judging.verdicts import Outcome, Verdict
from verify.lab import engines

FILE = Path("reports/receipt.json")
LIVE = Path("reports/verdicts.json")
"""What a live run leaves, as the job `verify` asks it to."""
AGAIN = "Replay all claims: ./nox -s site"
SHOWN = 5


@cache
def judged(name: str, engine: str) -> dict[str, str]:
    """What is judged of a claim on an engine: its function, the engine's version and the evidence, as digests; empty where there is none."""
    try:
        digest = evidence.kept(name, engine).digest
    except evidence.EvidenceError:
        digest = ""
    return _judged(name, engine, digest)


def problems(seen: Iterable[evidence.Evidence], root: Path = ROOT) -> Iterator[str]:
    """Why a site may not be built of this evidence: claims that no replay found to hold as they stand here."""
    digests = {(each.claim, each.engine): each.digest for each in seen}
    try:
        kept = json.loads((root / FILE).read_text(encoding="utf-8"))
        found = {(each["claim"], each["engine"], each["world"]): each for each in kept}
    except FileNotFoundError:
        yield f"{FILE}\n  is not there, so nobody knows whether the claims hold. {AGAIN}"
        return
    except (ValueError, KeyError, TypeError) as error:
        yield f"{FILE}\n  is not what a replay wrote ({error!r}). {AGAIN}"
        return
    lacking = [
        f"{name} on {engine}, in the world {world!r}"
        for name, engine, world in _all(claim.declared().values(), engines.load())
        if not _holds(found.get((name, engine, world)), _judged(name, engine, digests.get((name, engine), "")))
    ]
    if lacking:
        more = f"\n  and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
        yield (
            f"{FILE}\n  is of another state of the project: it does not say that these hold:\n  "
            + "\n  ".join(lacking[:SHOWN])
            + f"{more}\n  {AGAIN}"
        )


def count(wanted: Sequence[str], file: Path = ROOT / LIVE) -> Iterator[str]:
    """What a live run on these engines did not find to hold, though it is declared: it may have left it out."""
    if not wanted:
        yield "no engine is named, which proves nothing"
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield f"{LIVE}: {error}. It is written by ./nox -s verify"
        return
    found = {(each["claim"], each["engine"], each["world"]): each for each in kept if each["live"] is True}
    for name, engine, world in _all(claim.declared().values(), wanted):
        if not _holds(found.get((name, engine, world)), judged(name, engine)):
            yield f"{name} on {engine}, in the world {world!r}: no live run found that it holds as it stands here"
    if unknown := set(wanted) - set(engines.load()):
        yield f"no engine {', '.join(sorted(unknown))} in {engines.FILE.name}"


def replay(wanted: Sequence[str] = ()) -> tuple[list[str], list[Outcome]]:
    """Judges these claims, or all: what is wrong with how they are written, and what each came to."""
    if wrong := list(form.modules()):  # before anything of them is run
        return wrong, []
    every = [each for each in claim.declared().values() if not wanted or each.name in wanted]
    wrong = [problem for each in every for problem in form.problems(each)]
    return wrong, [] if wrong else [o for each in every for engine in each.engines for o in playing.judge(each, engine)]


def _judged(name: str, engine: str, digest: str) -> dict[str, str]:
    known = engines.load() | engines.watched()
    return {
        "function": function_digest(name) if name in claim.declared() else "",
        "version": known[engine].version if engine in known else "",
        "evidence": digest,
    }


def _all(claims: Iterable[Claim], wanted: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for each in claims:
        for engine in each.engines:
            if engine.name in wanted:
                yield from ((each.name, engine.name, str(world)) for world in each.worlds)


def _holds(kept: dict[str, Any] | None, now: dict[str, str]) -> bool:
    return kept is not None and kept.get("verdict") == str(Verdict.HOLDS) and now.items() <= kept.items()


def _write(outcomes: Iterable[Outcome]) -> None:
    entries = [
        {"claim": each.claim, "engine": each.engine, "world": each.world, "verdict": str(each.verdict)}
        | judged(each.claim, each.engine)
        for each in outcomes
    ]
    (ROOT / FILE).parent.mkdir(exist_ok=True)
    (ROOT / FILE).write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _told(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """What does not hold, once for all engines and worlds of which the same is to be said."""
    met: dict[tuple[str, Verdict, str], list[Outcome]] = {}
    for each in outcomes:
        if each.verdict is not Verdict.HOLDS:
            met.setdefault((each.claim, each.verdict, each.detail.replace(each.engine, "")), []).append(each)
    for same in met.values():
        more = "\nOther engines or worlds come to the same." if len(same) > 1 else ""
        yield "\n".join([*map(str, sentences.sentences(same[0].claim)), f"{same[0]}{more}"])


def main(arguments: list[str]) -> str:
    """Does as it is asked; returns what is wrong, empty if nothing is."""
    if arguments[:1] == ["--live"]:
        return "\n".join(count(arguments[1:]))
    if not arguments:
        (ROOT / FILE).unlink(missing_ok=True)
    wrong, outcomes = replay(arguments)
    wrong += _told(outcomes)
    if not wrong and not outcomes:
        wrong = ["no claim was judged, which proves nothing"]
    if not wrong and not arguments:
        _write(outcomes)
        print(f"{len(outcomes)} verdicts, all hold: {FILE}")
    return "\n\n".join(wrong)


if __name__ == "__main__":
    if not sys.flags.isolated or sys.flags.optimize:
        os.execv(sys.executable, [sys.executable, "-I", __file__, *sys.argv[1:]])
    sys.exit(main(sys.argv[1:]) or 0)
