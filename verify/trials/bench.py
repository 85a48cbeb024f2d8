"""What the checking itself costs: beside a bare shell script with the same commands, piece by piece, and as claims grow in number.

What is compared is timed in turns in one run and told as a ratio. Seconds are those of the machine that measured.
"""

import contextlib
import datetime
import inspect
import io
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import pytest

from verify import ROOT
from verify.judging import claim, evidence, masks
from verify.judging.claim import Claim
from verify.lab import engines
from verify.lab.errors import LabError
from verify.lab.machine import Machine
from verify.lab.provenance import provenance
from verify.lab.stream import ENVIRONMENT, WORK
from verify.lab.topology import Lab
from verify.trials.spread import Spread, straight

RESULTS = ROOT / "docs" / "assets" / "bench.json"
LIMIT = 1.05
"""How many times as long as the bare script the harness may take."""
BOUND = (1000, 3.0)
"""That many claims are to be replayed in that many seconds."""
COUNTS = (10, 100, 1000, 10_000)
CLAIMS, ROUNDS = 6, 4


def ratios(results: Mapping[str, Any]) -> dict[str, list[float]]:
    """How many times as long as the bare script the harness took: for each claim and round, and for each round in pytest."""
    pairs = [list(each["claims"].values()) for each in results["rounds"]]
    return {
        "harness": [harness / script for each in pairs for script, harness in each],
        "pytest": [
            each["pytest"] / sum(script for script, _ in pair)
            for each, pair in zip(results["rounds"], pairs, strict=True)
        ],
    }


def replays(results: Mapping[str, Any]) -> dict[int, list[float]]:
    """Seconds that replays of a number of claims took."""
    return {int(count): seconds for count, seconds in results["replay"].items()}


def figures(results: Mapping[str, Any]) -> dict[str, str]:
    """The results as a page says them: ratios without a unit, times in seconds or, where the name ends so, milliseconds."""
    said: dict[str, str] = {}
    for name, values in ratios(results).items():
        spread = Spread.of(values)
        said |= {name: f"{spread.middle:.2f}", f"{name}_spread": f"{spread.low:.2f}–{spread.high:.2f}"}
    counted = replays(results)
    fixed, each = straight({count: counted[count] for count in counted if count <= BOUND[0]})
    largest = max(counted)
    said |= {f"replay_{count}": f"{median(seconds):.1f}" for count, seconds in counted.items()}
    said |= {
        "claims": str(len(results["rounds"][0]["claims"])),
        "claim_ms": f"{each * 1000:.1f}",
        "largest": f"{largest:,}".replace(",", " "),
        "straight": f"{median(counted[largest]) / (fixed + each * largest):.2f}",
    }
    pieces = {name: Spread.of(values) for name, values in results["pieces"].items()}
    said |= {name: f"{spread.middle:.2f}" for name, spread in pieces.items()}
    said |= {f"{name}_spread": f"{spread.low:.2f}–{spread.high:.2f}" for name, spread in pieces.items()}
    return said | {name: str(value) for name, value in results["ran"].items()}


