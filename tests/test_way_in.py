"""What somebody new reads first is as the project is: the list of jobs."""

import re
from pathlib import Path

import nox
import pytest

import noxfile

ROOT = Path(noxfile.__file__).parent
JOBS = {name: re.match(r"\[(\w+)\] ", job.__doc__)[1] for name, job in nox.registry.get().items()}
"""Whom each job is for, in the order in which nox lists them."""


@pytest.mark.parametrize("language", ["ja", "en"])
def test_page_has_every_job_below_whom_it_is_for(language):
    page = f"docs/{language}/contributing/index.md"
    _, *groups = re.split(r"\{ #jobs-(\w+) \}", (ROOT / page).read_text(encoding="utf-8"))
    told = {
        name: group
        for group, rows in zip(groups[::2], groups[1::2], strict=True)
        for name in re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)
    }
    assert list(told.items()) == list(JOBS.items()), f"{page} tells of other jobs than ./nox -l. Give both the same."
