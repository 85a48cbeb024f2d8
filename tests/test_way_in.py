"""What somebody new reads first is as the project is: the README, and the list of jobs."""

import inspect
import re
from pathlib import Path

import nox
import pytest

import noxfile
from verify.judging import claim, sentences
from verify.publishing import picture

ROOT = Path(noxfile.__file__).parent
JOBS = {name: re.match(r"\[(\w+)\] ", job.__doc__)[1] for name, job in nox.registry.get().items()}
"""Whom each job is for, in the order in which nox lists them."""


def test_readme_has_a_claim_and_its_sentence_as_they_stand():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    name = re.search(r"^def claim_(\w+)", readme, re.MULTILINE)[1]
    code, sentence = (re.search(part, readme, re.DOTALL)[1] for part in (r"```python\n(.*?)```", r"\n> (.*?)\n\n"))
    known = claim.declared()[name]
    stands = inspect.getsource(known.function)
    page = next(each for each in sentences.sentences(name) if each.language == "en")
    assert code == stands, f"README.md has another claim than {known.file}. Copy it from there."
    assert sentence == page.text, f"README.md has another sentence than {page.where}. Copy it from there."


def test_readme_has_the_pictures_that_are_taken_and_they_are_soon_there():
    shown = re.findall(
        r"!\[[^\]]+\]\(\.github/pictures/([\w-]+)\.png\)", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    assert sorted(shown) == sorted(picture.PLACES)
    assert all((picture.FOLDER / f"{name}.png").stat().st_size < 200_000 for name in shown)


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
