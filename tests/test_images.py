"""Images of engines from another package source than Debian's, tried against a repository made on the spot."""

import functools
import hashlib
import http.server
import shutil
import subprocess
import threading

import pytest

from verify.lab import images, outer
from verify.lab.engines import Engine
from verify.lab.errors import EngineMissing, LabError

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
    index = root / "dists/stable/main/binary-all"
    index.mkdir(parents=True)
    (tmp_path / "package/DEBIAN").mkdir(parents=True)
    (tmp_path / "package/DEBIAN/control").write_text(CONTROL)
    package = root / "made-here.deb"
    run("dpkg-deb", "--build", "--root-owner-group", str(tmp_path / "package"), str(package))
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    packages = f"{CONTROL}Filename: {package.name}\nSize: {package.stat().st_size}\nSHA256: {digest}\n"
    (index / "Packages").write_text(packages)
    listed = f" {hashlib.sha256(packages.encode()).hexdigest()} {len(packages)} main/binary-all/Packages\n"
    release = f"Suite: stable\nCodename: stable\nArchitectures: all\nComponents: main\nDate: {run('date', '-Ru')}SHA256:\n{listed}"
    run("gpg", "--local-user", "ours", "--clearsign", "--output", str(root / "dists/stable/InRelease"), input=release)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port} stable main"
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
