"""The workflows: what they may call, what they may do, and what they tell people."""

import json
import os
import re
import subprocess
from pathlib import Path

import nox
import pytest
import yaml

import noxfile
from verify.lab import engines

FOLDER = Path(noxfile.__file__).parent / ".github" / "workflows"
WORKFLOWS = {file.name: yaml.safe_load(file.read_text()) for file in sorted(FOLDER.glob("*.yml"))}
JOBS = {f"{name}/{job}": body for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()}
STEPS = [(job, step) for job, body in JOBS.items() for step in body.get("steps", [])]
SESSIONS = nox.registry.get()

NOX = r"(sudo -E )?\./nox -s (?P<sessions>[a-z]+( [a-z]+)*)(?P<arguments> -- [^;&|<>`()]+)?"
MAY_RUN = {
    "check.yml/all-green": r'for result in \$RESULTS; do test "\$result" = success; done',
    "watch.yml/tell": r'(number=\$\()?(git|gh) [^;&|<>`]+( && exit)?|if \[ "\$number" \]; then|else|fi',
}
"""What else a job may run, line by line: only what is GitHub's and not the project's."""
MAY_WRITE = {
    "publish.yml/site": {"id-token", "attestations"},
    "publish.yml/deploy": {"pages", "id-token"},
    "watch.yml/tell": {"contents", "pull-requests", "issues"},
}
# In place of gh: keeps what it was asked, and lists what it has opened.
GH = """#!/bin/sh
echo "$@" >>"$STATE/asked"
case "$2" in
  list) cat "$STATE/$1" 2>/dev/null || true ;;
  create) echo 7 >"$STATE/$1" ;;
esac
"""


def sessions_called(script: str) -> list[str] | None:
    """The nox sessions that a line calls; None if it is no call of nox."""
    output = re.fullmatch(r'echo "names=\$\((.+)\)" >>"\$GITHUB_OUTPUT"', script)
    called = re.fullmatch(NOX, output[1] if output else script)
    return called["sessions"].split() if called else None


@pytest.mark.parametrize(("job", "step"), [each for each in STEPS if "run" in each[1]])
def test_jobs_call_sessions_and_nothing_else(job, step):
    for line in step["run"].splitlines():
        called = sessions_called(line.strip())
        if called is None:
            assert re.fullmatch(MAY_RUN.get(job, "nothing"), line.strip()), f"{job} must not run: {line}"
        else:
            assert set(called) <= set(SESSIONS)


@pytest.mark.parametrize(
    "line", ["make", "./nox -s tests; curl example.org", "./nox -s tests -- $(date)", "bash ./nox"]
)
def test_other_commands_are_no_calls_of_sessions(line):
    assert sessions_called(line) is None


def test_nothing_is_expanded_into_a_script():
    assert [step["run"] for _, step in STEPS if "${{" in step.get("run", "")] == []


