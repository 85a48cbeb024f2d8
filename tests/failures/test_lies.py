"""Lies told to the build. Each must be caught, and the message must lead to it."""

import re
from dataclasses import dataclass

import pytest

CLAIM = "only_one_host_network_can_exist"
EVIDENCE = f"verify/evidence/docker-28/{CLAIM}.json"


@dataclass
class Lie:
    """An edit of one file, and what the build has to say of it, line by line (`LINE`: of the Japanese sentence)."""

    path: str
    old: str
    new: str
    message: list[str]


LIES = {
    "output edited by one character": Lie(
        EVIDENCE,
        "network is allowed",
        "network is aloowed",
        [
            "docs/ja/memo.md:LINE: ",
            "docs/en/memo.md:",
            f"{CLAIM} on docker-28, in the world 'host': missing",
            f"{EVIDENCE}: was changed by hand",
            f"./nox -s record -- -k {CLAIM}",
        ],
    ),
    "claim that does not exist": Lie(
        "docs/ja/memo.md",
        f'claim("{CLAIM}")',
        'claim("two_host_networks_can_exist")',
        [
            "docs/ja/memo.md:LINE: ",
            "there is no claim 'two_host_networks_can_exist'",
            "Write claim_two_host_networks_can_exist in verify/claims/, or mend the name.",
        ],
    ),
    "claim in one language only": Lie(
        "docs/en/memo.md",
        f'<% call claim("{CLAIM}") %>',
        '<% call claim("name_host_is_taken") %>',
        [
            "docs/ja/memo.md:LINE: ",
            f"claim '{CLAIM}' has no sentence in en. Add one to the same page in docs/en/.",
        ],
    ),
    "sentence changed in one language": Lie(
        "docs/ja/memo.md",
        "二つ目を作ろうとすると断られます。",
        "二つ目を作ろうとすると警告が出ます。",
        [
            "docs/ja/memo.md:LINE: ",
            f"claim '{CLAIM}' was changed in ja.",
            "is this still the same? docs/en/memo.md:",
            f"If all say the same: ./nox -s confirm -- {CLAIM}",
        ],
    ),
    "console output typed by hand": Lie(
        "docs/ja/memo.md",
        f'<{{ capture("{CLAIM}") }}>',
        "```console\n# docker network create -d host sample\nonly one instance of it is allowed\n```",
        ["docs/ja/memo.md:", "a block of console", "output is not typed into a page. Embed it"],
    ),
    "output passed off as a command": Lie(
        "docs/ja/memo.md",
        f'<{{ capture("{CLAIM}") }}>',
        '```sh\nError response from daemon: only one instance of "host" network is allowed\n```',
        ["docs/ja/memo.md:", f"line 1 of the block is output of claim '{CLAIM}'", "Embed it instead."],
    ),
    "capture of a command that was not run": Lie(
        "docs/en/memo.md",
        f'<{{ capture("{CLAIM}") }}>',
        f'<{{ capture("{CLAIM}", "docker network rm") }}>',
        ["docs/en/memo.md:", f"claim '{CLAIM}' has no command that contains 'docker network rm'."],
    ),
    "sentence of the memo's changes left unexplained": Lie(
        "docs/memo/create.txt",
        "only one instance",
        "just one instance",
        ["docs/memo/parts.toml: [create]: nothing explains that the memo has", "explain it on the memo page"],
    ),
    "heading without a counterpart": Lie(
        "docs/en/memo.md",
        "{ #singleton }",
        "{ #only-one }",
        ["docs/en/memo.md", "heading", "['only-one'], docs/ja/memo.md has ['singleton']"],
    ),
    "link to a heading that is not there": Lie(
        "docs/en/index.md",
        "\n\n",
        "\n\n[there](memo.md#nowhere)\n\n",
        ["memo.md#nowhere", "Aborted with 1 warnings in strict mode!"],
    ),
    "macro that does not exist": Lie("docs/en/index.md", "\n\n", "\n\n<{ no_such_macro() }>\n\n", ["no_such_macro"]),
    "claim without a counterfactual": Lie(
        "verify/claims/networks.py",
        '@counterfactual("driver", holds="host", fails="bridge")\n',
        "",
        [f"claim_{CLAIM}: a claim needs its @counterfactual"],
    ),
    "claim that asserts nothing": Lie(
        "verify/claims/networks.py",
        "    assert refused.exit_code == 1\n"
        "    assert refused.stderr == 'Error response from daemon: only one instance of \"host\" network is allowed\\n'\n",
        "",
        [f"{CLAIM} on docker-28, in the world 'bridge': vacuous", "sharpen the assertion"],
    ),
    "counterfactual that fails for another reason": Lie(
        "verify/claims/networks.py",
        "    assert refused.exit_code == 1\n    assert refused.stderr == 'Error response from daemon: only one",
        "    1 / refused.exit_code\n    assert refused.stderr == 'Error response from daemon: only one",
        [
            f"{CLAIM} on docker-28, in the world 'bridge': vacuous",
            "The counterfactual failed, but not by its own assertion.",
            "ZeroDivisionError",
        ],
    ),
    "claim of another text": Lie(
        "verify/claims/networks.py",
        "network is allowed\\n",
        "network is permitted\\n",
        ["docs/ja/memo.md:LINE: ", f"{CLAIM} on docker-28, in the world 'host': broken", "change the sentence"],
    ),
    "claim that runs another command": Lie(
        "verify/claims/networks.py",
        "{driver} sample",
        "{driver} example",
        [
            f"{CLAIM} on docker-28, in the world 'host': missing",
            "the claim runs host# docker network create -d host example",
        ],
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_lie_is_caught(project, name):
    lie = LIES[name]
    line = project.line_of("docs/ja/memo.md", f'claim("{CLAIM}")')
    project.edit(lie.path, lie.old, lie.new)
    result = project.site()
    said = result.stdout + result.stderr
    assert result.returncode != 0, said
    for words in lie.message:
        assert words.replace("LINE", str(line)) in said


def test_deleted_evidence_is_caught(project):
    (project.root / EVIDENCE).unlink()
    said = project.site()
    assert said.returncode != 0
    assert re.search(r"docs/ja/memo\.md:\d+: ", said.stdout + said.stderr)
    assert f"{EVIDENCE}: there is no such evidence" in said.stdout + said.stderr
    assert f"./nox -s record -- -k {CLAIM}" in said.stdout + said.stderr


def test_deleted_packets_are_caught(project):
    packets = next((project.root / "verify/evidence/docker-28").glob("handshake_is_seen_on_eth0.*.pcap"))
    packets.unlink()
    said = project.site()
    assert said.returncode != 0
    assert f"{packets.relative_to(project.root)}: is missing" in said.stdout + said.stderr


def test_nothing_run_is_a_failure(project):
    assert project.claims("-k", "no_such_claim").returncode != 0
