"""What was seen cannot be changed without notice, and the score on the page is today's."""

import json

import pytest

from verify import mutants
from verify.lab import engines


@pytest.mark.parametrize("engine", engines.load())
def test_no_mutant_survives(engine):
    score = mutants.score(engine)
    assert score.survivors == []
    assert score.ran > 1000
    committed = json.loads(mutants.SCORES.read_text())
    assert committed[engine] == score.summary(), "the page's score is stale: ./nox -s mutants"
