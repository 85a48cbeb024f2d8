"""A world in which the lab failed, or the engine lost output, is run once more, in a renewed lab, and the report says so."""

import json

import pytest

pytestmark = pytest.mark.engine
CLAIM = "name_host_is_taken"
# A pytest plugin with which the lab fails in a world of that claim, as many times as FAILURES says.
FAILING = """
from verify.lab.errors import LabError
from verify.lab.machine import Machine

run, failures = Machine.run, [FAILURES]

def failing(self, command, files=()):
    if failures[0] and command == "docker network create host":
        failures[0] -= 1
        raise LabError("the cable was cut")
    return run(self, command, files)

Machine.run = failing
"""


@pytest.mark.parametrize(("failures", "status", "verdict"), [(1, 0, "holds"), (2, 10, "unrunnable")])
def test_world_in_which_the_lab_failed_is_run_once_more(project, failures, status, verdict):
    (project.root / "failing.py").write_text(FAILING.replace("FAILURES", str(failures)))
    file = project.root / "verdicts.json"
    ran = project.claims("--live", "-p", "failing", "--engine=docker-28", "-k", CLAIM, f"--verdicts={file}")
    assert ran.returncode == status, ran.stdout
    outcome = next(each for each in json.loads(file.read_text()) if each["world"] == "host")
    assert outcome["verdict"] == verdict
    assert "This is the second try, since in the first the lab failed: the cable was cut" in outcome["detail"]
    assert "This is the second try" in ran.stdout


# A pytest plugin with which Docker loses what a container printed, and LOSES what else of it.
LOSING = """
import dataclasses
from verify.lab.machine import Machine

run, losses = Machine.run, [1]

def losing(self, command, files=()):
    seen = run(self, command, files)
    if losses[0] and command.startswith("docker run --rm --network host"):
        losses[0] -= 1
        seen = self.tape[-1] = dataclasses.replace(seen, LOSES)
    return seen

Machine.run = losing
"""


@pytest.mark.parametrize(
    ("claim", "loses", "status"),
    [
        ("host_name_is_the_hosts", "stdout=''", 0),
        ("own_hostname_does_not_resolve", "stderr=''", 0),
        ("host_name_is_the_hosts", "stdout='', exit_code=1", 1),
        ("host_name_is_the_hosts", "stdout=seen.stdout[:5]", 1),
    ],
)
def test_world_in_which_docker_lost_all_output_is_run_once_more(project, claim, loses, status):
    (project.root / "losing.py").write_text(LOSING.replace("LOSES", loses))
    ran = project.claims("--live", "-p", "losing", "--engine=docker-28", "-k", claim)
    assert ran.returncode == status, ran.stdout
    said = "This is the second try, since in the first the lab failed: Docker printed nothing of what a container said"
    assert (said in ran.stdout) == (status == 0)
