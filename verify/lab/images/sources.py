"""Where the packages of images come from. Debian's suites move on: what a mirror no longer has, snapshots and archives do."""

import os
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import sh

from verify.lab.errors import LabError

HERE = Path(__file__).parent
BASES = {
    "HOSTNETWORK_SNAPSHOTS": "https://snapshot.debian.org/archive/debian",
    "HOSTNETWORK_ARCHIVE": "http://archive.debian.org/debian",
}
"""Environment variables, and what holds where they are not set: where there is a folder for each date on which Debian's
archive was copied, and where the suites are that have left the mirrors."""
SECONDS = 20


def debian(suite: str, snapshot: str) -> str | None:
    """From where a suite is taken: the first place that has it. If none answers, it is the machine's own mirror all the same."""
    return next((place for place in _places(snapshot) if _has(place, suite)), None) or own_mirror()


def _places(snapshot: str) -> Iterator[str]:
    if snapshot:
        yield f"{_base('HOSTNETWORK_SNAPSHOTS')}/{snapshot}"
    if mirror := own_mirror():
        yield mirror
    yield _base("HOSTNETWORK_ARCHIVE")


def _base(variable: str) -> str:
    return (os.environ.get(variable) or BASES[variable]).rstrip("/")


def _has(place: str, suite: str) -> bool:
    """Whether a suite is there. It is apt that asks, as it will for the packages: with its proxies and patience for them."""
    patience = [f"-oAcquire::{each}" for each in ("Retries=0", f"http::Timeout={SECONDS}", f"https::Timeout={SECONDS}")]
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "InRelease")
        try:
            sh.Command("/usr/lib/apt/apt-helper")(*patience, "download-file", f"{place}/dists/{suite}/InRelease", found)
        except (sh.CommandNotFound, sh.ErrorReturnCode):
            return False
        return found.read_bytes().startswith(b"-----BEGIN PGP SIGNED MESSAGE-----")


def own_mirror() -> str | None:
    """The mirror from which this machine gets Debian's packages; None, and so mmdebstrap's own choice, elsewhere."""
    try:
        sites = sh.Command("apt-get")("indextargets", "--format", "$(ORIGIN) $(LABEL) $(SITE)")
    except (sh.CommandNotFound, sh.ErrorReturnCode):
        return None
    return next((line.split()[2] for line in sites.splitlines() if line.startswith("Debian Debian ")), None)


def proxies() -> dict[str, str]:
    """The proxies of this machine's apt as environment variables, since mmdebstrap asks nothing else for them."""
    try:
        settings = sh.Command("apt-config")("dump", "--format=%F %v%n", "Acquire").splitlines()
    except (sh.CommandNotFound, sh.ErrorReturnCode):
        return {}
    told = dict(line.split(" ", 1) for line in settings)
    found = {f"{scheme}_proxy": told.get(f"Acquire::{scheme}::Proxy", "") for scheme in ("http", "https")}
    return {name: proxy for name, proxy in found.items() if "://" in proxy}


def signed(source: str, key_file: Path) -> str:
    """A line of apt's for a package source, with its key in `key_file`.

    Raises:
        LabError: the key is not to be had.
    """
    address, suite, *components, key = source.split()
    try:
        with urllib.request.urlopen(key if ":" in key else (HERE.parent / key).as_uri(), timeout=60) as stream:
            key_file.write_bytes(stream.read())
    except OSError as error:
        raise LabError(f"the key of {address} is not to be had at {key}: {error}") from None
    return f"deb [signed-by={key_file}] {address} {suite} {' '.join(components)}"
