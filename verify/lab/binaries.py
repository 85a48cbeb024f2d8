"""Engines whose binaries come from an archive such as Docker publishes, or from a file or folder on this machine."""

import contextlib
import dataclasses
import hashlib
import io
import platform
import re
import shutil
import struct
import subprocess
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from verify.lab.engines import Engine, load
from verify.lab.errors import EngineMissing

OWN = "this machine's own engine"
NEEDED = ("dockerd", "docker")
OPTIONAL = ("containerd", "containerd-shim-runc-v2", "ctr", "docker-init", "docker-proxy", "runc")
PROGRAMS = (*NEEDED, *OPTIONAL)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MACHINES = {"x86_64": 62, "aarch64": 183}
"""What an ELF file says of the processor that it is for."""


def laid_over(engine: Engine) -> Engine:
    """The engine over whose packages an engine's binaries are laid: they give the tools, plugins and the service script."""
    base = load().get(engine.base or engine.name)
    if base is None or not base.is_debians:
        raise EngineMissing(
            f"{engine.title} has no base to lay binaries over: set `base` to an engine whose packages are Debian's"
        )
    return dataclasses.replace(base, base="")


def own() -> Engine:
    """This machine's own Docker as an engine of the lab: that of the nearest generation, with its binaries and version.

    Raises:
        EngineMissing: there is no dockerd on this machine.
    """
    if not (dockerd := shutil.which("dockerd", path=PATH)):
        raise EngineMissing(f"there is no dockerd in {PATH}, so this machine has no Docker of its own")
    answer = subprocess.run([dockerd, "--version"], check=True, capture_output=True, text=True).stdout
    version = re.search(r"\d+\.\d+\.\d+", answer)
    if not version:
        raise EngineMissing(f"{dockerd} --version does not tell its version: {answer}")
    dockers = [each for each in load().values() if each.kind == "docker"]
    older = [each for each in dockers if each.rank <= tuple(map(int, version[0].split(".")))]
    return dataclasses.replace((older or dockers[:1])[-1], version=version[0], binaries=OWN)


@contextlib.contextmanager
def programs(engine: Engine, folder: Path) -> Iterator[dict[str, Path]]:
    """An engine's binaries by name, in `folder`, which is empty again afterwards.

    Raises:
        EngineMissing: they are not to be had, are not what their digest says, or are not an engine for this machine.
    """
    unpacked = folder / "binaries"
    unpacked.mkdir()
    try:
        if engine.binaries:
            _collect(Path(engine.binaries).expanduser(), unpacked, engine.binaries)
        else:
            _unpack(_fetched(engine), unpacked, engine.archive)
        found = {name: unpacked / name for name in PROGRAMS if (unpacked / name).is_file()}
        _check(found, engine.binaries or engine.archive)
        yield found
    finally:
        shutil.rmtree(unpacked)


def digest(found: dict[str, Path]) -> str:
    """One digest of all binaries."""
    together = hashlib.sha256()
    for name, path in sorted(found.items()):
        together.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return together.hexdigest()


def dockerfile(base: str, found: dict[str, Path]) -> str:
    """How binaries get onto a host's image: in the place of Debian's, wherever that is."""
    places = "for each in /opt/binaries/*; do name=$(basename $each)"
    places += '; cp -f $each "$(command -v $name || echo /usr/bin/$name)"; done && rm -rf /opt/binaries'
    return f"FROM {base}\nCOPY {' '.join(sorted(found))} /opt/binaries/\nRUN {places}\n"


def _fetched(engine: Engine) -> bytes:
    try:
        with urllib.request.urlopen(engine.archive, timeout=60) as stream:
            content: bytes = stream.read()
    except OSError as error:
        raise EngineMissing(f"{engine.title} is not to be had at {engine.archive}: {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != engine.sha256:
        raise EngineMissing(f"{engine.archive} is not what engines.toml expects: SHA-256 {engine.sha256}, not {found}")
    return content


def _collect(source: Path, folder: Path, what: str) -> None:
    """Takes binaries from a folder, or from one within it, or from an archive."""
    if what == OWN:
        for name in PROGRAMS:
            if path := shutil.which(name, path=PATH):
                shutil.copy(path, folder / name)
    elif source.is_dir():
        for name in PROGRAMS:
            for file in (source / name, source / "docker" / name, *source.glob(f"usr/*bin/{name}")):
                if file.is_file():
                    shutil.copy(file, folder / name)
                    break
    elif source.is_file():
        _unpack(source.read_bytes(), folder, what)
    else:
        raise EngineMissing(f"{what} is neither a folder nor an archive")


def _unpack(content: bytes, folder: Path, what: str) -> None:
    """Takes binaries from a tar archive, wherever in it they are; nothing else of it is written anywhere."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                name = Path(member.name).name
                if name in PROGRAMS and member.isfile() and (stream := archive.extractfile(member)):
                    (folder / name).write_bytes(stream.read())
    except (tarfile.TarError, OSError, EOFError) as error:
        raise EngineMissing(f"{what} is not an archive that can be read: {error}") from None


def _check(found: dict[str, Path], what: str) -> None:
    if lacking := [name for name in NEEDED if name not in found]:
        raise EngineMissing(f"{what} has no {' and no '.join(lacking)}")
    for name, path in found.items():
        path.chmod(0o755)
        with path.open("rb") as stream:
            head = stream.read(20)
        if head[:4] != b"\x7fELF":
            raise EngineMissing(f"{what}: {name} is not a program for Linux")
        if struct.unpack("<H", head[18:20])[0] != MACHINES.get(platform.machine(), -1):
            raise EngineMissing(f"{what}: {name} is for another processor than {platform.machine()}")
