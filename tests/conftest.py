"""What this machine can do, and a project to break."""

import contextlib
import fcntl
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from verify.judging import receipt
from verify.lab import engines, images, outer
from verify.lab.errors import LabError
from verify.publishing.picture import CHROMIUM, QUIET

ROOT = Path(__file__).parent.parent
CLAIMS = (sys.executable, "-m", "pytest", "-c", "verify/pytest.ini", "verify/claims", "-q", "-rN")
PLAIN = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "NO_MKDOCS_2_WARNING": "1",
    "NO_COLOR": "1",
    "COLUMNS": "80",
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
}
"""So that a command says the same wherever it is run."""
RECORDED = """
import dataclasses, sys
from verify.judging import claim, digests, evidence
for engine in claim.declared()[sys.argv[1]].engines:
    seen = evidence.load(sys.argv[1], engine.name)
    run = {**seen.provenance["claim"], "function": digests.function_digest(sys.argv[1])}
    evidence.save(dataclasses.replace(seen, provenance={**seen.provenance, "claim": run}))
"""
"""Gives the evidence of a claim the digest of its function as it stands, as if it had been recorded again."""
# Where CI is set, pytest shows whole what it cuts short elsewhere. What is kept compiled for the tests lacks most of what
# other commands import, and Python would not look for it elsewhere.
LEFT_OUT = re.compile("CI|PYTHONPYCACHEPREFIX|PYTEST_.*")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write what lies are told into their files; see failures/")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what cannot run here, and says why; in CI, where everything can be had, a skip is a failure."""
    lacking = {}
    if any(item.get_closest_marker("engine") for item in items):
        try:
            outer.connect()
        except LabError as error:
            lacking["engine"] = str(error)
    if not CHROMIUM:
        lacking["browser"] = "no Chromium here: install Debian's chromium, or any Chrome"
    for item in items:
        for capability, reason in lacking.items():
            if item.get_closest_marker(capability):
                item.add_marker(pytest.mark.skip(reason=f"{capability}: {reason}"))
        if "lab" in item.fixturenames:  # which is a module's, so that one worker is to run that module
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))
    # The longest come first, so that short ones fill what is left in the end.
    items.sort(key=lambda item: not item.get_closest_marker("engine"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")  # which a worker of pytest-xdist has not
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        reporter.write_line("a test was skipped in CI, where all can run", red=True)
        session.exitstatus = 1


class Project:
    """A copy of this project, to be changed and run."""

    def __init__(self, root: Path):
        self.root = root

    @classmethod
    def copy(cls, folder: Path) -> "Project":
        """A copy of this project as it is now, in a folder."""
        left_out = shutil.ignore_patterns(".git", ".nox", "site", "reports", "__pycache__", ".*_cache")
        return cls(shutil.copytree(ROOT, folder / "project", ignore=left_out, symlinks=True, copy_function=shutil.copy))

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces the first `old` in a file, which must be there: an edit that does nothing tests nothing."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        assert old != new
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def recorded(self, claim: str) -> None:
        """Has the evidence of a claim say that it is of the function as it stands now."""
        ran = self.run(sys.executable, "-c", RECORDED, claim, stderr=subprocess.STDOUT)
        assert ran.returncode == 0, ran.stdout

    def line_of(self, path: str, text: str) -> int:
        """The number of the first line of a file that contains `text`."""
        return next(n for n, line in enumerate((self.root / path).read_text("utf-8").splitlines(), 1) if text in line)

    def claims(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs claims, in replay unless told otherwise."""
        return self.run(*CLAIMS, *arguments)

    def site(self) -> subprocess.CompletedProcess[str]:
        """The job `site`: replays the claims and builds both languages."""
        return self.run(sys.executable, "-m", "nox", "-s", "site")

    def run(self, *command: str, stderr: int = subprocess.PIPE, seconds: int = 300) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, which must come within so many seconds."""
        process = self.start(*command, stderr=stderr)
        try:
            said, complaints = process.communicate(timeout=seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(command, process.returncode, said, complaints)

    def start(self, *command: str, stderr: int = subprocess.STDOUT) -> "subprocess.Popen[str]":
        """Starts a command as a shell on a terminal would, in a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.root,
            env={**{name: value for name, value in os.environ.items() if not LEFT_OUT.fullmatch(name)}, **PLAIN},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
            # What runs in the background of a script has SIGINT ignored, and would hand that on.
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    def evidence(self) -> dict[str, str]:
        """What the evidence holds: a digest of each file."""
        kept = self.root / "verify" / "evidence"
        files = (file for file in kept.rglob("*") if file.is_file())
        return {str(f.relative_to(kept)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.fixture
def project(tmp_path: Path, proved: Callable[[Project], Project]) -> Project:
    """A copy of this project, with a receipt of its claims."""
    return proved(Project.copy(tmp_path))


@pytest.fixture(scope="session")
def proved(once: Callable[[str, Callable[[], Any]], Any]) -> Callable[[Project], Project]:
    """Gives a copy of this project the receipt without which it builds no site."""

    def make() -> str:
        judged = subprocess.run(
            [sys.executable, "-m", "verify.judging.receipt"], cwd=ROOT, capture_output=True, text=True
        )
        assert judged.returncode == 0, judged.stderr
        return (ROOT / receipt.FILE).read_text(encoding="utf-8")

    def give(copy: Project) -> Project:
        (copy.root / receipt.FILE).parent.mkdir()
        (copy.root / receipt.FILE).write_text(once("receipt", make), encoding="utf-8")
        return copy

    return give


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str, Callable[[], Any]], Any]:
    """What a function returns; it is called by the first worker that asks for it under this name, and the others wait."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def made(name: str, make: Callable[[], Any]) -> Any:
        file = (shared / re.sub(r"\W+", "-", name)).with_suffix(".json")
        with file.open("a+", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if not file.stat().st_size:
                json.dump(make(), stream)
                stream.flush()
            stream.seek(0)
            return json.load(stream)

    return made


@pytest.fixture(autouse=True)
def _images(request: pytest.FixtureRequest, once) -> None:
    """Where a test runs the lab, makes its images first: tests wait for a lab, but not for other tests' images."""

    def make() -> None:
        client = outer.connect()
        images.ensure(client, images.FAR, print)
        for engine in (each for each in engines.load().values() if each.is_debians):
            with contextlib.suppress(LabError):  # the tests of that engine say so
                images.ensure_host(client, engine, print)

    if request.node.get_closest_marker("engine"):
        once("images", make)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, once) -> Path:
    """The site, built once for all tests that look at it."""

    def build() -> str:
        project = Project.copy(tmp_path_factory.mktemp("built"))
        result = project.site()
        assert result.returncode == 0, result.stdout + result.stderr
        return str(project.root / "site")

    return Path(once("built", build))


@pytest.fixture(scope="session")
def address(built):
    """The built site, served below a path, as project pages are."""

    class Below(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/reference"))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Below, directory=built)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/reference/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()
