"""Engines from binaries: taken from a Debian package, as a folder and as an archive; and what is refused."""

import dataclasses
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from verify.lab import binaries, images, outer
from verify.lab.engines import Engine, load
from verify.lab.errors import EngineMissing

DOCKER = load()["docker-28"]
CLAIM = "only_one_host_network_can_exist"


def engine(**fields: str) -> Engine:
    return dataclasses.replace(DOCKER, **fields)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The engine and client of a Debian package, as an image of the lab has them."""
    client = outer.connect()
    container = client.containers.create(images.ensure(client, images.host(DOCKER), print), "true")
    taken = tmp_path_factory.mktemp("binaries")
    try:
        for file in ("/usr/sbin/dockerd", "/usr/bin/docker"):
            parts, _ = container.get_archive(file)
            with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
                archive.extractall(taken, filter="data")
    finally:
        container.remove()
    return taken


@pytest.fixture(scope="module")
def archive(folder) -> Path:
    """The same as an archive in the layout of Docker's."""
    file = folder.parent / "docker.tgz"
    with tarfile.open(file, "w:gz") as made:
        made.add(folder, "docker")
    return file


def laid(which: Engine) -> str:
    """The tag of the image on which an engine's binaries are."""
    return images._with_binaries(outer.connect(), which, print)


@pytest.mark.engine
def test_claim_holds_on_binaries_from_a_folder(project, folder):
    ran = project.claims("--live", "--engine=docker-28", f"--binaries=docker-28={folder}", "-k", CLAIM)
    assert ran.returncode == 0, ran.stdout
    assert f"holds      {CLAIM}: docker-28" in ran.stdout


@pytest.mark.engine
def test_binaries_of_an_archive_are_those_of_its_folder(folder, archive):
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    named = engine(archive=archive.as_uri(), sha256=digest)
    assert laid(named) == laid(engine(binaries=str(archive))) == laid(engine(binaries=str(folder)))


@pytest.mark.engine
def test_wrong_digest_is_refused_and_leaves_nothing(archive, monkeypatch):
    monkeypatch.setattr(images, "_build", lambda *_: pytest.fail("an image was made"))
    with pytest.raises(
        EngineMissing, match=rf"is not what engines.toml expects: SHA-256 {'0' * 64}, not [0-9a-f]{{64}}"
    ):
        laid(engine(archive=archive.as_uri(), sha256="0" * 64))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda folder: (folder / "dockerd").unlink(), r"has no dockerd$"),
        (lambda folder: (folder / "docker").write_bytes(b"#!/bin/sh\n"), r"docker is not a program for Linux$"),
        (lambda folder: other_processor(folder / "dockerd"), r"dockerd is for another processor than \w+$"),
        (lambda folder: subprocess.run(["rm", "-r", folder], check=True), r"is neither a folder nor an archive$"),
    ],
)
def test_what_is_no_engine_for_this_machine_is_refused(tmp_path, change, complaint):
    given = tmp_path / "given"
    given.mkdir()
    for name in binaries.NEEDED:
        (given / name).write_bytes(Path("/proc/self/exe").read_bytes()[:64])
    change(given)
    with pytest.raises(EngineMissing, match=complaint), binaries.programs(engine(binaries=str(given)), tmp_path):
        pass
    assert not (tmp_path / "binaries").exists()


def other_processor(file: Path) -> None:
    head = bytearray(file.read_bytes())
    head[18:20] = b"\xf3\x00"  # RISC-V
    file.write_bytes(head)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08"])
def test_broken_archive_is_refused(tmp_path, content):
    file = tmp_path / "docker.tgz"
    file.write_bytes(content)
    with (
        pytest.raises(EngineMissing, match="is not an archive that can be read"),
        binaries.programs(engine(binaries=str(file)), tmp_path),
    ):
        pass


def test_archive_that_cannot_be_reached_is_missing(tmp_path):
    which = engine(archive=(tmp_path / "none.tgz").as_uri(), sha256="0" * 64)
    with pytest.raises(EngineMissing, match=r"is not to be had at file://"), binaries.programs(which, tmp_path):
        pass


def test_binaries_for_no_engine_are_refused(project):
    ran = project.claims("--binaries=docker-0=/nowhere")
    assert ran.returncode == 4
    assert "no engine docker-0 in engines.toml" in ran.stderr


@pytest.mark.engine
def test_own_engine_is_run_beside_the_nearest_generation(project):
    ran = project.claims("--own", "-k", CLAIM)
    report = (project.root / "reports/own-engine.md").read_text()
    assert "Traceback" not in ran.stdout
    assert report.startswith("# Docker ")
    assert "1 claims were run with the binaries of this engine in the closed lab" in report
