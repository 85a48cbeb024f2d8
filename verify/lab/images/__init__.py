"""The images of the lab, made on this machine from its own package sources, and kept until their recipe changes."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import sh

from verify.lab import binaries
from verify.lab.engines import Engine
from verify.lab.errors import EngineMissing, LabError
from verify.lab.images import sources
from verify.lab.wires import MIRROR

HERE = Path(__file__).parent
REPOSITORY = "hostnetwork-lab"
# Documentation and translations would make up a third of the images; nothing in the lab reads them.
LEAN = ["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*"]
DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Recipe:
    """What an image is made of: a Debian suite or several, packages, and `images/NAME/` (`root/` is copied in, `customize` run)."""

    name: str
    suite: str
    packages: tuple[str, ...]
    config: tuple[str, ...] = ()
    """Dockerfile instructions for the image's configuration (`ENV`, `WORKDIR`, ...)."""
    sources: tuple[str, ...] = ()
    """Other package sources than Debian's: address, suite and components, and the file that has their key."""
    snapshot: str = field(default="", repr=False)
    """The date as of which packages are taken, where a snapshot of that date is in reach."""
    expected: tuple[str, str] = field(default=("", ""), repr=False)
    """A package, and how its version must begin."""

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def tag(self) -> str:
        digest = hashlib.sha256(f"{self!r}{self.snapshot}".encode())
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            mode = path.stat().st_mode & 0o111
            digest.update(f"{path.relative_to(self.folder)} {mode}\0".encode() + path.read_bytes())
        return f"{REPOSITORY}/{self.name}:{digest.hexdigest()[:12]}"


FAR = Recipe(
    "far",
    "trixie",
    (
        "busybox-static",
        "chromium",
        "chromium-headless-shell",
        "curl",
        "dnsmasq-base",
        "fonts-dejavu-core",
        "iproute2",
        "wrk",
    ),
)
"""What stands beyond the host's cable: the router with its package mirror, and the client with its browser."""

TOOLS = Recipe("tools", "trixie", ("iperf3", "wrk"))
"""What networks are measured with; its `pack` makes them ready for other machines."""

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


SERVED = {
    "httpd": (
        HTTPD_STAND_IN,
        "FROM {base}",
        # A container in the lab has no other package source to reach than the lab's own mirror.
        "RUN rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*"
        f" && echo 'deb [trusted=yes] http://{MIRROR}/debian ./' >/etc/apt/sources.list",
    ),
    "busybox": (
        FAR,
        "FROM scratch\nCOPY --from={base} /bin/busybox /bin/busybox\n"
        'RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install /bin && mkdir -p /etc /tmp /root'
        ' && echo root:x:0:0:root:/root:/bin/sh >/etc/passwd"]\nCMD ["sh"]',
        "",
    ),
}
"""By name: what the stand-in for an official image is taken from, and how; and what both are given."""


REFUSED: set[str] = set()
"""The images that no registry gave to this process: it does not ask again."""


def host(engine: Engine) -> Recipe:
    """The lab's host with one engine's packages on it."""
    tools = ("ca-certificates", "curl", "iproute2", "iptables", "net-tools", "procps", "socat", "tcpdump")
    other = (f"{engine.repository} {engine.key}",) if engine.repository else ()
    packages = tuple(sorted({*tools, *engine.packages}))
    expected = (re.split("[=/]", engine.packages[0])[0], engine.version)
    return Recipe("host", engine.suite, packages, sources=other, snapshot=engine.snapshot, expected=expected)


def ensure(client: docker.DockerClient, recipe: Recipe, say: Callable[[str], None]) -> str:
    """The tag of the image that `recipe` describes; made first if need be, which takes about half a minute.

    Raises:
        LabError: the image could not be made.
    """
    with _workshop() as folder:
        if not client.images.list(name=recipe.tag):
            mirror = sources.debian(recipe.suite.split()[0], recipe.snapshot)
            where = f"Debian {recipe.suite}{f' at {mirror}' if mirror else ''}"
            say(f"making {recipe.tag} from {where}: {' '.join(recipe.packages)}")
            archive = folder / "root.tar"
            _mmdebstrap(recipe, mirror, archive)
            _check(recipe, archive.with_name("version"), where)
            repository, tag = recipe.tag.split(":")
            client.api.import_image_from_file(str(archive), repository, tag, changes=list(recipe.config))
    return recipe.tag


def ensure_host(client: docker.DockerClient, engine: Engine, say: Callable[[str], None]) -> tuple[str, dict[str, str]]:
    """The image of the lab's host with `/srv/NAME.tar` of each served image, and what each is: `official` or `stand-in`.

    It is the official image where a registry answers, and else one made from Debian's packages in the same layout.

    Raises:
        EngineMissing: the engine's packages are not to be had.
    """
    bases = {name: _served(client, name, say) for name in SERVED}
    try:
        tag = (
            _with_binaries(client, engine, say)
            if engine.binaries or engine.archive
            else ensure(client, host(engine), say)
        )
    except EngineMissing:
        raise
    except LabError as error:
        raise EngineMissing(f"{engine.title} cannot be had on this machine: {error}") from None
    ids = "".join(f"-{base.short_id.removeprefix('sha256:')[:6]}" for base, _ in bases.values())
    with _workshop() as folder:
        if not client.images.list(name=tag + ids):
            say(f"putting {', '.join(f'{name} ({which})' for name, (_, which) in bases.items())} on {tag}")
            _stage(client, tag, bases, tag + ids, folder)
    return tag + ids, {name: which for name, (_, which) in bases.items()}


