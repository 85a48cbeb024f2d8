"""Copies of this project, for tests to change and run."""

import functools
import hashlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FORKS = Path(__file__).with_name("forks.py")
SECONDS = 300
"""Within which a command must end, unless told otherwise."""
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
CONFIRMED = "import sys; from verify.publishing import confirm; confirm.confirm(sys.argv[1:])"
# Where CI is set, pytest shows whole what it cuts short elsewhere. What is kept compiled for the tests lacks most of what
# other commands import, and Python would not look for it elsewhere.
LEFT_OUT = re.compile("CI|PYTHONPYCACHEPREFIX|PYTEST_.*")


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
        self.does(RECORDED, claim)

    def confirmed(self, name: str) -> None:
        """Has the register say that something was read as it stands now, and is true."""
        self.does(CONFIRMED, name)

    def does(self, program: str, of: str) -> None:
        """Runs a program of this module, which must succeed."""
        ran = self.run(sys.executable, "-c", program, of, stderr=subprocess.STDOUT)
        assert ran.returncode == 0, ran.stdout

    def line_of(self, path: str, text: str) -> int:
        """The number of the first line of a file that contains `text`."""
        return next(n for n, line in enumerate((self.root / path).read_text("utf-8").splitlines(), 1) if text in line)

    def claims(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs claims, in replay unless told otherwise."""
        return self.run(*CLAIMS, *arguments)

    def run(
        self, *command: str, stderr: int = subprocess.PIPE, seconds: int = SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, which must come within so many seconds."""
        process = self.start(*command, stderr=stderr)
        try:
            said, complaints = process.communicate(timeout=seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(command, process.returncode, said, complaints)

    def start(
        self, *command: str, stdin: int | None = None, stderr: int = subprocess.STDOUT, **variables: str
    ) -> "subprocess.Popen[str]":
        """Starts a command as a shell on a terminal would, in a process group of its own, with these variables besides."""
        kept = {name: value for name, value in os.environ.items() if not LEFT_OUT.fullmatch(name)}
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=kept | PLAIN | variables,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
            # What runs in the background of a script has SIGINT ignored, and would hand that on.
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    def relative(self, said: str) -> str:
        """What a command said, its paths as from this project's root."""
        return said.replace(f"{self.root}/", "").replace(str(self.root), ".")

    def evidence(self) -> dict[str, str]:
        """What the evidence holds: a digest of each file."""
        kept = self.root / "verify" / "evidence"
        files = (file for file in kept.rglob("*") if file.is_file())
        return {str(f.relative_to(kept)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


class Workplace(Project):
    """A copy that tests change one after the other, and that is put back after each: to make a copy takes longer."""

    def __init__(self, root: Path, original: Path):
        super().__init__(root)
        self._original = original
        self._forks = self.start(sys.executable, str(FORKS), stdin=subprocess.PIPE, PYTHONDONTWRITEBYTECODE="")
        assert (said := self._answer()) == "ready", said + self._forks.stdout.read()
        self._was = self._found()  # with what was compiled

    @classmethod
    def beside(cls, original: Project) -> "Workplace":
        """A copy of a project, which that one keeps as it was."""
        root = original.root.with_name("workplace")
        return cls(shutil.copytree(original.root, root, symlinks=True), original.root)

    def put_back(self) -> None:
        """Makes it again what it was."""
        now = self._found()
        for path in sorted((path for path in now if now[path] != self._was.get(path)), reverse=True):
            Path(path).unlink() if now[path] else Path(path).rmdir()
        for path in sorted(path for path in self._was if now.get(path) != self._was[path]):
            original = self._original / Path(path).relative_to(self.root)
            if original.is_dir():
                Path(path).mkdir()
            elif original.exists():  # what was compiled is compiled again
                shutil.copy2(original, path, follow_symlinks=False)
        self._was = self._found()

    def does(self, program: str, of: str) -> None:
        ran = self.fork("-c", program, of, anew=True)
        assert ran.returncode == 0, ran.stdout

    def fork(self, *arguments: str, anew: bool) -> subprocess.CompletedProcess[str]:
        """Runs a command of Python in a fork of a process that has imported what it needs; see forks.py.

        With `anew`, it reads the project's own modules as they are now; else it has them as they were.
        """
        said = self.root.with_name("said")
        command = {"arguments": arguments, "said": str(said), "anew": anew}
        print(json.dumps(command), file=self._forks.stdin, flush=True)
        status = int(self._answer())
        return subprocess.CompletedProcess(arguments, status, said.read_text(encoding="utf-8"))

    def close(self) -> None:
        """Ends the process that is forked, and all its forks."""
        os.killpg(self._forks.pid, signal.SIGKILL)
        self._forks.communicate()

    def _answer(self) -> str:
        answers, _, _ = select.select([self._forks.stdout], [], [], SECONDS)
        if not answers:
            self.close()
            raise TimeoutError(f"nothing came of a fork within {SECONDS} seconds")
        return self._forks.stdout.readline().strip()

    def _found(self) -> dict[str, tuple[int, ...]]:
        """All that is in it: of a file, what is another whenever it is changed; of a folder, nothing."""
        found: dict[str, tuple[int, ...]] = {}
        folders = [str(self.root)]
        while folders:
            for entry in os.scandir(folders.pop()):
                if entry.is_dir(follow_symlinks=False):
                    found[entry.path] = ()
                    folders.append(entry.path)
                else:
                    status = entry.stat(follow_symlinks=False)
                    found[entry.path] = (status.st_ino, status.st_ctime_ns)
        return found
