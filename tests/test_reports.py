"""What machines are told of a claim that does not hold."""

import json
import re
import xml.etree.ElementTree as ElementTree

from verify.judging import reports
from verify.judging.verdicts import Outcome, Verdict

CLAIM = "only_one_host_network_can_exist"


def test_broken_claim_is_reported_everywhere(project, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    project.edit("verify/claims/networks.py", "network is allowed", "network is permitted")
    project.recorded(CLAIM)
    files = ["--verdicts", tmp_path / "verdicts.json", "--junitxml", tmp_path / "verdicts.xml"]
    result = project.claims("--engine", "docker-28", *map(str, files))
    assert result.returncode == 1

    for page in ("docs/ja/memo.md", "docs/en/memo.md"):
        line = project.line_of(page, f'claim("{CLAIM}")')
        assert f"::error file={page},line={line},title={CLAIM}::{CLAIM} on docker-28" in result.stdout

    verdicts = json.loads((tmp_path / "verdicts.json").read_text())
    broken = [each for each in verdicts if each["verdict"] != "holds"]
    assert [(each["claim"], each["world"], each["verdict"]) for each in broken] == [(CLAIM, "host", "broken")]
    assert {sentence["language"] for sentence in broken[0]["sentences"]} == {"ja", "en"}

    cases = ElementTree.parse(tmp_path / "verdicts.xml").findall(".//testcase")
    assert len(cases) == len(verdicts)
    assert [case.get("name") for case in cases if case.find("failure") is not None] == [
        f"claim_{CLAIM}[docker-28-host]"
    ]

    assert f"| {CLAIM} | broken |" in (tmp_path / "summary.md").read_text()


def test_people_are_told_of_several_runs(project, monkeypatch, tmp_path):
    project.edit("verify/claims/networks.py", "network is allowed", "network is permitted")
    project.recorded(CLAIM)
    for engine in ("docker-26", "docker-28"):
        project.claims("--engine", engine, "-k", f"{CLAIM} or prompt", "--verdicts", str(tmp_path / f"{engine}.json"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    told = project.run("python", "-m", "nox", "-s", "report", "--", *map(str, sorted(tmp_path.glob("*.json"))))
    assert told.returncode == 0, told.stderr

    issue = (project.root / "reports/issue.md").read_text()
    for page in ("docs/ja/memo.md", "docs/en/memo.md"):
        line = project.line_of(page, f'claim("{CLAIM}")')
        assert issue.count(f"\n- {page}:{line}: ") == 1
    assert issue.count(f"## {CLAIM}\n") == issue.count("\n## ") == 1
    assert re.findall(r"On (\S+), in the world `(\w+)`:", issue) == [("docker-26", "host"), ("docker-28", "host")]
    assert issue.count("network is permitted") == 2

    table = f"| claim | docker-26 | docker-28 |\n| --- | --- | --- |\n| {CLAIM} | broken | broken |\n"
    table += "| prompt_shows_the_hosts_name | holds | holds |\n"
    assert table in (project.root / "reports/pull-request.md").read_text()
    assert (tmp_path / "summary.md").read_text() == table


def test_no_issue_is_made_of_what_only_drifted(project, tmp_path):
    (tmp_path / "verdicts.json").write_text(json.dumps(reports.as_json([outcome(Verdict.DRIFTED)])))
    (project.root / "reports/issue.md").write_text("of the week before")
    assert project.run("python", "-m", "verify.judging.reports", str(tmp_path / "verdicts.json")).returncode == 0
    assert [file.name for file in (project.root / "reports").glob("*.md")] == ["pull-request.md"]


def test_nothing_run_is_nothing_to_report(project, tmp_path):
    (tmp_path / "verdicts.json").write_text("[]")
    refused = project.run("python", "-m", "verify.judging.reports", str(tmp_path / "verdicts.json"))
    assert (refused.returncode, refused.stderr) == (1, "report: no claim was run, which proves nothing\n")


def test_captured_text_stays_in_its_fence_and_an_issue_within_githubs_bounds():
    issue = reports.issue([outcome(Verdict.BROKEN, f"```\n@everyone\n````\n{'x' * 10_000}") for _ in range(100)])
    assert len(issue) < 65_536
    assert issue.count("\n`````diff\n") == issue.count("\n`````\n") == 100
    assert issue.count(" more characters are in the run's log\n") == 100


def outcome(verdict: Verdict, detail: str = "") -> Outcome:
    return Outcome(CLAIM, "docker-28", "host", verdict, detail)
