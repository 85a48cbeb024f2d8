"""The engine of this machine, on which the lab is built. Run as a program, it installs and starts one where none answers."""

import os
import subprocess
import sys
import time
from pathlib import Path

import docker
import sh
from docker.errors import DockerException

from verify.lab.errors import LabError

PACKAGES = ("docker.io", "mmdebstrap", "debian-archive-keyring", "iptables")
LOG = Path("/var/log/dockerd.log")
SECONDS = 120


def connect() -> docker.DockerClient:
    """The engine that answers here.

    Raises:
        LabError: none does.
    """
    try:
        client = docker.from_env(timeout=120)
        client.ping()
    except DockerException as error:
        raise LabError(
            f"no Docker Engine answers here ({error}). `./nox -s engine` installs and starts one."
        ) from error
    return client


def main() -> None:
    """Installs and starts an engine and what builds the lab's images, as far as they are missing."""
    missing = [package for package in PACKAGES if not _installed(package)]
    try:
        version = connect().version()["Version"]
    except LabError:
        version = ""
    else:
        missing = [package for package in missing if package != "docker.io"]
    if missing or not version:
        _demand_root()
    if missing:
        print(f"installing {' '.join(missing)}", flush=True)
        _apt(missing)
    if not version:
        version = _start()
    print(f"Docker Engine {version} answers")


def _installed(package: str) -> bool:
    try:
        return "ok installed" in sh.dpkg("-s", package)
    except sh.CommandNotFound:
        raise LabError("this is neither Debian nor Ubuntu: install Docker Engine and mmdebstrap yourself") from None
    except sh.ErrorReturnCode:
        return False


def _demand_root() -> None:
    if os.geteuid():
        raise LabError("an engine is installed and started as root: sudo ./nox -s engine")


def _apt(packages: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = sh.Command("apt-get").bake("-qy", _env=environment, _out=sys.stdout, _err=sys.stderr)
    apt("update")
    apt("install", "--no-install-recommends", *packages)


def _start() -> str:
    """Starts the daemon, as a service where systemd runs and by hand elsewhere, and waits until it answers."""
    if Path("/run/systemd/system").is_dir():
        sh.systemctl("start", "docker")
    else:
        print(f"starting dockerd; it writes to {LOG}", flush=True)
        with LOG.open("ab") as log:
            subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            return str(connect().version()["Version"])
        except LabError:
            time.sleep(0.2)
    tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-20:]) if LOG.exists() else ""
    raise LabError(f"the engine did not answer within {SECONDS} s. {tail}")


if __name__ == "__main__":
    try:
        main()
    except LabError as error:
        sys.exit(f"engine: {error}")
