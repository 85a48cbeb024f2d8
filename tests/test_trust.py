"""Evidence that cannot have been seen, though its digest is right."""

from dataclasses import replace

import pytest

from verify.judging import claim, commands, evidence, playing, receipt, trust
from verify.judging.evidence import EvidenceError
from verify.lab import engines

ENGINE = engines.at_hand()
CLAIM = "container_runs_on_the_host_network"
PICTURE = "browser_gets_the_page_with_no_port_published"


def stored(folder, name, *names):
    """Evidence of a claim, copied into a folder for these engines."""
    for each in names:
        evidence.save(evidence.load(name, each), folder)
    return [(evidence.path(name, each, folder), evidence.load(name, each, folder)) for each in names]


def test_evidence_that_is_here_can_have_been_seen():
    every = [evidence.load(name, e.name) for name, each in claim.declared().items() for e in each.engines]
    assert [problem for seen in every for problem in trust.problems(seen, engines.load()[seen.engine])] == []
    assert list(trust.strays((evidence.path(seen.claim, seen.engine), seen) for seen in every)) == []


@pytest.mark.parametrize("link", ["file", "folder", "attachment"])
def test_link_is_no_evidence(link, tmp_path):
    ((file, _),) = stored(tmp_path / "here", PICTURE, ENGINE.name)
    linked = {"file": file, "folder": file.parent, "attachment": next(file.parent.glob("*.png"))}[link]
    linked.rename(tmp_path / "elsewhere")
    linked.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EvidenceError, match="is a link"):
        evidence.load(PICTURE, ENGINE.name, tmp_path / "here")


def test_more_output_than_a_live_run_keeps_is_no_evidence(tmp_path):
    seen = evidence.load(CLAIM, ENGINE.name)
    much = tuple(replace(capture, stdout="x" * 5_000_000) for capture in seen.holds)
    evidence.save(replace(seen, worlds={**seen.worlds, "host": much}), tmp_path)
    with pytest.raises(EvidenceError, match="which no live run keeps"):
        evidence.load(CLAIM, ENGINE.name, tmp_path)


def test_two_engines_have_no_ids_in_common():
    names = [each.name for each in engines.load().values() if each.kind == "docker"][-2:]
    (one, first), (other, second) = [(evidence.path(CLAIM, name), evidence.load(CLAIM, name)) for name in names]
    assert list(trust.strays([(one, first), (other, second)])) == []
    said = "".join(trust.strays([(one, first), (other, replace(second, worlds=first.worlds))]))
    assert f"{other.relative_to(evidence.ROOT)}: has " in said
    assert f"as {names[0]}/{CLAIM}.json has: two engines never draw the same" in said


def test_pictures_of_one_page_in_one_browser_are_one():
    names = [each.name for each in engines.load().values() if each.kind == "docker"][-2:]
    (one, first), (other, second) = [(evidence.path(PICTURE, name), evidence.load(PICTURE, name)) for name in names]
    exchanged = tuple(
        replace(c, files={name: content + b"x" for name, content in c.files.items()}) for c in second.holds
    )
    forged = replace(second, worlds={**second.worlds, "host": exchanged})
    assert list(trust.strays([(one, first), (other, second)])) == []
    assert "has another picture than" in "".join(trust.strays([(one, first), (other, forged)]))


def test_live_run_holds_provenance_against_what_answers():
    before = dict(evidence.load(CLAIM, ENGINE.name).provenance)
    assert trust.drifted(before, before) == ""
    assert trust.drifted({**before, "engine": "1"}, before) == f"the engine was 1, and is {before['engine']}"
    official = {**before, "images": {name: {**image, "which": "official"} for name, image in before["images"].items()}}
    assert "was the official one, and is a stand-in" in trust.drifted(official, before)
    assert trust.drifted(before, official) == ""


@pytest.mark.parametrize(
    "command",
    [
        *("echo host", "printf 'x'", "/bin/echo x", "FOO=1 echo x", "( echo x )", "echo x >/dev/stderr", "echo x >&2"),
        *("docker run x || true", "docker run x; echo host", "docker run x && echo y", "docker ps | wc -l || true"),
        *(
            "echo aG9 | base64 -d",
            "base64 -d <<<x",
            "python3 -c 'print(1)'",
            "bash -c 'echo x'",
            "cat <<end\nhost\nend",
        ),
    ],
)
def test_command_that_prints_what_it_is_told_is_refused(command):
    assert commands.problem(command)


@pytest.mark.parametrize(
    "command",
    [
        *("docker run x | wc -l", "echo x >file", "cat >file <<'end'\nx\nend", "docker logs x 2>&1 | grep y", "ip a"),
        *("docker run busybox sh -c 'echo 1 >/proc/x'", "docker save x | runuser -l alice -c 'docker load -q'"),
    ],
)
def test_command_that_asks_an_engine_is_not(command):
    assert not commands.problem(command)


@pytest.mark.parametrize(
    ("condition", "asks"),
    [
        ("docker logs web 2>&1 | grep -q x", True),
        ("ss -ltn | grep -q x || [ -z \"$(runuser -l alice -c 'docker ps -q')\" ]", True),
        ("[ $(docker ps -q | wc -l) = 1 ]", True),
        ("! pgrep -u alice", True),
        ("iptables -I INPUT -j DROP", False),
        ("true && iptables -I INPUT -j DROP", False),
        ("[ $(iptables -F) = 1 ]", False),
        ("runuser -l alice -c 'docker run x'", False),
        ("nsenter -n -t 1 iptables -F", False),
        ("grep x y >/etc/hosts", False),
        ("curl -X POST http://x", False),
        ("docker exec x rm y", False),
    ],
)
def test_what_is_waited_for_is_only_looked_at(condition, asks):
    assert commands.asks(condition) is asks


def test_every_claim_is_judged_to_hold_in_both_worlds():
    for name, each in claim.declared().items():
        outcomes = playing.judge(each, each.engines[-1])
        assert [outcome.verdict.name for outcome in outcomes] == ["HOLDS", "HOLDS"], name


def test_live_run_that_left_something_out_is_found(tmp_path):
    name = engines.at_hand().name
    entries = [
        {"claim": claimed, "engine": engine, "world": world, "verdict": "holds", "live": True}
        | receipt.judged(claimed, engine)
        for claimed, engine, world in receipt._all(claim.declared().values(), [name])
    ]
    file = tmp_path / "verdicts.json"

    def counted(kept):
        file.write_text(receipt.json.dumps(kept))
        return list(receipt.count([name], file))

    assert counted(entries) == []
    assert len(counted(entries[1:])) == 1
    assert len(counted([{**entries[0], "live": False}, *entries[1:]])) == 1
    assert len(counted([{**entries[0], "verdict": "missing"}, *entries[1:]])) == 1
    assert len(counted([{**entries[0], "evidence": "0"}, *entries[1:]])) == 1
    assert list(receipt.count([], file)) == ["no engine is named, which proves nothing"]
    assert "no engine docker-0" in "".join(receipt.count(["docker-0"], file))
