"""Evidence that several machines recorded is what one machine would have recorded."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from projects import Project

from verify.judging import evidence, masks
from verify.judging.evidence import Evidence, EvidenceError
from verify.lab.machine import Capture

CLAIMS = ("only_one_host_network_can_exist", "name_host_is_taken")
ENGINES = ("docker-20.10.24", "docker-28")


def seen(engine: str, packets: bytes) -> Evidence:
    capture = Capture("host", "tcpdump", 0, "", "", {"p.pcap": b"\xd4\xc3\xb2\xa1" + packets})
    return Evidence("x", engine, {}, {"host": (capture,), "bridge": ()})


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_an_engines_folder_is_replaced_and_the_others_stay(tmp_path):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for engine in ("a", "b"):
        evidence.save(seen(engine, b"old"), here)
    evidence.save(seen("b", b"new"), elsewhere)
    assert evidence.merge(elsewhere, here) == ["b"]
    assert files(here / "b") == files(elsewhere / "b")
    assert evidence.load("x", "a", here) == seen("a", b"old")
    assert evidence.load("x", "b", here) == seen("b", b"new")


def test_damaged_evidence_changes_nothing(tmp_path):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for engine in ("a", "b"):
        evidence.save(seen(engine, b"old"), here)
        evidence.save(seen(engine, b"new"), elsewhere)
    next((elsewhere / "b").glob("*.pcap")).write_bytes(b"other")
    with pytest.raises(EvidenceError, match="was changed by hand"):
        evidence.merge(elsewhere, here)
    for engine in ("a", "b"):
        assert evidence.load("x", engine, here) == seen(engine, b"old")


def test_no_evidence_is_nothing_to_merge(project, tmp_path):
    refused = project.run("python", "-m", "verify.judging.evidence", str(tmp_path / "nowhere"))
    assert (refused.returncode, refused.stderr) == (1, "merge: there is no evidence\n")


@pytest.mark.engine
def test_machines_apart_record_what_one_would_have(project, tmp_path):
    for claim in CLAIMS:
        for engine in ENGINES:
            evidence.path(claim, engine, project.root / "verify/evidence").unlink()
    one, *several = (copy(project, tmp_path / name) for name in ("one", *ENGINES))
    record(one, *ENGINES)
    for engine, machine in zip(ENGINES, several, strict=True):
        record(machine, engine)
        shutil.copytree(machine.root / "verify/evidence" / engine, tmp_path / "recorded" / engine)
    merged = project.run("python", "-m", "nox", "-s", "merge", "--", str(tmp_path / "recorded"))
    assert merged.returncode == 0, merged.stderr

    apart, together = (each.root / "verify/evidence" for each in (project, one))
    assert files(apart) == files(together)
    for claim in CLAIMS:
        for engine in ENGINES:
            assert meaning(evidence.load(claim, engine, apart)) == meaning(evidence.load(claim, engine, together))
    replayed = project.claims()
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


def copy(project: Project, root: Path) -> Project:
    """Another machine's checkout of the same project."""
    return Project(shutil.copytree(project.root, root, symlinks=True))


def record(machine: Project, *engines: str) -> None:
    only = [argument for engine in engines for argument in ("--engine", engine)]
    recorded = machine.claims("--record", *only, "-k", " or ".join(CLAIMS))
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr


def meaning(recorded: Evidence) -> tuple[Evidence, dict[str, str]]:
    """All that evidence says: who, with what, and in each world what was seen, masked values by what they mean."""
    canonical = {world: masks.canonical(captures) for world, captures in recorded.worlds.items()}
    return replace(recorded, worlds={}), canonical
