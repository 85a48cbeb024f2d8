"""What was seen cannot be changed without notice, and the score on the page is today's."""

import pytest

from verify.lab import engines
from verify.trials import mutants


@pytest.mark.parametrize("engine", engines.load())
def test_no_mutant_survives(engine):
    score = mutants.score(engine)
    assert score.survivors == []
    assert score.ran > 1000
    assert mutants.changes(engine, score.summary()) == [], "the page's score is stale: ./nox -s mutants"
