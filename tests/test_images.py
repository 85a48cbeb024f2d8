"""Where the packages of images come from, tried against repositories and mirrors of Debian that are made on the spot."""

import contextlib
import functools
import hashlib
import http.server
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from verify.lab import engines, images, outer
from verify.lab.engines import Engine
from verify.lab.errors import EngineMissing, LabError
from verify.lab.images import sources

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not shutil.which("gpg"), reason="gpg, which signs the repository, is not installed"),
]
CONTROL = """\
Package: made-here
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: a package that no other repository has
"""
SUITE, SNAPSHOT = "trixie", "20261120T000000Z"
NOWHERE = "http://127.0.0.1:1"


def run(*command: str, **options) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Two public keys: that of the repository, and another one."""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    for name in ("ours", "other"):
        run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign")
        (tmp_path / f"{name}.asc").write_text(run("gpg", "--armor", "--export", name))
    yield {name: (tmp_path / f"{name}.asc").as_uri() for name in ("ours", "other")}
    run("gpgconf", "--kill", "all")


@pytest.fixture
def repository(tmp_path, keys):
    """A signed apt repository with one package, over HTTP; gives its line."""
    root = tmp_path / "debian"
    listed = package(root, "dists/stable", "1.0")
    release(root / "dists/stable", f"Suite: stable\nCodename: stable\nArchitectures: all\nComponents: main\n{listed}")
    with serving(functools.partial(Quiet, directory=root)) as address:
        yield f"{address} stable main"


def package(root: Path, suite: str, version: str) -> str:
    """Puts the package into a repository; gives what a suite's release says of the index that lists it."""
    control = CONTROL.replace("1.0", version)
    index = root / suite / "main/binary-all"
    index.mkdir(parents=True)
    (root / "made-here/DEBIAN").mkdir(parents=True)
    (root / "made-here/DEBIAN/control").write_text(control)
    made = root / "made-here.deb"
    run("dpkg-deb", "--build", "--root-owner-group", str(root / "made-here"), str(made))
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    packages = f"{control}Filename: {made.name}\nSize: {made.stat().st_size}\nSHA256: {digest}\n"
    (index / "Packages").write_text(packages)
    return f"SHA256:\n {hashlib.sha256(packages.encode()).hexdigest()} {len(packages)} main/binary-all/Packages\n"


def release(suite: Path, text: str) -> None:
    """Signs a suite's release."""
    dated = f"Date: {run('date', '-Ru')}{text}"
    run("gpg", "--local-user", "ours", "--clearsign", "--output", str(suite / "InRelease"), input=dated)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(handler) -> Iterator[str]:
    """Serves over HTTP; gives the address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def engine(repository: str, key: str) -> Engine:
    return Engine("made-here", "docker", "1.0", "trixie", ("made-here",), repository, key)


def test_engine_comes_from_another_repository(repository, keys):
    client = outer.connect()
    tag = images.ensure(client, images.host(engine(repository, keys["ours"])), print)
    try:
        # It tells by its exit status: the log of a container that ends at once can be read before its output is in it.
        installed = """test "$(dpkg-query -Wf '${Package} ${Version}' made-here)" = 'made-here 1.0'"""
        client.containers.run(tag, ["sh", "-c", installed], remove=True, network_mode="none")
    finally:
        client.images.remove(tag, force=True)


@pytest.mark.parametrize("wrong", ["other", "none"])
def test_engine_whose_repository_is_not_signed_by_its_key_is_missing(repository, keys, tmp_path, wrong):
    key = keys.get(wrong, (tmp_path / "none.asc").as_uri())
    with pytest.raises(EngineMissing, match=r"Docker 1\.0 cannot be had on this machine: ") as error:
        images.ensure_host(outer.connect(), engine(repository, key), print)
    assert ("NO_PUBKEY" if wrong == "other" else "none.asc") in str(error.value) or "not signed" in str(error.value)
    assert isinstance(error.value, LabError)


class Mirror(Quiet):
    """Mirrors of Debian, a folder each, that have one more package; what is Debian's own, they leave to a real mirror."""

    def do_GET(self):
        _, place, path = self.path.split("/", 2)
        if not Path(self.directory, place).is_dir() or Path(self.directory, self.path[1:]).is_file():
            super().do_GET()
        else:
            self.send_response(302)
            self.send_header("Location", f"{debian()}/{path}")
            self.send_header("Content-Length", "0")
            self.end_headers()


@functools.cache
def debian() -> str:
    """A real mirror: this machine's own or, where it is no Debian, what images are made from there."""
    return sources.own_mirror() or sources.debian(SUITE, SNAPSHOT)


