"""Claims as pytest tests: the lab as fixtures, engines as parameters, verdicts as outcomes.

In the default mode, replay, a claim is run against its evidence: no engine, no root, no time. With `--live` it is run
in the lab and what it sees is compared with the evidence; with `--record` the evidence that changed is written anew.
"""

import contextlib
import functools
import os
import random
import sys
import traceback
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from _pytest.runner import runtestprotocol
from xdist.scheduler import LoadScopeScheduling

from verify.judging import cassette, claim, evidence, form, masks, reports, sentences, trust, verdicts
from verify.judging.chosen import own, wanted
from verify.judging.claim import identity
from verify.judging.lost import lost
from verify.judging.recording import Recording
from verify.judging.verdicts import EXIT_FAILS, EXIT_UNRUNNABLE, Outcome, Verdict
from verify.lab import engines, outer
from verify.lab.errors import EngineMissing, LabError
from verify.lab.machine import Capture
from verify.lab.topology import Lab, sweep

pytest_plugins = ("verify.judging.fixtures",)


class Difference(Exception):
    """A live run agrees with the claim, but not with the evidence, or there is none. Carries a verdict."""

    def __init__(self, verdict: Verdict, detail: str):
        super().__init__(detail)
        self.verdict = verdict


class ForeignAssertion(Exception):
    """A claim failed by an assertion that does not stand in its own function."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("claims")
    group.addoption("--live", action="store_true", help="run claims in the lab and compare with the evidence")
    group.addoption("--record", action="store_true", help="run claims in the lab and write the evidence that changed")
    group.addoption("--engine", action="append", metavar="NAME", help="only this engine of engines.toml (repeatable)")
    group.addoption(
        "--binaries",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="run this engine's binaries: a folder or an archive (repeatable)",
    )
    group.addoption(
        "--shuffle", type=int, metavar="SEED", help="run claims in another order, so that none leans on what ran before"
    )
    group.addoption("--own", action="store_true", help="run this machine's own Docker, and report what differs")
    group.addoption(
        "--verdicts", type=Path, metavar="FILE", help="write verdicts as JSON; --junitxml writes them as XML"
    )
    group.addoption("--evidence", type=Path, default=evidence.FOLDER, metavar="DIR", help="where evidence is kept")


def pytest_configure(config: pytest.Config) -> None:
    """Refuses an environment in which claims would be passed over, or would assert nothing."""
    if os.environ.get("PYTEST_ADDOPTS") or sys.flags.optimize:
        raise pytest.UsageError("PYTEST_ADDOPTS and PYTHONOPTIMIZE may not be set where claims are run")
    config.pluginmanager.register(Run(config), "claims")


class Run:
    """One run over claims: what it needs, and what has come of it so far.

    Engines are run side by side by the workers of pytest-xdist: workers say what came of each claim in their reports and
    lay new evidence aside; the run that started them counts, and decides what is kept.
    """

    def __init__(self, config: pytest.Config):
        self.config = config
        self.live = config.option.live or config.option.record or config.option.own
        if config.option.own and config.option.record:
            raise pytest.UsageError("--own compares, and records nothing")
        self.folder: Path = config.option.evidence
        self.outcomes: list[Outcome] = []
        self.seen: dict[tuple[str, str], dict[str, tuple[Capture, ...]]] = {}
        self.provenance: dict[str, dict[str, Any]] = {}
        self.lab: Lab | None = None
        """The lab that stands, if any."""
        self.again: dict[str, str] = {}
        """How the lab failed in worlds that were run once more, by test."""
        self.engines = own() if config.option.own else wanted(config.option.engine, config.option.binaries)
        known = engines.load() | engines.watched()
        self.evidence = functools.lru_cache(2)(lambda name, engine: trust.load(name, known[engine], self.folder))
        self._worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.recording = Recording(Path(self._worker["aside"])) if self._worker else Recording.begin()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["aside"] = str(self.recording.aside)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> LoadScopeScheduling:
        """An engine by one worker, in one lab; with fewer engines than workers, its claims by several, in a lab each."""
        scheduling = LoadScopeScheduling(config, log)
        names = [engine.name for engine in self.engines]
        labs = -(-scheduling.numnodes // len(names))

        def scope(nodeid: str) -> str:
            function, _, world = nodeid.rpartition("::")[2].partition("[")
            return f"{next(name for name in names if world.startswith(name + '-'))} {crc32(function.encode()) % labs}"

        scheduling._split_scope = scope
        return scheduling

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        written = claim.declared().get(metafunc.definition.name.removeprefix("claim_"))
        if problem := next((each for each in form.problems(written)), "") if written else "":
            raise pytest.Collector.CollectError(problem)
        marks = [mark.name for mark in metafunc.definition.iter_markers() if mark.name != "on"]
        if marks != ["parametrize"]:
            which = f"it has {', '.join(marks)}" if marks else "it has none"
            raise pytest.Collector.CollectError(
                f"{metafunc.definition.name}: a claim has one @counterfactual, and no mark but @on besides; {which}"
            )
        if "engine" in metafunc.fixturenames:
            mine = [engine for engine in self.engines if claim.speaks_of(metafunc.function, engine)]
            metafunc.parametrize("engine", mine, indirect=True, ids=lambda engine: engine.name, scope="session")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuses to pass a claim over: what -k leaves out is taken out only after this.

        A claim that speaks of none of the engines of this run is not passed over: pytest makes one test of no engine of it.
        """
        items[:] = [item for item in items if identity(item)[1] in {engine.name for engine in self.engines}]
        if self.config.option.shuffle is not None:
            random.Random(self.config.option.shuffle).shuffle(items)
        if self._worker or not all(Path(argument).is_dir() for argument in self.config.args):
            return
        found = {identity(item)[:2] for item in items}
        for name, declared in claim.declared().items():
            for engine in self.engines:
                if claim.speaks_of(declared.function, engine) and (name, engine.name) not in found:
                    raise pytest.UsageError(f"{declared.file}: claim_{name} was not collected on {engine.name}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Runs a world once more, in a renewed lab, if the lab failed in it; what comes of that says so."""
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        failed = next((str(each.lab_failed) for each in reports if hasattr(each, "lab_failed")), "")
        if failed and self.lab:
            self.lab.sound = False
            self.again[item.nodeid] = failed
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Calls the claim, then holds what it saw against the evidence, also where it fails as it must."""
        try:
            result = yield
        except AssertionError as failure:
            *_, (frame, _) = traceback.walk_tb(failure.__traceback__)
            if frame.f_code is not pyfuncitem.function.__code__:
                raise ForeignAssertion(str(traceback.extract_tb(failure.__traceback__)[-1])) from failure
            if _is_counterfactual(pyfuncitem):
                self._compare(pyfuncitem)
                # To render a traceback that nobody sees costs more than the claim.
                pyfuncitem.repr_failure = lambda _: "failed, as it must"  # type: ignore[method-assign, assignment]
            raise
        if not _is_counterfactual(pyfuncitem):  # one that passed is vacuous, whatever the evidence has
            self._compare(pyfuncitem)
        return result

    def _compare(self, item: pytest.Function) -> None:
        tape: Any = item.funcargs["tape"]
        if isinstance(tape, cassette.Cassette):
            tape.check_end()
            return
        name, engine, world = identity(item)
        self.seen.setdefault((name, engine), {})[world] = tuple(tape)
        try:
            recorded = self.evidence(name, engine)
            before = recorded.worlds[world]
        except evidence.EvidenceError as error:
            raise Difference(Verdict.MISSING, str(error)) from None
        except KeyError:
            raise Difference(Verdict.MISSING, f"the evidence has no world {world!r}") from None
        ran = (
            recorded.provenance if self.config.option.own else self.provenance[engine]
        )  # one's own is another by intent
        if difference := masks.differences(before, tape) or trust.drifted(recorded.provenance, ran):
            raise Difference(Verdict.DRIFTED, difference)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Function, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Turns what came of a claim into a verdict, and says it in place of a traceback."""
        report = yield
        if report.skipped and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
        if call.when == "call" or report.failed:
            verdict, detail = _verdict(item, call, report)
            if item.nodeid in self.again:
                detail = (
                    f"{detail}\nThis is the second try, since in the first the lab failed: {self.again[item.nodeid]}"
                )
            outcome = Outcome(*identity(item), verdict, detail.strip())
            if verdict is Verdict.UNRUNNABLE and call.excinfo and isinstance(call.excinfo.value, LabError):
                report.lab_failed = str(call.excinfo.value)
            elif verdict is not Verdict.HOLDS and (gone := lost(*_compared(item))):
                report.lab_failed = gone
            report.outcome_of_claim = asdict(outcome) | {"verdict": outcome.verdict.name}
            if outcome.verdict is not Verdict.HOLDS:
                where = "\n".join(str(sentence) for sentence in sentences.sentences(outcome.claim))
                report.longrepr = f"{where}\n{outcome}".strip()
        return report

    @pytest.hookimpl(tryfirst=True)  # a verdict that the terminal has shown is counted, whenever somebody interrupts
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts an outcome, whichever process it comes from."""
        if found := getattr(report, "outcome_of_claim", None):
            outcome = Outcome(**found | {"verdict": Verdict[found["verdict"]]})
            if outcome.verdict is Verdict.UNRUNNABLE:  # then what came before it says nothing of the claim
                identity = (outcome.claim, outcome.engine, outcome.world)
                self.outcomes = [o for o in self.outcomes if (o.claim, o.engine, o.world) != identity]
            self.outcomes.append(outcome)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.config.option.record:
            for name, engine in verdicts.to_be_recorded(self.outcomes):
                self.recording.lay_aside(
                    name, engine, self.provenance.get(engine, {}), self.seen.get((name, engine), {})
                )
        if self._worker:
            return
        found = {outcome.verdict for outcome in self.outcomes}
        sound = session.exitstatus in (0, 1) and Verdict.UNRUNNABLE not in found
        if self.config.option.record and sound:
            self.recording.keep(self.folder)
        if Verdict.UNRUNNABLE in found:
            session.exitstatus = EXIT_UNRUNNABLE
        elif session.exitstatus == EXIT_FAILS and found and self._all_well():
            session.exitstatus = 0

    def pytest_unconfigure(self) -> None:
        """Removes what workers that were killed have left, so that nothing stays behind after Ctrl-C."""
        if self._worker:
            return
        self.recording.end()
        if self.live:
            with contextlib.suppress(LabError):
                sweep(outer.connect())

    def _all_well(self) -> bool:
        """Whether all that differed has been recorded."""
        cured = {Verdict.DRIFTED, Verdict.MISSING} if self.config.option.record else set()
        bad = [o for o in self.outcomes if o.verdict is not Verdict.HOLDS]
        return all(o.verdict in cured and f"{o.engine}/{o.claim}" in self.recording.written for o in bad)

    def _told(self, worst: Mapping[tuple[str, str], Verdict]) -> list[str]:
        """A line for each claim and what it came to, with the engines; what does not hold comes last, where one looks first."""
        engines_of: dict[tuple[bool, str, str], list[str]] = {}
        for (name, engine), verdict in worst.items():
            note = ", recorded" if f"{engine}/{name}" in self.recording.written else ""
            engines_of.setdefault((verdict is not Verdict.HOLDS, name, f"{verdict!s:10} {name}{note}"), []).append(
                engine
            )
        return [f"{told}: {', '.join(names)}" for (_, _, told), names in sorted(engines_of.items())]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        worst = verdicts.worst(self.outcomes)
        terminalreporter.section("verdicts")
        for line in self._told(worst):
            terminalreporter.write_line(line)
        for outcome in self.outcomes:
            if outcome.verdict is Verdict.HOLDS and outcome.detail:
                terminalreporter.write_line(str(outcome), yellow=True)
        for line in reports.write(self.outcomes, worst, self.config.option.verdicts, self.live):
            terminalreporter.write_line(line)
        if self.config.option.own and worst:
            terminalreporter.write_line(f"what differs stands in {reports.own(self.engines[0], self.outcomes)}")
        for line in self.recording.unwritten:
            terminalreporter.write_line(line, red=True)
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            kept = "nothing was written, and the evidence is as it was" if self.live else "nothing was to be written"
            terminalreporter.write_line(f"interrupted: {len(worst)} verdicts so far; {kept}", red=True)
        if not worst:
            terminalreporter.write_line("no claim was run, which proves nothing", red=True)


def _is_counterfactual(item: pytest.Item) -> bool:
    return item.get_closest_marker("xfail") is not None


def _verdict(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> tuple[Verdict, str]:
    error = call.excinfo.value if call.excinfo else None
    match error:
        case None:
            return (Verdict.VACUOUS, "The counterfactual passed.") if report.failed else (Verdict.HOLDS, "")
        case Difference():
            return error.verdict, str(error)
        case evidence.EvidenceError() | cassette.Unrecorded() | EngineMissing():
            return Verdict.MISSING, str(error)
        case LabError():
            return Verdict.UNRUNNABLE, str(error)
        case pytest.skip.Exception():
            return Verdict.UNRUNNABLE, f"The claim skips itself: {error}"
        case AssertionError() if _is_counterfactual(item) and not report.failed:
            return Verdict.HOLDS, ""
        case Exception() if call.when == "call" and _is_counterfactual(item):
            return Verdict.VACUOUS, f"The counterfactual failed, but not by its own assertion.\n{report.longrepr}"
        case Exception() if call.when == "call":
            return Verdict.BROKEN, f"{report.longrepr}\n{_difference(item)}".strip()
    return Verdict.UNRUNNABLE, str(report.longrepr)


def _difference(item: pytest.Item) -> str:
    """How what was seen live, up to where the claim failed, differs from the evidence; empty in replay."""
    return masks.differences(*_compared(item))


def _compared(item: pytest.Item) -> tuple[Sequence[Capture], Sequence[Capture]]:
    """What the evidence has, and what was seen live, up to where the claim failed; nothing in replay."""
    tape = getattr(item, "funcargs", {}).get("tape")
    name, engine, world = identity(item)
    if not isinstance(tape, list):
        return (), ()
    try:
        before = evidence.load(name, engine, item.config.option.evidence).worlds[world]
    except (evidence.EvidenceError, KeyError):
        return (), ()
    return before[: len(tape)], tape
