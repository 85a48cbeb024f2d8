"""The images of the lab, made on this machine from its own package sources, and kept until their recipe changes."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import sh

from verify.lab.errors import LabError

HERE = Path(__file__).parent
REPOSITORY = "hostnetwork-lab"
# Documentation and translations would make up a third of the images; nothing in the lab reads them.
LEAN = ["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*"]
HTTPD = "httpd:latest"


@dataclass(frozen=True)
class Recipe:
    """What an image is made of: a Debian suite, packages, and `images/NAME/` (`root/` is copied in, `customize` run)."""

    name: str
    suite: str
    packages: tuple[str, ...]
    config: tuple[str, ...] = ()
    """Dockerfile instructions for the image's configuration (`ENV`, `WORKDIR`, ...)."""

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def tag(self) -> str:
        digest = hashlib.sha256(repr(self).encode())
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            mode = path.stat().st_mode & 0o111
            digest.update(f"{path.relative_to(self.folder)} {mode}\0".encode() + path.read_bytes())
        return f"{REPOSITORY}/{self.name}:{digest.hexdigest()[:12]}"


FAR = Recipe(
    "far",
    "trixie",
    ("busybox", "chromium", "chromium-headless-shell", "curl", "dnsmasq-base", "fonts-dejavu-core", "iproute2"),
)
"""What stands beyond the host's cable: the router with its package mirror, and the client with its browser."""

HTTPD_STAND_IN = Recipe(
    "httpd",
    "trixie",
    ("apache2-bin", "media-types"),
    (
        "ENV PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "ENV HTTPD_PREFIX=/usr/local/apache2",
        "WORKDIR /usr/local/apache2",
        "EXPOSE 80",
        'CMD ["httpd-foreground"]',
    ),
)


def host(suite: str, packages: tuple[str, ...]) -> Recipe:
    """The lab's host with one engine's packages on it."""
    tools = ("ca-certificates", "iproute2", "iptables", "net-tools", "procps", "tcpdump")
    return Recipe("host", suite, tuple(sorted({*tools, *packages})))


def ensure(client: docker.DockerClient, recipe: Recipe, say: Callable[[str], None]) -> str:
    """The tag of the image that `recipe` describes; made first if need be, which takes about half a minute.

    Raises:
        LabError: the image could not be made.
    """
    with _workshop() as folder:
        if not client.images.list(name=recipe.tag):
            say(f"making {recipe.tag} from Debian {recipe.suite}: {' '.join(recipe.packages)}")
            archive = folder / "root.tar"
            _mmdebstrap(recipe, archive)
            repository, tag = recipe.tag.split(":")
            client.api.import_image_from_file(str(archive), repository, tag, changes=list(recipe.config))
    return recipe.tag


def ensure_host(client: docker.DockerClient, recipe: Recipe, say: Callable[[str], None]) -> tuple[str, str]:
    """The image of the lab's host with `/srv/httpd.tar` on it, and which image that is: `official` or `stand-in`.

    It is the official httpd:latest where a registry answers, and else the same server from Debian in the same layout.
    Either way its package source is the lab's own mirror, since a container in the lab has no other one to reach.
    """
    base, which = _httpd(client, say)
    host = ensure(client, recipe, say)
    tag = f"{host}-{base.short_id.removeprefix('sha256:')}"
    with _workshop() as folder:
        if not client.images.list(name=tag):
            say(f"putting {HTTPD} ({which}) on {host}")
            _stage(client, host, base.id, tag, folder)
    return tag, which


def _httpd(client: docker.DockerClient, say: Callable[[str], None]) -> tuple[Any, str]:
    try:
        return client.images.get(HTTPD), "official"
    except docker.errors.ImageNotFound:
        pass
    try:
        return client.images.pull("httpd", "latest"), "official"
    except docker.errors.APIError as refusal:
        say(f"no registry gives {HTTPD} ({refusal.explanation}): Debian's own build of the server stands in")
        return client.images.get(ensure(client, HTTPD_STAND_IN, say)), "stand-in"


def _stage(client: docker.DockerClient, host: str, httpd: str, tag: str, folder: Path) -> None:
    served = f"{REPOSITORY}/served:latest"
    context = folder / "context"
    context.mkdir()
    dockerfile = context / "Dockerfile"
    dockerfile.write_text(
        f"FROM {httpd}\n"
        "RUN rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*"
        " && echo 'deb [trusted=yes] http://mirror.lab/debian ./' >/etc/apt/sources.list\n"
    )
    _build(client, context, served)
    with (context / "httpd.tar").open("wb") as archive:
        archive.writelines(client.api.get_image(served))
    dockerfile.write_text(f"FROM {host}\nCOPY httpd.tar /srv/\n")
    _build(client, context, tag)


def _build(client: docker.DockerClient, context: Path, tag: str) -> None:
    # The steps need no network, so they get none.
    client.images.build(path=str(context), network_mode="none", tag=tag, forcerm=True)


def _mmdebstrap(recipe: Recipe, archive: Path) -> None:
    hooks = [f'--customize-hook=cp -rT "{recipe.folder}/root" "$1"']
    if (recipe.folder / "customize").exists():
        hooks.append(f"--customize-hook={recipe.folder}/customize")
    mirror = _debian_mirror()
    try:
        sh.mmdebstrap(
            "--variant=minbase",
            # A mirror that is a frozen copy is past its own date; what it holds is still signed.
            "--aptopt=Acquire::Check-Valid-Until false",
            *LEAN,
            *hooks,
            f"--include={','.join(recipe.packages)}",
            recipe.suite,
            archive,
            *([mirror] if mirror else []),
            _env={**os.environ, "SOURCE_DATE_EPOCH": "0", "TMPDIR": str(archive.parent)},
        )
    except sh.CommandNotFound:
        raise LabError("mmdebstrap is not installed; `./nox -s engine` installs it") from None
    except sh.ErrorReturnCode as failure:
        raise LabError(f"mmdebstrap could not make {recipe.tag}:\n{failure.stderr.decode()[-2000:]}") from None


def _debian_mirror() -> str | None:
    """The mirror from which this machine gets Debian's packages; None, and so mmdebstrap's own choice, elsewhere."""
    try:
        sites = sh.Command("apt-get")("indextargets", "--format", "$(ORIGIN) $(LABEL) $(SITE)")
    except (sh.CommandNotFound, sh.ErrorReturnCode):
        return None
    return next((line.split()[2] for line in sites.splitlines() if line.startswith("Debian Debian ")), None)


@contextlib.contextmanager
def _workshop() -> Iterator[Path]:
    """An empty folder to make an image in, for one lab at a time.

    It has a fixed place, so that what a killed run left in it is gone when the next one enters. The kernel lets go of
    the lock if its holder dies.
    """
    home = Path(tempfile.gettempdir(), f"hostnetwork-lab-{os.geteuid()}")
    home.mkdir(mode=0o755, exist_ok=True)
    lock = os.open(home, os.O_RDONLY)
    usual, folder = tempfile.tempdir, home / "making"
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        tempfile.tempdir = str(folder)  # where the SDK puts what it sends
        yield folder
        shutil.rmtree(folder)
    finally:
        tempfile.tempdir = usual
        os.close(lock)
