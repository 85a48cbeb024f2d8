"""The lab and its machines as pytest fixtures, live or played back from evidence."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from verify.judging import cassette
from verify.judging.claim import identity
from verify.lab import engines
from verify.lab.machine import Capture
from verify.lab.provenance import provenance
from verify.lab.topology import Lab

MACHINES = ("host", "router", "client")


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