def load() -> dict[str, Any]:
    """The results that pages show."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


# ---- replay --------------------------------------------------------------------------------------------------------


def replay(folder: Path, counts: Sequence[int], rounds: int) -> dict[int, list[float]]:
    """Seconds to replay so many claims, copies of the real ones. More than `BOUND` has are replayed once."""
    copies = _copies(max(counts))
    say(f"writing {len(copies)} claims and their evidence")
    for each, name in copies:
        evidence.save(replace(evidence.load(each.name, engines.at_hand().name), claim=name), folder / "evidence")
    for count in counts:
        _write_modules(folder / str(count) / "claims", copies[:count])
        _run_claims(folder, count, "--collect-only")  # compiles them
    seconds: dict[int, list[float]] = {count: [] for count in counts}
    for turn in range(rounds):
        for count in counts:
            if turn == 0 or count <= BOUND[0]:
                seconds[count].append(_timed(_run_claims, folder, count))
                say(f"replay of {count} claims: {seconds[count][-1]:.2f} s")
    return seconds


def _copies(count: int) -> list[tuple[Claim, str]]:
    """Real claims, round and round, and the names of their copies."""
    real = [each for each in claim.declared().values() if engines.at_hand() in each.engines]
    return [(real[each % len(real)], f"{real[each % len(real)].name}_{each // len(real)}") for each in range(count)]


def _write_modules(folder: Path, copies: Sequence[tuple[Claim, str]]) -> None:
    """Writes modules like those of the real claims, in which what is not among `copies` is not collected."""
    folder.mkdir(parents=True)
    modules: dict[tuple[str, str], dict[str, str]] = {}
    for each, name in copies:
        modules.setdefault((each.file, name.rpartition("_")[2]), {})[each.name] = name
    for (file, number), names in modules.items():
        text = _renamed((ROOT / file).read_text(encoding="utf-8"), names)
        (folder / f"{Path(file).stem}_{number}.py").write_text(text, encoding="utf-8")


def _renamed(module: str, names: Mapping[str, str]) -> str:
    def name(found: re.Match[str]) -> str:
        return f"def claim_{names[found[1]]}(" if found[1] in names else f"def unclaimed_{found[1]}("

    return re.sub(r"^def claim_(\w+)\(", name, module, flags=re.MULTILINE)


def _options() -> tuple[str, ...]:
    """How pytest runs the claims that are timed."""
    return ("-c", "verify/pytest.ini", "--tb=short", "-q", "-rN", f"--engine={engines.at_hand().name}")


def _run_claims(folder: Path, count: int, *arguments: str) -> None:
    command = [sys.executable, "-m", "pytest", *_options(), f"--evidence={folder / 'evidence'}", *arguments]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    modules = folder / str(count) / "claims"
    # With a file beside their folder: a run over folders alone has to find every real claim.
    places = [modules, next(modules.glob("*.py"))]
    ran = subprocess.run(
        [*command, *map(str, places)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    done = f"{2 * count} tests collected" if arguments else f"{count} passed, {count} xfailed"
    if done not in ran.stdout:
        raise RuntimeError(f"a replay of {count} claims did not end in {done!r}:\n{ran.stdout[-2000:]}{ran.stderr}")


# ---- live ----------------------------------------------------------------------------------------------------------


class TimedLab(Lab):
    """A lab that tells how long its parts took, in seconds."""

    engine_seconds = 0.0

    def _start_engine(self, host: Machine) -> None:
        self.engine_seconds = _timed(super()._start_engine, host)


class Standing:
    """A pytest plugin that gives claims a lab that stands already."""

    def __init__(self, lab: Lab):
        self._lab, self._provenance = lab, provenance(lab)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Lab | None:
        if fixturedef.argname != "lab":
            return None
        request.config.pluginmanager.get_plugin("claims").provenance[self._lab.engine.name] = self._provenance
        fixturedef.cached_result = (self._lab, fixturedef.cache_key(request), None)
        return self._lab


def live(rounds: int) -> tuple[list[dict[str, Any]], dict[str, list[float]]]:
    """Rounds of the same claims as a bare script, in the harness, and in pytest; and seconds that the pieces took."""
    pieces: dict[str, list[float]] = {"lab": [], "engine": [], "put_back": []}
    for turn in range(rounds):
        lab = TimedLab(engines.at_hand(), say)
        pieces["lab"].append(_timed(lab.__enter__))
        pieces["engine"].append(lab.engine_seconds)
        say(f"lab up in {pieces['lab'][-1]:.2f} s, {lab.engine_seconds:.2f} s of them its engine")
        with contextlib.ExitStack() as stack:
            stack.push(lab)
            if turn + 1 == rounds:
                return _rounds(lab, rounds, pieces["put_back"]), pieces
    raise ValueError("no round was asked for")


def _rounds(lab: Lab, rounds: int, put_back: list[float]) -> list[dict[str, Any]]:
    plain = [each for each in claim.declared().values() if _only_runs(each)]
    chosen = plain[:: -(-len(plain) // CLAIMS)]
    scripts = {each.name: _script(lab, each) for each in chosen}
    standing = Standing(lab)
    found: list[dict[str, Any]] = []
    for turn in range(rounds):
        pairs = {}
        for each in chosen:
            if turn % 2:
                script = run_script(lab.host, scripts[each.name])
            harness = _timed(_harness, lab, each, put_back)
            if not turn % 2:  # in turns, who goes first
                script = run_script(lab.host, scripts[each.name])
            pairs[each.name] = (script, harness)
            say(f"{each.name}: script {script:.2f} s, harness {harness:.2f} s, {harness / script:.2f} times as long")
        found.append({"claims": pairs, "pytest": _timed(_in_pytest, standing, chosen)})
        say(f"all in pytest: {found[-1]['pytest']:.2f} s")
    return found


def _only_runs(each: Claim) -> bool:
    """Whether all that a claim does is to run commands on the host, one after another."""
    arguments = set(inspect.signature(each.function).parameters)
    apart = {"start", "terminal"} & _named(each.function)
    return engines.at_hand() in each.engines and arguments <= {"host", "engine", each.parameter} and not apart


def _named(function: Callable[..., object]) -> set[str]:
    """The names in the code of a claim or a helper, and in that of the helpers among them."""
    names = set(inspect.unwrap(function).__code__.co_names)
    helpers = [inspect.getattr_static(sys.modules[function.__module__], name, None) for name in names]
    ours = [each for each in helpers if inspect.isfunction(each) and each.__module__.startswith("verify.claims")]
    return names.union(*map(_named, ours))


def _script(lab: Lab, each: Claim) -> str:
    """The commands that the harness gives the host for a claim in both its worlds, what puts it back included, as a script."""
    with mock.patch.object(lab.host, "_answer", wraps=lab.host._answer) as answer:
        _harness(lab, each, [])
    commands = [call.args[0] for call in answer.call_args_list]
    return "\n".join([f"cd {WORK}", "began=$EPOCHREALTIME", *commands, "echo; echo $began $EPOCHREALTIME"])


def run_script(host: Machine, script: str) -> float:
    """Seconds that a script takes by its own clock, so without what it takes to start it."""
    _, (output, _) = host.container.exec_run(["bash", "-c", script], environment=ENVIRONMENT, demux=True)
    began, ended = output.split()[-2:]
    return float(ended) - float(began)


def _harness(lab: Lab, each: Claim, put_back: list[float]) -> None:
    """Runs a claim in both worlds as the plugin does, and adds to `put_back` the seconds that this took of them."""
    worlds = evidence.load(each.name, engines.at_hand().name).worlds.values()
    for value, before in zip(each.worlds, worlds, strict=True):
        arguments = {"host": lab.host, "engine": engines.at_hand(), each.parameter: value}
        wanted = inspect.signature(each.function).parameters
        lab.host.tape = []
        with contextlib.suppress(AssertionError):
            each.function(**{name: arguments[name] for name in wanted})
        if difference := masks.differences(before, lab.host.tape):
            raise LabError(f"{each.name} is not as in its evidence, so there is nothing to time:\n{difference}")
        put_back.append(_timed(lab.put_back))


def _in_pytest(standing: Standing, chosen: Sequence[Claim]) -> None:
    tests = [f"{each.file}::claim_{each.name}" for each in chosen]
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main([*_options(), "--live", *tests], plugins=[standing])
    if status:
        raise LabError(f"the claims do not hold, so there is nothing to time:\n{said.getvalue()}")


# ---- the job -------------------------------------------------------------------------------------------------------


def _timed(action: Callable[..., object], *arguments: Any) -> float:
    """Seconds that an action takes."""
    began = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - began


def say(what: str) -> None:
    print(what, flush=True)


def main() -> None:
    """Measures, writes results, and says what came out; with --quick, less, and writes nothing."""
    quick = "--quick" in sys.argv[1:]
    counts, rounds = (COUNTS[:2], 2) if quick else (COUNTS, ROUNDS)
    try:
        measured, pieces = live(rounds)
        with tempfile.TemporaryDirectory(prefix="hostnetwork-bench-") as folder:
            replayed = replay(Path(folder), counts, rounds)
    except LabError as error:
        sys.exit(f"bench: {error}")
    ran = {
        "engine_title": engines.at_hand().title,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "date": datetime.date.today().isoformat(),
    }
    results = {"ran": ran, "rounds": measured, "pieces": pieces, "replay": {str(n): s for n, s in replayed.items()}}
    for name, value in figures(results).items():
        say(f"{name:20} {value}")
    if not quick:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
