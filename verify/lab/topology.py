"""The lab itself: three machines, two wires, one engine, and no way out.

    client ──────────── router ──────────── host
    203.0.113.150/24    .1      10.3.0.1    10.3.0.183/24, its own Docker daemon
                                10.3.1.1 ── second
                                            10.3.1.184/24, another one, for as long as a claim wants it

Each machine is a container without any network of its engine's; the wires are veth pairs laid straight between their
network namespaces. Addresses, names, MTU and MAC are those of the memo that this reference grew from.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import docker
from docker.errors import APIError, DockerException, NotFound
from urllib3.exceptions import HTTPError

from verify.lab import images, outer
from verify.lab.engines import Engine
from verify.lab.errors import EngineMissing, LabError
from verify.lab.machine import Machine
from verify.lab.state import DOCKER_ANSWERS, DOCKER_ENDED, STATE, STATE_EVERYWHERE, THINGS, TIDY, TIDY_FILES, seen
from verify.lab.wires import CLIENT, HOST, MIRROR, ROUTER, SECOND, Cable, laid

LABEL = "hostnetwork-lab.runner"
SETTLE_SECONDS = 20
LONG_SECONDS = 600  # two seconds on an idle machine, minutes on an emulated one
# Where engines keep images and containers: no overlay on an overlay. Docker 29 keeps images with containerd.
IN_MEMORY = ("/run", "/tmp", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers")

# What a Docker daemon needs, in place of --privileged, which asks for capabilities that a machine may not have.
HOST_CAPABILITIES = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_ADMIN",
    "SYS_NICE",
    "MKNOD",
    "AUDIT_WRITE",
    "SETFCAP",
    "SYSLOG",
]

# Linux's figures up to 6.15 on a machine with memory enough. They would otherwise follow the memory and the kernel of the
# machine that the lab runs on, and the TCP window scale with them.
TCP_SYSCTLS = {"net.ipv4.tcp_rmem": "4096 131072 6291456", "net.ipv4.tcp_wmem": "4096 16384 4194304"}

# The kernel's default. Docker gives 0 to its containers, and for the engine on this machine the lab's host is one.
PORT_SYSCTLS = {"net.ipv4.ip_unprivileged_port_start": "1024"}

# accept_dad=0: an address serves at once, not after a second's wait for a neighbour that might have it already.
IPV6_SYSCTLS = {
    f"net.ipv6.conf.{each}.{name}": value
    for each in ("all", "default")
    for name, value in {"disable_ipv6": "0", "accept_dad": "0", "router_solicitations": "0"}.items()
}

FAR_COMMAND = ["bash", "-c", "sleep infinity & wait"]
"""What a machine without duties does: it collects orphans, as the first process of a system must."""

# For the init script of Debian's package, with which claims restart the daemon, too. A daemon is not to have the limits of
# a captured command; those that the script raises, it raises as far as the machine under the lab lets it.
DEFAULTS = """
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin # as systemd has it
DOCKER_LOGFILE=/var/log/dockerd.log
DOCKER_OPTS=--containerd=/run/containerd/containerd.sock
ulimit -f unlimited
ulimit() { command ulimit "$@" 2>/dev/null || true; }
"""

# Podman 6 runs on cgroup v2 alone. A kernel with v1 has v2, too, but with its controllers elsewhere: the host gets its own
# part of it, and its containers no limit on processes, which is Podman's default and would take a controller.
CGROUP_2 = """
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /run/cgroup /etc/containers/containers.conf.d
  mount -t cgroup2 none /run/cgroup
  mount --bind "/run/cgroup$(sed -n s/^0:://p /proc/self/cgroup)" /sys/fs/cgroup
  printf '[containers]\npids_limit = 0\n' >/etc/containers/containers.conf.d/cgroup.conf
