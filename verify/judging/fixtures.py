"""The lab and its machines as pytest fixtures, live or played back from evidence."""

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from verify.judging import cassette
from verify.judging.claim import identity
from verify.lab import binaries, engines
from verify.lab.errors import EngineMissing
from verify.lab.machine import Capture
from verify.lab.provenance import provenance
from verify.lab.topology import Lab

MACHINES = ("host", "router", "client")


def own() -> list[engines.Engine]:
    """This machine's own engine, alone."""
    try:
        return [binaries.own()]
    except EngineMissing as error:
        raise pytest.UsageError(f"--own: {error}") from None


def wanted(names: list[str] | None, given: list[str]) -> list[engines.Engine]:
    """The engines of these names, or all that are not only watched; some with binaries of this machine."""
    try:
        declared = engines.load()
        wanted = names or list(declared)
        declared |= engines.watched()
        taken = dict(each.split("=", 1) for each in given)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    if unknown := (set(wanted) | set(taken)) - set(declared):
        raise pytest.UsageError(
            f"no engine {', '.join(sorted(unknown))} in {engines.FILE.name}; it has {', '.join(declared)}"
        )
    return [dataclasses.replace(declared[name], binaries=taken.get(name, "")) for name in wanted]


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> engines.Engine:
    """The engine on which claims are run."""
    declared: engines.Engine = request.param
    return declared


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest, engine: engines.Engine) -> Iterator[Lab]:
    """The lab, running that engine."""
    capture = _plugin(request, "capturemanager")

    def say(what: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"{engine.name}: {what}", file=sys.stderr, flush=True)

    with Lab(engine, say) as running:
        run = _plugin(request, "claims")
        run.provenance[engine.name] = provenance(running)
        run.lab = running
        yield running
        run.lab = None


@pytest.fixture
def tape(request: pytest.FixtureRequest, engine: engines.Engine) -> Iterator[list[Capture] | cassette.Cassette]:
    """What the claim has seen so far; in replay, what it is going to see."""
    run = _plugin(request, "claims")
    name, _, world = identity(request.node)
    if not run.live:
        worlds = run.evidence(name, engine.name).worlds
        if world not in worlds:
            raise cassette.Unrecorded(f"the evidence has no world {world!r}, only {', '.join(map(repr, worlds))}")
        yield cassette.Cassette(worlds[world])
        return
    running: Lab = request.getfixturevalue("lab")
    if not running.sound:
        running.renew()
    seen: list[Capture] = []
    for machine in running.machines.values():
        machine.tape = seen
    yield seen
    running.put_back()


def _plugin(request: pytest.FixtureRequest, name: str) -> Any:
    return request.config.pluginmanager.get_plugin(name)


def _machine(name: str) -> Any:
    @pytest.fixture(name=name)
    def machine(request: pytest.FixtureRequest, tape: Any) -> Any:
        if isinstance(tape, cassette.Cassette):
            return cassette.Machine(name, tape)
        return request.getfixturevalue("lab").machines[name]

    return machine


host, router, client = (_machine(name) for name in MACHINES)


@pytest.fixture
def second(request: pytest.FixtureRequest, tape: Any) -> Iterator[Any]:
    """A second Docker host, which there is only while a claim that asks for it runs."""
    if isinstance(tape, cassette.Cassette):
        yield cassette.Machine("second", tape)
        return
    with request.getfixturevalue("lab").second() as machine:
        machine.tape = tape
        yield machine
