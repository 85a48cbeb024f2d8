"""What machines are told of a claim that does not hold."""

import json
import xml.etree.ElementTree as ElementTree

CLAIM = "only_one_host_network_can_exist"


def test_broken_claim_is_reported_everywhere(project, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    project.edit("verify/claims/networks.py", "network is allowed", "network is permitted")
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