def test_actions_are_pinned_by_commit_and_say_their_version():
    uses = [line for file in FOLDER.glob("*.yml") for line in file.read_text().splitlines() if "uses:" in line]
    pinned = r"\s*(- )?uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    ours = r"\s*uses: \./\.github/workflows/check\.yml( #.*)?"
    assert len(uses) >= len(WORKFLOWS)
    assert [line for line in uses if not re.fullmatch(f"{pinned}|{ours}", line)] == []


def test_jobs_have_no_more_rights_than_they_need():
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {}, name
    for job, body in JOBS.items():
        granted = {right for right, access in body["permissions"].items() if access == "write"}
        assert granted == MAY_WRITE.get(job, set()), job
        assert "uses" in body or body["timeout-minutes"] <= 60, job
    checkouts = [step for _, step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}


def test_all_green_waits_for_every_other_job():
    jobs = WORKFLOWS["check.yml"]["jobs"]
    assert jobs["all-green"]["if"] == "always()"
    assert set(jobs["all-green"]["needs"]) == set(jobs) - {"all-green"}


@pytest.mark.parametrize("result", ["success", "failure", "cancelled", "skipped"])
def test_all_green_is_green_only_if_all_succeeded(result):
    script = JOBS["check.yml/all-green"]["steps"][0]["run"]
    environment = {"RESULTS": f"success {result} success"}
    green = subprocess.run(["bash", "-e", "-c", script], env=environment).returncode == 0
    assert green == (result == "success")


def test_engines_come_from_their_one_list(project):
    listed = project.run("python", "-m", "nox", "-s", "engines")
    declared = re.findall(r'^\["?([^"\]]+)"?\]', (project.root / "verify/lab/engines.toml").read_text(), re.MULTILINE)
    everywhere = project.run("python", "-m", "nox", "-s", "engines", "--", "--watched")
    assert sorted(json.loads(everywhere.stdout)) == sorted(declared)
    assert json.loads(listed.stdout) == list(engines.load())


def test_ci_leaves_out_only_engines_that_debian_never_had():
    names = [name for name in (FOLDER.parent.parent / ".ci/engines").read_text().splitlines() if name[0] != "#"]
    declared = engines.load()
    assert names == [name for name, engine in declared.items() if engine.is_debians]


class Hosted:
    """A checkout of a repository as a hosted runner has it, and a `gh` that remembers."""

    def __init__(self, folder: Path):
        self.folder, self.weeks = folder, 0
        (folder / "bin").mkdir()
        (folder / "bin" / "gh").write_text(GH)
        (folder / "bin" / "gh").chmod(0o755)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", "origin", cwd=folder)
        first = self.checkout()
        (first / "verify" / "evidence").mkdir(parents=True)
        (first / "verify" / "trials").mkdir()
        (first / "verify" / "trials" / "mutants.json").write_text("{}")
        (first / "verify" / "evidence" / "x.json").write_text("as it was")
        self.git("add", "verify", cwd=first)
        self.git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "First", cwd=first)
        self.git("push", "--quiet", "origin", "HEAD:main", cwd=first)

    def checkout(self) -> Path:
        """What each week's run begins with."""
        self.weeks += 1
        self.git("clone", "--quiet", "origin", f"week{self.weeks}", cwd=self.folder)
        return self.folder / f"week{self.weeks}"

    def tell(self, step: str, checkout: Path) -> list[str]:
        """Runs a step of the job that tells people, as the runner does; gives what it asked of gh."""
        steps = {each.get("name"): each for each in JOBS["watch.yml/tell"]["steps"]}
        title = steps[step]["env"]["TITLE"]
        environment = {**self.environment, "TITLE": title, **JOBS["watch.yml/tell"]["env"]}
        (self.folder / "asked").unlink(missing_ok=True)
        subprocess.run(["bash", "-e", "-c", steps[step]["run"]], check=True, cwd=checkout, env=environment)
        asked = self.folder / "asked"
        return [" ".join(line.split()[:2]) for line in asked.read_text().splitlines()] if asked.exists() else []

    def git(self, *arguments: str, cwd: Path) -> str:
        ran = subprocess.run(
            ["git", *arguments], check=True, cwd=cwd, env=self.environment, capture_output=True, text=True
        )
        return ran.stdout

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {"PATH": path, "STATE": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(self.folder)}


@pytest.fixture
def hosted(tmp_path: Path) -> Hosted:
    return Hosted(tmp_path)


def test_changed_evidence_opens_one_pull_request_and_renews_it(hosted):
    for text, told in (("drifted", "pr create"), ("drifted further", "pr edit")):
        checkout = hosted.checkout()
        (checkout / "verify" / "evidence" / "x.json").write_text(text)
        assert hosted.tell("open or update the pull request", checkout) == ["auth setup-git", "pr list", told]
        assert hosted.git("show", "watch:verify/evidence/x.json", cwd=hosted.folder / "origin") == text
        assert hosted.git("rev-list", "--count", "main..watch", cwd=hosted.folder / "origin") == "1\n"


def test_unchanged_evidence_opens_nothing(hosted):
    assert hosted.tell("open or update the pull request", hosted.checkout()) == []
    assert hosted.git("branch", "--list", "watch", cwd=hosted.folder / "origin") == ""


def test_broken_claims_open_one_issue_and_continue_it(hosted):
    for told in ("issue create", "issue comment"):
        assert hosted.tell("open or continue the issue", hosted.checkout()) == ["issue list", told]
