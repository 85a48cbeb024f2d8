"""The lab, for real: closed to the outside, and as it was before after each claim."""

import contextlib
import re
import socket
import subprocess
import threading

import pytest

from verify.judging import evidence
from verify.lab import engines, topology
from verify.lab.errors import LabError
from verify.lab.topology import Lab

pytestmark = pytest.mark.engine
NEWEST = engines.load()["docker-28"]


@pytest.fixture(scope="module")
def lab():
    with Lab(NEWEST) as running:
        yield running


@pytest.fixture
def listener():
    """A server on every address of this machine; gives its port."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def serve():
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    server.accept()[0].close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join()


def addresses() -> list[str]:
    """The addresses of this machine that another machine could use."""
    shown = subprocess.run(["ip", "-4", "-o", "address"], check=True, capture_output=True, text=True).stdout
    return [a for a in (line.split()[3].partition("/")[0] for line in shown.splitlines()) if not a.startswith("127.")]


def test_nothing_in_the_lab_reaches_anything_outside(lab, listener):
    lab.host.shell("docker run -d --name bridged httpd:latest")
    for address in addresses():
        socket.create_connection((address, listener), timeout=3).close()  # the control: it can be reached, from outside
        connect = f"timeout 3 bash -c '</dev/tcp/{address}/{listener}'"
        for machine in lab.machines.values():
            assert not machine.succeeds(connect), f"{machine.name} reached {address}"
        assert not lab.host.succeeds(f'docker exec bridged bash -c "{connect}"'), f"a container reached {address}"
    lab.put_back()


def test_only_the_labs_own_wires_lead_anywhere(lab):
    wires = {name: set(machine.shell("ls /sys/class/net").split()) for name, machine in lab.machines.items()}
    # A kernel with tunnel modules shows their dead ends in every namespace.
    dead = {"tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0"}
    assert {name: seen - dead for name, seen in wires.items()} == {
        "host": {"lo", "eth0", "docker0"},
        "router": {"lo", "lan", "wan"},
        "client": {"lo", "eth0"},
    }
    assert "default" not in lab.machines["router"].shell("ip route")


def test_two_labs_stand_side_by_side(lab):
    with Lab(NEWEST) as other:
        for each in (lab, other):
            each.host.shell("docker run -d --name web --net host httpd:latest")
        lab.put_back()
        assert other.host.shell("docker ps -q").strip()
        assert not lab.host.shell("docker ps -q").strip()


def test_what_a_claim_leaves_behind_is_said(lab, monkeypatch):
    monkeypatch.setattr(topology, "SETTLE_SECONDS", 1)
    lab.host.shell("ip link add left type bridge && ip address add 192.0.2.1/24 dev left && ip link set left up")
    with pytest.raises(LabError, match=r"the lab is not as it was") as error:
        lab.put_back()
    assert "192.0.2.1" in str(error.value)
    monkeypatch.undo()
    lab.host.shell("ip link delete left")
    lab.put_back()


def test_one_engine_alone_is_run_in_several_labs_and_in_any_order(project):
    wanted = ("-k", "only_one_host_network or routes_are")
    for claim in ("only_one_host_network_can_exist", "routes_are_the_hosts"):
        evidence.path(claim, NEWEST.name, project.root / "verify" / "evidence").unlink()
    ran = project.claims("--record", "--numprocesses=2", "--shuffle=1", f"--engine={NEWEST.name}", "-v", *wanted)
    assert ran.returncode == 0, ran.stdout
    assert set(re.findall(r"^\[(gw\d)\]", ran.stdout, re.MULTILINE)) == {"gw0", "gw1"}, ran.stdout
    assert project.claims(f"--engine={NEWEST.name}", *wanted).returncode == 0


def test_new_claim_that_holds_in_both_worlds_is_not_recorded(project):
    project.edit(
        "verify/claims/networks.py",
        'holds="host", fails="sample")\ndef claim_engine_makes_the_host_network_itself',
        'holds="host", fails="none")\ndef claim_engine_makes_the_host_network_itself',
    )
    file = evidence.path("engine_makes_the_host_network_itself", NEWEST.name, project.root / "verify" / "evidence")
    file.unlink()
    ran = project.claims("--record", f"--engine={NEWEST.name}", "-k", "engine_makes_the_host_network_itself")
    assert ran.returncode == 1
    assert "vacuous    engine_makes_the_host_network_itself: " in ran.stdout, ran.stdout
    assert not file.exists()


def test_recording_an_unchanged_world_changes_nothing(project):
    before = project.evidence()
    here = [f"--engine={each.name}" for each in engines.load().values() if each.is_debians]
    recorded = project.claims(
        "--record", "--numprocesses=2", *here, "-k", "only_one_host_network or prompt or handshake"
    )
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert project.evidence() == before
