"""Whatever is killed, full, mute or hostile: the error says what, the evidence stays as it was, and nothing is left behind.

What is killed is killed at a random moment, which the test prints.
"""

import contextlib
import html
import io
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException
from projects import CLAIMS, Project
from test_pages import FIGURE, Text

from verify.judging import evidence, screen
from verify.judging.evidence import EvidenceError
from verify.lab import engines, images, outer
from verify.lab.topology import LABEL, sweep

NEWEST = engines.load()["docker-28"]
CLAIM = "only_one_host_network_can_exist"
RECORD = [*CLAIMS, "--tb=short", "--record", f"--engine={NEWEST.name}"]
SECONDS = 120
HOSTILE = (
    "{{ secret }} <% secret %> <{ secret }> {% raw %}\n"
    '```\n~~~~\n    indented\n\ttab\n--8<-- "docs/memo/create.txt"\n'
    "</code></pre></figure><script>alert(1)</script><!-- &amp; &lt; -->\n"
    "* star _under_ [link](x) <b>bold</b> | a | b |\n"
    '<div data-put="capture" data-of="x" data-only=""></div>\n'
    "日本語 ＝ 🐳 trailing spaces   \n\n\n"
)


@pytest.fixture
def stale(tmp_path, monkeypatch):
    """A project in which there is something to record, and where runs put what they keep meanwhile: `project/../aside`."""
    (tmp_path / "aside").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "aside"))
    project = Project.copy(tmp_path)
    evidence.path(CLAIM, NEWEST.name, project.root / "verify" / "evidence").unlink()
    return project