fi
"""

# What users other than root need to run containers: hosts have it, and containers such as this one do not. Of a root that
# is not shared Podman says so, with the time, and so it does of cgroup v1 to who comes by a login.
ROOTLESS = """
mkdir -p /dev/net
[ -e /dev/net/tun ] || mknod -m 666 /dev/net/tun c 10 200
mount --make-rshared /
echo export PODMAN_IGNORE_CGROUPSV1_WARNING=1 >/etc/profile.d/podman.sh
"""


class Lab:
    """The lab, running. Use it as a context manager: it is gone at the end, however the end comes about.

    Raises:
        LabError: it could not be set up; the message says what to do.
    """

    def __init__(self, engine: Engine, say: Callable[[str], None] = print, prepare: str = ""):
        self.engine = engine
        self.prepare = prepare
        """Shell commands run on the host before its daemon starts."""
        self.served: dict[str, str] = {}
        """Which image serves by each name: `official` or `stand-in`."""
        self._say = say
        self._name = f"hostnetwork-lab-{secrets.token_hex(3)}"
        self._containers: list[Any] = []
        self.machines: dict[str, Machine] = {}
        self._states: dict[str, set[str]] = {}
        """What each machine was like when it was last looked at, a line each."""
        self.sound = False
        """Whether its machines are as they are to be before a claim."""

    def __enter__(self) -> Self:
        self.outer = outer.connect()
        sweep(self.outer)
        try:
            self._build()
        except BaseException as error:
            self.__exit__()
            if isinstance(error, (DockerException, HTTPError, OSError)):
                raise LabError(f"the outer engine refused a step of the lab: {error}") from error
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for machine in self.machines.values():
            machine.close()
        for container in self._containers:
            _remove(container)
        self._containers, self.machines = [], {}

    def put_back(self) -> None:
        """Undoes what a claim did to the machines, and makes sure of it.

        Raises:
            LabError: a machine is not as it was. The next claim needs the lab renewed.
        """
        self.sound = False
        deadline = time.monotonic() + SETTLE_SECONDS
        while (now := self._tidied()) != self._pristine and time.monotonic() < deadline:
            pass  # the kernel takes the interfaces of a namespace away some time after its last process
        if now != self._pristine:
            gone, left = sorted(self._pristine - now), sorted(now - self._pristine)
            lines = [f"  gone: {line}" for line in gone] + [f"  left: {line}" for line in left]
            raise LabError("the lab is not as it was before this claim:\n" + "\n".join(lines))
        self._settled()

    def renew(self) -> None:
        """Replaces the machines, which a claim has spoiled or an engine's end has.

        Raises:
            LabError: they could not be set up.
        """
        self.__exit__()
        self.__enter__()

    @property
    def host(self) -> Machine:
        return self.machines["host"]

    @contextlib.contextmanager
    def second(self) -> Iterator[Machine]:
        """A second Docker host with the same engine; it is thrown away with all that was done to it."""
        container = self._create("second", self._image, ["lab-host"], SECOND.hostname, **self._host_rights())
        second = self.machines["second"]
        try:
            container.start()
            self._wire(SECOND)
            self._start_engine(second)
            self._load_images(second, "busybox")
            yield second
        finally:
            del self.machines["second"]
            second.close()
            _remove(container)

    def _build(self) -> None:
        self._far = images.ensure(self.outer, images.FAR, self._say)
        self._image, self.served = images.ensure_host(self.outer, self.engine, self._say)
        self._create("host", self._image, ["lab-host"], HOST.hostname, **self._host_rights())
        self._create(ROUTER, self._far, FAR_COMMAND, sysctls={"net.ipv4.ip_forward": "1"}, cap_add=["NET_ADMIN"])
        self._create("client", self._far, FAR_COMMAND, sysctls=TCP_SYSCTLS)
        for container in self._containers:
            container.start()
        self._wire(HOST, CLIENT)
        self.machines[ROUTER].shell(
            f"busybox httpd -p 80 -h /srv/mirror && dnsmasq --no-resolv --no-hosts --address=/{MIRROR}/{HOST.gateway}"
        )
        self._start_engine(self.host)
        self._load_images(self.host, *self.served)
        self._pristine = self._tidied()
        self._settled()

    def _create(self, name: str, image: str, command: list[str], hostname: str | None = None, **rights: Any) -> Any:
        api = self.outer.api
        masked = rights.pop("everything_visible", False)
        config = api.create_host_config(network_mode="none", init=False, **rights)
        if masked:
            config |= {"MaskedPaths": [], "ReadonlyPaths": []}
        made = api.create_container(
            image,
            command,
            hostname=hostname or name,
            name=f"{self._name}-{name}",
            labels={LABEL: runner()},
            host_config=config,
        )
        container = self.outer.containers.get(made["Id"])
        self._containers.append(container)
        self.machines[name] = Machine(name, container)
        return container

    def _host_rights(self) -> dict[str, Any]:
        private_cgroups = {"cgroupns": "private"} if self.outer.info().get("CgroupVersion") == "2" else {}
        return {
            "everything_visible": True,
            "cap_drop": ["ALL"],
            "cap_add": HOST_CAPABILITIES,
            "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
            "device_cgroup_rules": ["a *:* rwm"],
            "tmpfs": dict.fromkeys(IN_MEMORY, "exec"),
            "sysctls": TCP_SYSCTLS | PORT_SYSCTLS | IPV6_SYSCTLS,
            **private_cgroups,
        }

    def _wire(self, *cables: Cable) -> None:
        pids = {}
        for name, machine in self.machines.items():
            machine.container.reload()
            pids[name] = str(machine.container.attrs["State"]["Pid"])
        self.outer.containers.run(
            self._far,
            ["bash", "-c", laid(*cables)],
            remove=True,
            environment=pids,
            labels={LABEL: runner()},
            network_mode="none",
            pid_mode="host",
            cap_add=["NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"],
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        )

    def _start_engine(self, host: Machine) -> None:
        host.shell(f"echo nameserver {HOST.gateway} >/etc/resolv.conf\n{self.prepare}")
        if self.engine.kind == "docker":
            self._start_daemon(host)
        if self.engine.is_of("podman 5", "docker 28-28"):
            host.shell(ROOTLESS)
        if self.engine.is_of("podman 6"):
            host.shell(CGROUP_2)
        version = host.shell("docker version --format '{{.Client.Version}}'").strip()
        if not version.startswith(self.engine.version):
            raise EngineMissing(f"{self.engine.title} is not what {self.engine.origin} has: that is {version} now")

    def _start_daemon(self, host: Machine) -> None:
        # containerd by itself, as Debian's services have it: a daemon that starts its own waits a second for it.
        host.daemon("containerd >/var/log/containerd.log 2>&1")
        host.shell(f"cat >>/etc/default/docker <<'end'{DEFAULTS}end\nservice docker start")
        host.until(f"{DOCKER_ANSWERS} || {DOCKER_ENDED}")
        if not host.succeeds(DOCKER_ANSWERS):
            raise LabError(f"{self.engine.title}'s daemon ended:\n{host.shell('tail -n 20 /var/log/dockerd.log')}")

    def _load_images(self, host: Machine, *names: str) -> None:
        for name in names:
            served = images.served(name)
            load = f"docker load -qi /srv/{name}.tar && docker tag {served} docker.io/library/{name}:latest && docker rmi {served}"
            host.shell(load, limit=LONG_SECONDS)
        if self.engine.kind == "podman":
            # Podman 4 makes podman0's link-local address from a MAC address that the bridge then loses.
            host.shell("sysctl -qw net.ipv6.conf.default.addr_gen_mode=1")
            # With its first container, Podman makes chains in the firewall that stay.
            host.shell("docker run --rm -p 80:80 busybox:latest true")
            # What looks after the container ends some time after it: on a busy machine the lab would be taken to have both.
            host.until("! pgrep -x 'conmon|podman'")
        host.shell(f"{THINGS[self.engine.kind]} things >/run/lab/things; grep -q ^image /run/lab/things")

    def _settled(self) -> None:
        for machine in self.machines.values():
            machine.used = False
        self.sound = True

    def _tidied(self) -> set[str]:
        """Undoes what claims do to the machines, and returns what they are like then."""
        for name, machine in self.machines.items():
            if not machine.used:
                continue  # nothing ran there since it was looked at
            kind = self.engine.kind
            own = (f"{THINGS[kind]}{TIDY[kind]}", STATE) if machine is self.host else ("", "")
            look = f"{{ {own[0]}\n{TIDY_FILES}; }} >/dev/null\n{own[1]}{STATE_EVERYWHERE}"
            state = machine.shell(look, limit=LONG_SECONDS)  # it may leave a swarm, and restart the daemon
            self._states[name] = {f"{name}: {line}" for line in seen(state)}
        return set().union(*self._states.values())


def runner(pid: int | None = None) -> str:
    """Who owns a lab: a process id and the moment that process started, since ids are used again."""
    stat = Path(f"/proc/{pid or os.getpid()}/stat").read_text()
    return f"{pid or os.getpid()}:{stat.rpartition(')')[2].split()[19]}"


def is_alive(owner: str) -> bool:
    """Whether the process that `runner` named still runs."""
    try:
        return runner(int(owner.partition(":")[0])) == owner
    except (OSError, ValueError):
        return False


def sweep(client: docker.DockerClient) -> list[str]:
    """Removes what is left of labs whose runner is gone, and names it."""
    removed = []
    for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        if not is_alive(container.labels[LABEL]):
            _remove(container)
            removed.append(container.name)
    return removed


def _remove(container: Any) -> None:
    try:
        container.remove(v=True, force=True)
    except NotFound:
        pass
    except APIError as refusal:
        if refusal.status_code != 409:  # another sweep is removing it already
            raise
    except OSError:
        pass  # the outer engine is gone; what it has left, the next lab sweeps