@pytest.fixture
def mirrors(tmp_path, keys, monkeypatch):
    """Makes a mirror with the package in a version; all there are can be had, and this machine's apt trusts their key."""
    root = tmp_path / "mirrors"
    root.mkdir()
    architecture = run("dpkg", "--print-architecture").strip()
    with urllib.request.urlopen(f"{debian()}/dists/{SUITE}/InRelease") as stream:
        real = re.findall(
            rf"(?m)^ [0-9a-f]{{64}} +\d+ main/binary-{architecture}/Packages(?:\.xz)?\n", stream.read().decode()
        )

    def make(place: str, version: str) -> None:
        ours = package(root / place, f"dists/{SUITE}", version)
        head = f"Suite: stable\nCodename: {SUITE}\nArchitectures: all {architecture}\nComponents: main\n"
        release(root / place / "dists" / SUITE, "".join([head, ours, *real]))

    with tempfile.TemporaryDirectory() as trusted, serving(functools.partial(Mirror, directory=root)) as address:
        Path(trusted).chmod(0o755)  # apt checks signatures as a user who may not look into the test's folder
        shutil.copy("/usr/share/keyrings/debian-archive-keyring.gpg", trusted)
        shutil.copy(tmp_path / "ours.asc", trusted)
        (tmp_path / "apt.conf").write_text(f'Dir::Etc::TrustedParts "{trusted}";\n')
        monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
        monkeypatch.setenv("HOSTNETWORK_SNAPSHOTS", f"{address}/")
        monkeypatch.setenv("HOSTNETWORK_ARCHIVE", f"{address}/archive")
        monkeypatch.setattr(sources, "own_mirror", lambda: f"{address}/mirror")
        yield make


def dated(snapshot: str) -> Engine:
    """An engine of a date; each test has its own, or tests side by side would take each other's image for theirs."""
    return Engine("made-here", "docker", "1.0", SUITE, ("made-here",), snapshot=snapshot)


def test_mirror_that_has_moved_on_is_passed_over_for_the_snapshot(mirrors):
    mirrors(SNAPSHOT, "1.0")
    mirrors("mirror", "2.0")
    said = []
    tag = images.ensure(outer.connect(), images.host(dated(SNAPSHOT)), said.append)
    outer.connect().images.remove(tag, force=True)  # it has what was asked for, or would not have been made
    assert f"/{SNAPSHOT}: " in said[0]


def test_engine_is_missing_where_only_a_mirror_is_in_reach_that_has_moved_on(mirrors, monkeypatch):
    mirrors("mirror", "2.0")
    engine = dated("20261121T000000Z")
    monkeypatch.setenv("HOSTNETWORK_SNAPSHOTS", NOWHERE)
    expected = (
        rf"Docker 1\.0 cannot be had on this machine: made-here is 2\.0 now in Debian {SUITE} at http://\S+/mirror$"
    )
    with pytest.raises(EngineMissing, match=expected):
        images.ensure_host(outer.connect(), engine, print)
    # Or it would be taken for what was asked for once a snapshot is in reach.
    assert outer.connect().images.list(name=images.host(engine).tag) == []


def test_suite_that_has_left_the_mirror_is_found_in_the_archive(mirrors):
    mirrors("archive", "1.0")
    said = []
    tag = images.ensure(outer.connect(), images.host(dated("20261122T000000Z")), said.append)
    outer.connect().images.remove(tag, force=True)
    assert "/archive: " in said[0]


def test_suite_that_is_nowhere_is_asked_of_the_mirror(mirrors):
    assert sources.debian("none", SNAPSHOT) == sources.own_mirror()


def test_proxies_of_apt_are_handed_on(tmp_path, monkeypatch):
    (tmp_path / "apt.conf").write_text('Acquire::http::Proxy "http://127.0.0.1:1"; Acquire::https::Proxy "DIRECT";\n')
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    assert sources.proxies() == {"http_proxy": "http://127.0.0.1:1"}


def test_each_declared_engine_of_packages_has_a_date():
    every = {name: engine for name, engine in engines.load().items() if not engine.archive}
    undated = {name for name, engine in every.items() if not re.fullmatch(r"\d{8}T\d{6}Z", engine.snapshot)}
    assert undated == set()


def test_another_date_makes_another_image():
    dates = {images.host(Engine("some", "docker", "1", SUITE, ("some",), snapshot=date)).tag for date in ("", "1", "2")}
    assert len(dates) == 3
