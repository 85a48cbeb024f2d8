"""Generations of engines: of which a claim speaks, and which answer is whose."""

import pytest

from verify.lab.engines import Engine, load


def engine(kind: str, version: str) -> Engine:
    return Engine("made-here", kind, version, "trixie", ())


@pytest.mark.parametrize(
    ("version", "generation", "answer"),
    [
        ("20.10.24", "docker", True),
        ("20.10.24", "docker 20.10.24", True),
        ("20.10.24", "docker 23", False),
        ("25.0", "docker 25", True),
        ("26.1", "docker 25", True),
        ("26.1", "docker 20.10-25", False),
        ("28.5", "docker 20.10-28", True),
        ("29.7", "docker 20.10-28", False),
        ("20.10.5", "docker 20.10.24-28", False),
        ("", "docker 29", True),
        ("", "docker 20.10-28", False),
        ("26.1", "podman", False),
    ],
)
def test_engine_is_of_a_generation(version, generation, answer):
    assert engine("docker", version).is_of(generation) is answer


def test_answer_is_that_of_the_newest_generation_that_is_the_engines():
    answers = {"docker": 1, "docker 25": 2, "docker 28": 3, "podman": 4}
    assert [engine("docker", version).says(answers) for version in ("20.10.5", "25.0", "27.5", "28.5")] == [1, 2, 2, 3]
    assert engine("podman", "5.4").says(answers) == 4
    with pytest.raises(KeyError, match="no answer is Docker 20"):
        engine("docker", "20.10.5").says({"docker 25": 2})


def test_engines_stand_from_the_oldest_to_the_newest_of_each_kind():
    for kind in ("docker", "podman"):
        ranks = [each.rank for each in load().values() if each.kind == kind]
        assert ranks == sorted(ranks)