@pytest.fixture
def full(tmp_path):
    """A full disk with evidence on it that is no longer what is seen, and the file that fills it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, text=True)
    if mount.returncode:
        pytest.skip(f"a disk that can be filled cannot be mounted here: {mount.stderr.strip()}")
    try:
        seen = evidence.load(CLAIM, NEWEST.name)
        worlds = {name: tuple(replace(c, stderr="other\n") for c in run) for name, run in seen.worlds.items()}
        evidence.save(replace(seen, worlds=worlds), folder)
        with (folder / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while filler.write(bytes(4096)):
                pass
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


class Dockerd:
    """An outer engine of a test's own, which can be killed without harm to others.

    It has a network namespace of its own, or the one of a process: without a bridge, an engine takes docker0 away wherever it is.
    """

    def __init__(self, folder: Path, *options: str, beside: int = 0):
        self.folder = folder
        self.options = options
        self.namespace = ["nsenter", f"--net=/proc/{beside}/ns/net"] if beside else ["unshare", "--net"]
        self.address = f"unix://{folder}/sock"

    def start(self) -> docker.DockerClient:
        """Starts it, and waits until it answers."""
        places = [f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec", f"--pidfile={self.folder}/pid"]
        network = ["--bridge=none", "--iptables=false", "--ip6tables=false"]
        with (self.folder / "log").open("ab") as log:
            command = [*self.namespace, "dockerd", f"--host={self.address}", *places, *network, *self.options]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        return wait(self._answers, (self.folder / "log").read_text)

    def stop(self, how: int) -> None:
        """Sends it a signal, and waits until it has ended, and with it the containerd that it may have started."""
        containerd = self.folder / "exec" / "containerd" / "containerd.pid"
        ends = os.pidfd_open(int(containerd.read_text())) if containerd.exists() else None
        self._process.send_signal(how)
        self._process.wait(SECONDS)
        if ends:
            assert select.select([ends], [], [], SECONDS)[0], "containerd still runs"
            os.close(ends)
            containerd.unlink(missing_ok=True)

    def clear(self) -> None:
        """Ends it and all that it runs."""
        client = self._answers() or self.start()
        for container in client.containers.list(all=True):
            container.remove(force=True)
        self.stop(signal.SIGTERM)
        for mount in re.findall(
            rf"^\S+ ({re.escape(str(self.folder))}\S*) ", Path("/proc/self/mounts").read_text(), re.M
        ):
            subprocess.run(["umount", "--lazy", mount], check=True)

    def _answers(self) -> docker.DockerClient | None:
        """This engine and no other, whatever the environment names; None if it does not answer."""
        with contextlib.suppress(DockerException):
            client = docker.DockerClient(base_url=self.address, timeout=SECONDS)
            client.ping()
            return client
        return None


@pytest.fixture
def dockerd(tmp_path_factory, monkeypatch):
    """An outer engine with images that are those of the lab by name, and only sleep."""
    image = b"".join(outer.connect().images.get(images.served("busybox")).save(named=True))
    engine = Dockerd(tmp_path_factory.mktemp("engine"))  # a socket's path has 104 characters at most
    monkeypatch.setenv("DOCKER_HOST", engine.address)
    try:
        client = engine.start()
        client.images.load(image)
        sleeps = f"FROM {images.served('busybox')}\nRUN mkdir -p /etc/apt && for each in bash lab-host; do"
        sleeps += " printf '#!/bin/sh\\nexec sleep 1000\\n' >/bin/$each && chmod +x /bin/$each; done"
        for tag in ("httpd:latest", "busybox:latest", images.FAR.tag, images.host(NEWEST).tag):
            client.images.build(fileobj=io.BytesIO(sleeps.encode()), tag=tag, network_mode="none", forcerm=True)
        yield engine
    finally:
        engine.clear()
        shutil.rmtree(engine.folder)


@pytest.mark.engine
def test_killed_run(stale):
    missing = stale.evidence()
    for _ in range(3):
        run = stale.start(*RECORD, "-k", CLAIM)
        pause(0.5, 8)
        members = group(run)
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate(timeout=SECONDS)
        assert stale.evidence() == missing or evidence.load(CLAIM, NEWEST.name, stale.root / "verify" / "evidence")
    sweep(outer.connect())
    # Another lab that begins meanwhile sweeps, too, and may still be at what this sweep passed over for that.
    wait(lambda: containers(members) == [], lambda: f"{containers(members)} stay behind")
    recorded = stale.claims("--record", f"--engine={NEWEST.name}", "-k", CLAIM)
    assert recorded.returncode == 0, recorded.stdout
    assert stale.claims(f"--engine={NEWEST.name}", "-k", CLAIM).returncode == 0
    assert kept_aside(stale) == []


@pytest.mark.engine
def test_interrupted_run(stale):
    missing = stale.evidence()
    run = stale.start(*RECORD, "--engine=docker-26", "--numprocesses=2", "-k", f"{CLAIM} or name_host or prompt")
    said = until_it_says(run, r"(?m)^\.")
    members = group(run)
    os.killpg(run.pid, signal.SIGINT)
    said += run.communicate(timeout=SECONDS)[0]
    assert run.returncode == pytest.ExitCode.INTERRUPTED, said
    assert re.search(
        r"interrupted: [1-9]\d* verdicts so far; nothing was written, and the evidence is as it was", said
    ), said
    assert re.search(r"(?m)^(holds|missing) +\w+: docker-2[68]", said), said
    assert stale.evidence() == missing
    assert containers(members) == []
    assert kept_aside(stale) == []


def kill_inner_engine(run: "subprocess.Popen[str]", but: str = "") -> str:
    """Kills the daemon in a lab of a run, other than the lab `but`; returns which lab it was."""

    def stands() -> Any:
        return next((each for each in containers(group(run)) if each.name.endswith("-host") and each.name != but), None)

    host = wait(stands, run.poll)
    pause(0, 3)
    wait(lambda: host.exec_run("pkill -KILL -x dockerd").exit_code == 0, run.poll)
    return host.name


@pytest.mark.engine
def test_killed_inner_engine(stale):
    missing = stale.evidence()
    verdicts = stale.root / "verdicts.json"
    run = stale.start(*RECORD, "-k", f"{CLAIM} or name_host or prompt or fresh_engine", f"--verdicts={verdicts}")
    kill_inner_engine(run)
    said = run.communicate(timeout=SECONDS)[0]
    found = json.loads(verdicts.read_text())
    assert {each["verdict"] for each in found} <= {"holds", "missing", "unrunnable"}
    if run.returncode == 10:  # the lab did not yet stand, so that it could not be renewed
        assert re.search(
            r"Docker 28\.5's daemon ended:|Cannot connect to the Docker daemon|error during connect: ", said
        ), said
        assert stale.evidence() == missing
    else:
        assert run.returncode == 0, said
        assert evidence.load(CLAIM, NEWEST.name, stale.root / "verify" / "evidence")


@pytest.mark.engine
def test_killed_outer_engine(stale, dockerd):
    missing = stale.evidence()
    run = stale.start(*RECORD, "-k", CLAIM)
    pause(1, 8)
    dockerd.stop(signal.SIGKILL)
    said = run.communicate(timeout=SECONDS)[0]
    assert run.returncode == 10, said
    assert re.search(
        r"outer engine (?:refused a step of the lab|did not start a command)|no Docker Engine answers here", said
    ), said
    assert stale.evidence() == missing
    client = dockerd.start()
    sweep(client)
    assert client.containers.list(all=True, filters={"label": LABEL}) == []


@pytest.mark.engine
def test_engine_of_a_test_leaves_this_machines_bridge_alone(tmp_path_factory):
    made = subprocess.run(["ip", "link", "add", "docker0", "type", "bridge"], capture_output=True).returncode == 0
    engine = Dockerd(tmp_path_factory.mktemp("engine"))
    try:
        engine.start()
        assert Path("/sys/class/net/docker0").is_dir()
    finally:
        engine.clear()
        if made:
            subprocess.run(["ip", "link", "delete", "docker0"], check=True)


@pytest.mark.engine
def test_two_runs_at_once(project):
    runs = [project.start(*CLAIMS, "--live", f"--engine={NEWEST.name}", "-k", CLAIM) for _ in range(2)]
    for run in runs:
        said = run.communicate(timeout=SECONDS)[0]
        assert run.returncode == 0, said


@pytest.mark.engine
def test_recording_on_a_full_disk(project, full):
    before = evidence.load(CLAIM, NEWEST.name, full)
    recorded = project.run(*RECORD, "-k", CLAIM, f"--evidence={full}", stderr=subprocess.STDOUT)
    assert recorded.returncode != 0
    assert f"{CLAIM}.json: could not be written: No space left on device." in recorded.stdout
    assert "Traceback" not in recorded.stdout
    assert evidence.load(CLAIM, NEWEST.name, full) == before
    assert sorted(path.name for path in full.rglob("*")) == sorted(["filler", NEWEST.name, f"{CLAIM}.json"])


def test_saving_on_a_full_disk(full):
    before = evidence.load(CLAIM, NEWEST.name, full)
    with pytest.raises(EvidenceError, match=rf"{CLAIM}\.json: could not be written: No space left on device"):
        evidence.save(evidence.load(CLAIM, NEWEST.name), full)
    assert evidence.load(CLAIM, NEWEST.name, full) == before
    assert sorted(path.name for path in full.rglob("*")) == sorted(["filler", NEWEST.name, f"{CLAIM}.json"])
    (full / "filler").unlink()
    evidence.save(evidence.load(CLAIM, NEWEST.name), full)
    assert evidence.load(CLAIM, NEWEST.name, full) == evidence.load(CLAIM, NEWEST.name)


def test_hostile_output_is_only_text(project):
    folder = project.root / "verify" / "evidence"
    shown = [each.name for each in engines.load().values() if each.kind == "docker"][-1]
    seen = evidence.load("name_host_is_taken", shown, folder)
    hostile = tuple(replace(capture, stdout=HOSTILE, stderr=HOSTILE) for capture in seen.holds)
    evidence.save(replace(seen, worlds={**seen.worlds, "host": hostile}), folder)
    receipt = project.root / "reports" / "receipt.json"  # which names the digest for each world
    text = receipt.read_text(encoding="utf-8")
    receipt.write_text(text.replace(seen.digest, evidence.load(seen.claim, shown, folder).digest), encoding="utf-8")
    project.fork("-m", "verify.publishing.confirm", seen.claim, anew=False)
    built = project.fork("-m", "mkdocs", "build", "--strict", anew=False)
    assert built.returncode == 0, built.stdout
    page = (project.root / "site" / "memo" / "index.html").read_text(encoding="utf-8")
    figure = next(f for f in FIGURE.finditer(page) if (f["claim"], f["world"]) == (seen.claim, "host"))
    shown = Text(figure[0])
    assert shown.text == f"# {hostile[0].command}\n{screen.text(hostile[0])}"
    assert shown.elements <= {"samp", "span"}
    assert "alert(1)" not in re.sub(r"<pre.*?</pre>|data-clipboard-text=\"[^\"]*\"", "", page, flags=re.DOTALL)
    assert "<script>alert" not in page
    assert html.escape("</code></pre></figure><script>alert(1)") in page


def kept_aside(stale: Project) -> list[str]:
    """What runs have left of what they keep meanwhile, and of what they make images in."""
    folder = stale.root.parent / "aside"
    return [path.name for path in [*folder.glob("hostnetwork-evidence-*"), *folder.glob("hostnetwork-lab-*/*")]]


def pause(least: float, most: float) -> None:
    """Lets a random time pass; when a fault strikes is what is tried, and nothing is awaited."""
    seconds = random.uniform(least, most)
    print(f"the fault strikes after {seconds:.3f} s")
    time.sleep(seconds)


def wait(condition: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
    """What a condition comes to as soon as it is true; `otherwise` explains why it never was."""
    deadline = time.monotonic() + SECONDS
    while not (result := condition()):
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)
    return result


def until_it_says(run: "subprocess.Popen[str]", pattern: str) -> str:
    """What a run has printed as soon as that matches a pattern."""
    said = ""
    while not re.search(pattern, said):
        ready, _, _ = select.select([run.stdout], [], [], SECONDS)
        more = os.read(run.stdout.fileno(), 65536) if ready else b""
        assert more, f"it did not say {pattern!r}: {said}"
        said += more.decode()
    return said


def group(run: "subprocess.Popen[str]") -> set[int]:
    """The processes of a run, which are one process group."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            _, _, fields = stat.read_text().rpartition(")")
            if int(fields.split()[2]) == run.pid:
                found.add(int(stat.parent.name))
    return found


def containers(members: set[int]) -> list[Any]:
    """The containers of the lab that some of these processes made."""
    every = outer.connect().containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    return [each for each in every if int(each.labels[LABEL].partition(":")[0]) in members]
