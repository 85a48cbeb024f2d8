"""What this machine can do, and a project to break."""

import contextlib
import fcntl
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import ROOT, Project, Workplace

from verify.judging import receipt
from verify.lab import engines, images, outer
from verify.lab.errors import LabError
from verify.publishing.picture import CHROMIUM, QUIET


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write what lies are told into their files; see failures/")
    parser.addoption("--apart", action="store_true", help="run what lies are told to in processes of their own")


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


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory, proved) -> Iterator[Workplace]:
    """A worker's own copy of this project, with a receipt of its claims, which is put back after each test."""
    workplace = Workplace.beside(proved(Project.copy(tmp_path_factory.mktemp("project"))))
    yield workplace
    workplace.close()


@pytest.fixture
def project(workplace: Workplace) -> Iterator[Workplace]:
    """A copy of this project, with a receipt of its claims, for a test to change and run."""
    yield workplace
    workplace.put_back()


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
def site(tmp_path_factory: pytest.TempPathFactory, once, workplace: Workplace) -> dict[str, str]:
    """What the job `site` said, and where the site is that it built, once for all tests."""

    def build() -> dict[str, str]:
        ran = workplace.run(sys.executable, "-m", "nox", "-s", "site", stderr=subprocess.STDOUT)
        assert ran.returncode == 0, ran.stdout
        built = shutil.move(workplace.root / "site", tmp_path_factory.mktemp("built"))
        workplace.put_back()
        return {"said": workplace.relative(ran.stdout), "built": str(built)}

    return once("site", build)


@pytest.fixture(scope="session")
def built(site: dict[str, str]) -> Path:
    """The built site."""
    return Path(site["built"])


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
