"""Commands on the lab's machines: whole, bounded, and as text, whatever they do and however late the outer engine answers."""

import contextlib
import http.client
import time

import pytest

from verify.judging.claim import declared
from verify.lab import engines
from verify.lab.errors import LabError
from verify.lab.topology import Lab
from verify.trials import bench

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def lab():
    with Lab(engines.load()["docker-28"]) as running:
        yield running


@pytest.mark.parametrize(
    ("do", "complaint"),
    [
        (lambda host: host.run("sleep 1000"), "host: did not end within 1 s: sleep 1000$"),
        (lambda host: host.run("trap '' TERM; sleep 1000 & wait; sleep 1000"), "host: did not end within 1 s"),
        (lambda host: host.start("sleep 1000", "never"), "host: sleep 1000 did not print within 1 s 'never'; .*: ''"),
        (
            lambda host: host.start("yes sleep 1000", "never"),
            "host: yes sleep 1000 (?:ended before it printed|did not print within 1 s) 'never'; .*: '.*sleep 1000",
        ),
        (lambda host: host.start("echo no", "never"), r"host: echo no ended before it printed 'never'; .*: 'no\\n'"),
        (lambda host: host.terminal("sleep 1000", ["exit"], "never"), "host: a command printed nothing for 1 s"),
    ],
)
def test_command_that_hangs(lab, monkeypatch, do, complaint):
    monkeypatch.setattr(lab.host, "limit", 1)
    with pytest.raises(LabError, match=complaint):
        do(lab.host)
    monkeypatch.undo()
    assert lab.host.run("echo still here").stdout == "still here\n"
    with contextlib.suppress(LabError):
        lab.put_back()
    if not lab.sound:
        lab.renew()
    assert not lab.host.succeeds("pgrep -f 'slee[p] 1000'")


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (r"printf 'a\033[31mb'", r"control character, '\\x1b'"),
        (r"printf 'a\000b'", r"control character, '\\x00'"),
        (r"printf 'a\377b'", r"byte 1 is not UTF-8"),
        (r"printf 'a\342\200\256b'", r"control character, '\\u202e'"),
        ("head -c 200000000 /dev/zero | tr '\\0' x", "printed more than"),
    ],
)
def test_output_that_cannot_be_kept(lab, command, complaint):
    with pytest.raises(LabError, match=complaint):
        lab.host.run(command)
    assert lab.host.run("echo still here").stdout == "still here\n"


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.3])
def test_nothing_is_lost_if_the_outer_engine_is_heard_late(lab, monkeypatch, seconds):
    begin = http.client.HTTPResponse.begin

    def late(response):
        time.sleep(seconds)
        begin(response)

    monkeypatch.setattr(http.client.HTTPResponse, "begin", late)
    lab.host.close()
    assert lab.host.run("echo first").stdout == "first\n"
    assert lab.host.start("bash -c 'echo said; sleep 1000'", "said").stop().stdout == "said\n"
    shell = lab.host.terminal("bash --norc", ["echo typed", "exit"], r"bash-\S+# ")
    assert "# echo typed\ntyped\n" in shell.stdout


def test_bare_script_of_a_claim_leaves_nothing_behind(lab):
    # In both worlds, and in one shell: what one of them sets there, the next has, too.
    script = bench._script(lab, declared()["docker0_has_no_carrier_without_bridge_containers"])
    bench.run_script(lab.host, script)
    assert lab.host.shell("docker ps -aq") == ""


def test_bench_times_a_claim_as_a_script_in_the_harness_and_in_pytest(lab, monkeypatch):
    monkeypatch.setattr(bench, "CLAIMS", 1)
    (found,) = bench._rounds(lab, 1, [])
    assert len(found["claims"]) == 1
    assert all(seconds > 0 for seconds in [found["pytest"], *next(iter(found["claims"].values()))])
