"""A world in which the lab failed is run once more, in a renewed lab, and the report says so."""

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
