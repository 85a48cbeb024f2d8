"""What this machine can do, and a project to break."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verify.lab import outer
from verify.lab.errors import LabError

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter.stats.get("skipped") and session.exitstatus == 0:
        reporter.write_line("a test was skipped in CI, where all can run", red=True)
        session.exitstatus = 1


class Project:
    """A copy of this project, to be changed and run."""

    def __init__(self, root: Path):
        self.root = root

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces the first `old` in a file, which must be there: an edit that does nothing tests nothing."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        assert old != new
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def line_of(self, path: str, text: str) -> int:
        """The number of the first line of a file that contains `text`."""
        return next(n for n, line in enumerate((self.root / path).read_text("utf-8").splitlines(), 1) if text in line)

    def claims(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs claims, in replay unless told otherwise."""
        return self.run(
            sys.executable, "-m", "pytest", "-c", "verify/pytest.ini", "verify/claims", "-q", "-rN", *arguments
        )

    def site(self) -> subprocess.CompletedProcess[str]:
        """The job `site`: replays the claims and builds both languages."""
        return self.run(sys.executable, "-m", "nox", "-s", "site")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of this project."""
    left_out = shutil.ignore_patterns(".git", ".nox", "site", "reports", "__pycache__", ".*_cache")
    root = shutil.copytree(ROOT, tmp_path / "project", ignore=left_out, symlinks=True)
    return Project(root)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once for all tests that look at it."""
    root = tmp_path_factory.mktemp("built")
    left_out = shutil.ignore_patterns(".git", ".nox", "site", "reports", "__pycache__", ".*_cache")
    project = Project(shutil.copytree(ROOT, root / "project", ignore=left_out, symlinks=True))
    result = project.site()
    assert result.returncode == 0, result.stdout + result.stderr
    return project.root / "site"
