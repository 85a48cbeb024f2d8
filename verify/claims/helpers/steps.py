"""What several claims begin with."""

from collections.abc import Iterator
from contextlib import contextmanager

from verify.lab.state import DOCKER_ANSWERS


def serve(host, options: str) -> None:
    """Starts a web server, as the memo does, with the given options of `docker run`, and waits until it listens."""
    host.run(f"docker run -d --name httpd {options} httpd:latest")
    host.until("docker logs httpd 2>&1 | grep -q 'resuming normal operations'")


def sample(host, engine, options: str = "") -> None:
    """Makes a network of the user's own. Podman's needs a server of its own for names, which not every host has."""
    names = engine.says({"docker": "", "podman": "--disable-dns"})
    host.run(" ".join(f"docker network create {names} {options} sample".split()))


def listen(host, options: str, server: str) -> None:
    """Starts a small web server with the given options of `docker run`, and waits until it listens, or has ended."""
    host.run(f"docker run -d --name web {options} busybox:latest {server}")
    listens = "nsenter -n -t $(pgrep -nx httpd) ss -ltnp 2>/dev/null | grep -q httpd"
    host.until(f"{listens} || docker inspect -f '{{{{.State.Status}}}}' web | grep -q exited")


def set_up(host, settings: str) -> None:
    """Gives the Docker daemon these settings and restarts it."""
    host.run(f"echo '{settings}' >/etc/docker/daemon.json")
    restart(host)


def restart(host) -> None:
    """Restarts the Docker daemon, and waits until it answers."""
    host.run("service docker restart")
    host.until(DOCKER_ANSWERS)


def compose(engine) -> str:
    """Docker Compose's command, which was a program of its own up to version 1."""
    return engine.says({"docker": "docker-compose", "docker 23": "docker compose"})


def write(host, file: str, text: str) -> None:
    """Writes a file, as a reader would with an editor."""
    host.run(f"cat >{file} <<'end'\n{text}end")


@contextmanager
def with_line(host, line: str, file: str, into: str = ">>") -> Iterator[None]:
    """Adds a line to a file on the host, in place, and takes it out again. `into` may be `>`: it is the only one then."""
    host.run(f"cp {file} before")
    host.run(f"echo {line} {into}{file}")
    try:
        yield
    finally:
        host.run(f"cp before {file}")


def bridge(host, engine) -> str:
    """The interface of the default bridge network, which Podman makes only with the first container on it."""
    if engine.kind == "podman":
        host.run("docker run -d --name bridged busybox:latest sleep infinity")
    return engine.says({"docker": "docker0", "podman": "podman0"})


def as_user(user: str, command: str) -> str:
    """A command line that runs `command`, in which there are no single quotes, as a user."""
    return f"runuser -l {user} -c '{command}'"


@contextmanager
def alice(host) -> Iterator[None]:
    """Makes a user who has an image of her own, as rootless Podman wants it, and takes her and all that is hers away again."""
    host.run("useradd -m -d /run/alice alice")
    host.run(f"docker save busybox:latest | {as_user('alice', 'docker load -q')}")
    try:
        yield
    finally:
        host.run(as_user("alice", "docker system reset -f 2>/dev/null"))  # it complains where a mount is still busy
        host.until("! pgrep -u alice")
        host.run("userdel -r alice")


@contextmanager
def alices_docker(host) -> Iterator[None]:
    """Makes a user who has a Docker daemon of her own, as Debian ships it, and takes both away again."""
    host.run("useradd -m -d /tmp/alice alice")
    exports = "XDG_RUNTIME_DIR=$HOME/run DOCKER_HOST=unix://$HOME/run/docker.sock"
    host.run(f"echo 'export {exports} PATH=$PATH:/usr/sbin:/usr/share/docker.io/contrib' >>/tmp/alice/.profile")
    host.run(as_user("alice", "mkdir run; dockerd-rootless.sh >log 2>&1 &"))
    host.until(as_user("alice", "docker info >/dev/null 2>&1"))
    host.run(f"docker save busybox:latest | {as_user('alice', 'docker load -q')}")
    try:
        yield
    finally:
        host.run(as_user("alice", "docker ps -aq | xargs -r docker rm -f >/dev/null"))
        host.run("pkill -u alice rootlesskit")
        host.until("! pgrep -u alice")
        host.run("userdel -r alice")