def _with_binaries(client: docker.DockerClient, engine: Engine, say: Callable[[str], None]) -> str:
    """The tag of an image of the lab's host on which an engine's binaries have been laid over Debian's."""
    below = ensure(client, host(binaries.laid_over(engine)), say)
    with _workshop() as folder, binaries.programs(engine, folder) as found:
        tag = f"{below}-{binaries.digest(found)[:12]}"
        if not client.images.list(name=tag):
            say(f"laying {', '.join(found)} over {below}")
            context = next(iter(found.values())).parent
            (context / "Dockerfile").write_text(binaries.dockerfile(below, found))
            _build(client, context, tag)
    return tag


def _served(client: docker.DockerClient, name: str, say: Callable[[str], None]) -> tuple[Any, str]:
    """An image that is the official one where it can be had, and which of the two it is."""
    with contextlib.suppress(docker.errors.ImageNotFound):
        return client.images.get(f"{name}:latest"), "official"
    try:
        if name not in REFUSED:
            return client.images.pull(name, "latest"), "official"
    except docker.errors.APIError as refusal:
        REFUSED.add(name)
        say(f"no registry gives {name}:latest ({refusal.explanation}): one made from Debian's packages stands in")
    return client.images.get(ensure(client, SERVED[name][0], say)), "stand-in"


def _stage(client: docker.DockerClient, host: str, bases: dict[str, tuple[Any, str]], tag: str, folder: Path) -> None:
    context = folder / "context"
    context.mkdir()
    dockerfile = context / "Dockerfile"
    for name, (base, which) in bases.items():
        _, stand_in, both = SERVED[name]
        start = stand_in if which == "stand-in" else "FROM {base}"
        dockerfile.write_text(f"{start.format(base=base.id)}\n{both}\n")
        _build(client, context, served(name))
        with (context / f"{name}.tar").open("wb") as archive:
            archive.writelines(client.api.get_image(served(name)))
    dockerfile.write_text(f"FROM {host}\nCOPY *.tar /srv/\n")
    _build(client, context, tag)


def served(name: str) -> str:
    """Under which name a served image is in its archive."""
    return f"{REPOSITORY}/{name}-served:latest"


def _build(client: docker.DockerClient, context: Path, tag: str) -> None:
    # The steps need no network, so they get none.
    client.images.build(path=str(context), network_mode="none", tag=tag, forcerm=True)


def _mmdebstrap(recipe: Recipe, mirror: str | None, archive: Path) -> None:
    hooks = [f'--customize-hook=cp -rT "{recipe.folder}/root" "$1"']
    if (recipe.folder / "customize").exists():
        hooks.append(f"--customize-hook={recipe.folder}/customize")
    if package := recipe.expected[0]:
        query = f"chroot \"$1\" dpkg-query -Wf '${{Version}}' {package}"
        hooks.append(f'--customize-hook={query} >"{archive.with_name("version")}"')
    suite, *others = recipe.suite.split()
    if others and not mirror:
        raise LabError(f"no mirror of Debian's is known here from which {' and '.join(others)} could be taken")
    try:
        sh.unshare(
            "--mount",  # so that what it mounts is gone with it, if it is killed
            _path_of("mmdebstrap"),
            "--variant=minbase",
            # A mirror that is a frozen copy is past its own date; what it holds is still signed.
            "--aptopt=Acquire::Check-Valid-Until false",
            *LEAN,
            *hooks,
            f"--include={','.join(recipe.packages)}",
            suite,
            archive,
            *([mirror] if mirror else []),
            *(f"deb [signed-by={DEBIAN_KEYS}] {mirror} {other} main" for other in others),
            *(sources.signed(source, archive.with_name("key.asc")) for source in recipe.sources),
            _close_fds=False,  # it holds the lock, too
            _env={**sources.proxies(), **os.environ, "SOURCE_DATE_EPOCH": "0", "TMPDIR": str(archive.parent)},
        )
    except sh.ErrorReturnCode as failure:
        raise LabError(f"mmdebstrap could not make {recipe.tag}:\n{failure.stderr.decode()[-2000:]}") from None


def _check(recipe: Recipe, version: Path, where: str) -> None:
    """Sees to it that no image is kept of a suite that has moved on to another version than is wanted."""
    package, expected = recipe.expected
    if package and not (found := version.read_text().rpartition(":")[2]).startswith(expected):
        other = f", or {recipe.sources[0].split()[0]}" if recipe.sources else ""
        raise LabError(f"{package} is {found} now in {where}{other}")


def _path_of(program: str) -> str:
    if not (path := shutil.which(program)):
        raise LabError(f"{program} is not installed; `./nox -s engine` installs it")
    return path


@contextlib.contextmanager
def _workshop() -> Iterator[Path]:
    """An empty folder to make an image in, for one lab at a time.

    It has a fixed place, so that what a killed run left in it is gone when the next one enters. The kernel lets go of
    the lock once its holder is dead, and all that its holder has started.
    """
    home = Path(tempfile.gettempdir(), f"hostnetwork-lab-{os.geteuid()}")
    home.mkdir(mode=0o755, exist_ok=True)
    lock = os.open(home, os.O_RDONLY)
    os.set_inheritable(lock, True)
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
