"""Official images in place of the stand-ins: pulled from a registry on the spot, and what was recorded holds on them, too."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import projects
import pytest
from test_faults import Dockerd, wait

from verify.lab import engines, images, outer

pytestmark = pytest.mark.engine
ENGINES = ("docker-28", "podman-5.4")
CLAIMS = (
    "ifconfig_is_the_hosts",
    "prompt_shows_the_hosts_name",
    "double_slash_is_no_comment",
    "package_lists_come_first",
    "browser_gets_the_page_with_no_port_published",
    "port_is_held_by_the_containers_process",
    "proc_sys_net_is_read_only",
    "source_address_is_the_hosts",
)
BASE = "forky"
CONFIGURATION = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}/kept}}}}
http: {{addr: "127.0.0.1:0"}}
"""
# What sets the official httpd apart from the stand-in: an image of Debian that is made for Docker has these settings of
# apt's, and of Perl not much more than what its own tools need.
SLIM = """
rm -f "$1"/usr/share/perl/*/Term/ReadLine.pm
cat >"$1/etc/apt/apt.conf.d/docker" <<'settings'
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Apt::AutoRemove::SuggestsImportant "false";
settings
"""


class Slim(images.Recipe):
    """The recipe of an image that is made as the official httpd is, with a Busybox in it that is to be taken out."""

    place = Path()

    @property
    def folder(self) -> Path:
        return self.place


@pytest.fixture
def registry(tmp_path) -> Iterator[tuple[str, int]]:
    """A registry of the test's own in a network namespace of its own; gives its address and its process."""
    (tmp_path / "registry").mkdir()
    configuration = tmp_path / "registry/config.yml"
    configuration.write_text(CONFIGURATION.format(folder=tmp_path / "registry"))
    with (tmp_path / "registry/log").open("wb") as log:
        apart = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        process = subprocess.Popen([*apart, _program(tmp_path), "serve", configuration], stdout=log, stderr=log)
    try:
        said = (tmp_path / "registry/log").read_text
        listening = wait(lambda: re.search(r"listening on (127\.0\.0\.1:\d+)", said()), said)
        yield listening[1], process.pid
    finally:
        process.terminate()
        process.wait()


def _program(folder: Path) -> str:
    """Debian's registry: the one that is installed, or one that is only unpacked."""
    if found := shutil.which("docker-registry"):
        return found
    try:
        subprocess.run(["apt-get", "download", "docker-registry"], cwd=folder, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("docker-registry is neither installed nor to be had from this machine's package sources")
    subprocess.run(["dpkg-deb", "-x", *folder.glob("docker-registry_*.deb"), folder / "unpacked"], check=True)
    return str(folder / "unpacked/usr/bin/docker-registry")


@pytest.fixture
def mirrored(registry, monkeypatch) -> Iterator[docker.DockerClient]:
    """An outer engine of the test's own, for which that registry mirrors the official one, and which has the hosts' images."""
    here = outer.connect()
    every = engines.load()
    recipes = [images.FAR, *(images.host(every[name]) for name in ENGINES)]
    tags = [images.ensure(here, recipe, print) for recipe in recipes]
    # The paths of its sockets may not be longer than 104 characters, which those of a test's own folder can be.
    folder = Path(tempfile.mkdtemp())
    address, process = registry
    engine = Dockerd(folder, f"--registry-mirror=http://{address}", beside=process)
    monkeypatch.setenv("DOCKER_HOST", engine.address)
    monkeypatch.setattr(images, "REFUSED", set())
    try:
        client = engine.start()
        for tag in tags:
            client.images.load(here.images.get(tag).save(named=True))
        yield client
    finally:
        engine.clear()
        shutil.rmtree(folder)


def publish(client: docker.DockerClient, registry: str, folder: Path) -> None:
    """Puts images into the registry that are made as the official ones are, and leaves nothing of them with the engine."""
    shutil.copytree(images.HERE / "httpd", folder)
    with (folder / "customize").open("a") as script:
        script.write(SLIM)
    Slim.place = folder
    stand_in = images.HTTPD_STAND_IN
    base = images.ensure(client, Slim("slim", BASE, (*stand_in.packages, "busybox-static"), stand_in.config), print)
    made = {
        "httpd": f"FROM {base}\nRUN dpkg --purge busybox-static\nENV HTTPD_VERSION=2.4\nSTOPSIGNAL SIGWINCH\n",
        "busybox": images.SERVED["busybox"][1].format(base=base),
    }
    for name, dockerfile in made.items():
        tag = f"{registry}/library/{name}:latest"
        (folder / "Dockerfile").write_text(dockerfile)
        images._build(client, folder, tag)
        pushed = client.images.push(tag)
        assert '"error"' not in pushed, pushed
        client.images.remove(tag)
    client.images.remove(base)


def test_official_images(tmp_path, registry, mirrored, project):
    publish(mirrored, registry[0], tmp_path / "slim")
    assert not {f"{name}:latest" for name in images.SERVED} & {
        tag for each in mirrored.images.list() for tag in each.tags
    }
    verdicts = tmp_path / "verdicts.json"
    for name in ENGINES:
        _, which = images.ensure_host(mirrored, engines.load()[name], print)
        assert which == dict.fromkeys(images.SERVED, "official")
        selected = ("--live", f"--engine={name}", "-k", " or ".join(CLAIMS), f"--verdicts={verdicts}")
        ran = project.run(*projects.CLAIMS, *selected, seconds=900)
        assert ran.returncode == 0, ran.stdout
        found = {(each["engine"], each["claim"], each["verdict"]) for each in json.loads(verdicts.read_text())}
        assert found == {(name, claim, "holds") for claim in CLAIMS}
