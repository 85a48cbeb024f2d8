"""The lab, for real: closed to the outside, gone after a kill, and unmoved by an engine that lies."""

import contextlib
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from verify import evidence
from verify.lab import engines, outer
from verify.lab.errors import LabError
from verify.lab.topology import LABEL, Lab, is_alive, sweep

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


def test_what_a_claim_leaves_behind_is_said(lab):
    lab.host.shell("ip link add left type bridge && ip address add 192.0.2.1/24 dev left && ip link set left up")
    with pytest.raises(LabError, match=r"the lab is not as it was") as error:
        lab.put_back()
    assert "192.0.2.1" in str(error.value)
    lab.host.shell("ip link delete left")
    lab.put_back()


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (r"printf 'a\033[31mb'", r"control character, '\\x1b'"),
        (r"printf 'a\000b'", r"control character, '\\x00'"),
        (r"printf 'a\377b'", r"byte 1 is not UTF-8"),
        (r"printf 'a\342\200\256b'", r"control character, '\\u202e'"),
        ("head -c 200000000 /dev/zero | tr '\\0' x", "printed more than"),
    ],
)
def test_output_that_cannot_be_kept_is_refused(lab, command, complaint):
    with pytest.raises(LabError, match=complaint):
        lab.host.run(command)
    assert lab.host.run("echo still here").stdout == "still here\n"


def test_engine_that_answers_otherwise_is_found_out(project):
    verified = project.claims(
        "--live", "-p", "tests.patched_engine", "--engine", NEWEST.name, "-k", "only_one_host_network"
    )
    said = verified.stdout + verified.stderr
    assert verified.returncode == 1, said
    assert "only_one_host_network_can_exist on docker-28, in the world 'host': broken" in said
    assert "docs/ja/memo.md:" in said
    assert "docs/en/memo.md:" in said
    assert "specimen" in said


def test_recording_an_unchanged_world_changes_nothing(project):
    before = state(project.root)
    recorded = project.claims("--record", "-k", "only_one_host_network or prompt or handshake")
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert state(project.root) == before


def test_killed_at_any_moment_leaves_nothing(project):
    before = state(project.root)
    for path in (project.root / "verify" / "evidence").rglob("only_one_host_network*.json"):
        path.write_text(path.read_text().replace("allowed", "aloud"))  # so that there is something to write
    broken = state(project.root)
    moments = random.Random()
    for _ in range(4):
        command = [sys.executable, "-m", "pytest", "-c", "verify/pytest.ini", "verify/claims", "--record"]
        run = subprocess.Popen(command, cwd=project.root, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(moments.uniform(0.5, 8))  # the moment of the kill is what is tried; nothing is awaited
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        assert state(project.root) in (broken, before) or evidence.load(
            "only_one_host_network_can_exist", NEWEST.name, project.root / "verify" / "evidence"
        )
    recorded = project.claims("--record", "-k", "only_one_host_network")
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert project.claims("-k", "only_one_host_network").returncode == 0
    client = outer.connect()
    sweep(client)
    left = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    assert all(is_alive(container.labels[LABEL]) for container in left)


def state(root: Path) -> dict[str, str]:
    """What the evidence holds, by file."""
    kept = root / "verify" / "evidence"
    return {
        str(f.relative_to(kept)): hashlib.sha256(f.read_bytes()).hexdigest() for f in kept.rglob("*") if f.is_file()
    }
