"""How networks are measured in the lab: with wrk and iperf3, in turns, and always with the host network beside the others."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from verify.lab import images
from verify.lab.errors import LabError
from verify.lab.machine import Machine
from verify.lab.state import DOCKER_ANSWERS
from verify.lab.topology import LABEL, LONG_SECONDS, Lab, runner
from verify.lab.wires import HOST as CABLE

HOST = "host"
TOOLS = ("iperf3", "wrk")
PLACE = "/root/tools"
SETTINGS = "/etc/docker/daemon.json"
PUBLISHED = "-p {http}:{http} -p {iperf}:{iperf} -p {iperf}:{iperf}/udp"
PORTS = (0, 1, 10, 100, 1000)
"""How many ports are published by a container whose start is timed."""
MANY, FEW_ROUNDS = 1000, 2
"""That many ports take so long that they are published in fewer rounds."""
LOOKED_AT = 100
"""So many connections are opened to see what NAT does with them."""
DATAGRAM = 1400
"""Bytes in one: by itself, iperf3 takes as many as the way's MTU lets it, and loopback's is many times that of a bridge."""
# One server a network has both programs, and all of them have other ports: two of them are in the host's network.
SERVE = (
    "docker run -d --name {name} {options} -v {place}:/tools:ro httpd:latest sh -c"
    """ "sed -i 's/^Listen .*/Listen {http}/' conf/httpd.conf && /tools/iperf3 -s -D -p {iperf} && exec httpd-foreground" """
)
COUNTERS = (
    "cat /proc/sys/net/netfilter/nf_conntrack_count;"
    " iptables -t nat -nvxL DOCKER | awk '/dpt:{http}/ {{ seen += $1 }} END {{ print seen + 0 }}'"
)

Costs = dict[str, float]
"""What one measurement came to, by name: seconds of time or of processors for a request or a gigabyte, and the like."""
Pairs = dict[str, dict[str, list[tuple[float, float]]]]
"""By kind of cost and network: a pair for each round, the host network's cost and that network's."""


@dataclass(frozen=True)
class Network:
    """A network that is measured: how its container is run, where it is reached, and a number that its ports end with."""

    name: str
    options: str
    number: int
    address: str = CABLE.address

    @property
    def ports(self) -> dict[str, int]:
        return {"http": 8000 + self.number, "iperf": 5200 + self.number}


@dataclass(frozen=True)
class Phase:
    """Networks that are measured beside each other under the same settings of the daemon; the host network comes first."""

    settings: str
    networks: tuple[Network, ...]
    local: tuple[str, ...]
    """Those of them that are asked from the host itself, too, at its 127.0.0.1."""


BESIDE = Network(HOST, "--net host", 1)
PHASES = (
    Phase(
        "{}",
        (
            BESIDE,
            Network("bridge", PUBLISHED, 2),
            Network("macvlan", "--net lan --ip 10.3.0.200", 3, "10.3.0.200"),
            Network("container", "--net container:joined", 4),
        ),
        (HOST, "bridge"),
    ),
    Phase('{"userland-proxy": false}', (BESIDE, Network("no_proxy", PUBLISHED, 5)), (HOST, "no_proxy")),
)


def tools(lab: Lab) -> dict[str, str]:
    """Puts the tools on the client and the host, and returns their versions."""
    image = images.ensure(lab.outer, images.TOOLS, print)
    packing = lab.outer.containers.run(
        image, ["pack", *TOOLS], network_mode="none", labels={LABEL: runner()}, detach=True
    )
    try:
        if packing.wait()["StatusCode"]:
            raise LabError(f"{', '.join(TOOLS)} could not be packed: {packing.logs().decode(errors='replace')}")
        packed = b"".join(packing.get_archive("/tools")[0])
    finally:
        packing.remove(force=True)
    for name in ("client", HOST):
        lab.machines[name].container.put_archive("/root", packed)
    return dict(line.split() for line in lab.host.shell(f"cat {PLACE}/versions").splitlines())


@contextlib.contextmanager
def standing(lab: Lab, phase: Phase) -> Iterator[None]:
    """The daemon with a phase's settings, and a server on each of its networks."""
    lab.host.shell(f"echo '{phase.settings}' >{SETTINGS} && service docker restart")
    lab.host.until(DOCKER_ANSWERS)
    lab.host.shell("docker network create -d macvlan --subnet 10.3.0.0/24 --gateway 10.3.0.1 -o parent=eth0 lan")
    lab.host.shell("docker run -d --name joined --net host busybox:latest sleep 1000000")
    for each in phase.networks:
        options = each.options.format(**each.ports)
        lab.host.shell(SERVE.format(name=each.name, options=options, place=PLACE, **each.ports))
        # Not by asking it: a connection that is refused would be counted with those that are looked at.
        lab.host.until(f"docker logs {each.name} 2>&1 | grep -q 'resuming normal operations'")
    yield
    lab.host.shell("docker rm -f $(docker ps -aq) && docker network rm lan")


def measure(lab: Lab, phase: Phase, rounds: int, pairs: Pairs) -> None:
    """Adds to `pairs` what a phase's networks cost, each task from another machine (`router`) and from the host (`loopback`)."""
    for turn in range(rounds):
        for way, (machine, networks) in _ways(phase).items():
            for task, run in TASKS.items():
                found = {}
                for each in networks[:: -1 if turn % 2 else 1]:  # in turns, who goes first
                    found[each.name] = run(lab.machines[machine], _address(each, way), each)
                for each in networks:
                    for cost, value in found[each.name].items():
                        kind = pairs.setdefault(f"{task}{cost}_{way}", {})
                        if each.name != HOST:
                            kind.setdefault(each.name, []).append((found[HOST][cost], value))
        print(f"round {turn + 1} of {rounds}: {', '.join(each.name for each in phase.networks)}", flush=True)


def _request(machine: Machine, address: str, network: Network) -> Costs:
    return _wrk(machine, address, network, "")


def _connection(machine: Machine, address: str, network: Network) -> Costs:
    return _wrk(machine, address, network, "-H 'Connection: close'")


def _wrk(machine: Machine, address: str, network: Network, options: str) -> Costs:
    """Seconds a request takes of the time, of processors, and of waiting for it (the median, and what 99 of 100 stay below)."""
    url = f"http://{address}:{network.ports['http']}/"
    printed, busy = _timed(machine, f"{PLACE}/wrk -t 1 -c 8 -d 1 -s {PLACE}/done.lua {options} {url} | tail -n 1")
    requests, seconds, middle, most, errors = map(float, printed.split())
    if errors or not requests:
        raise LabError(
            f"{machine.name}: {url}: {errors:g} of {requests:g} requests failed; nothing can be said of the rest"
        )
    return {"": seconds / requests, "_cpu": busy / requests, "_p50": middle, "_p99": most}


def _tcp(machine: Machine, address: str, network: Network) -> Costs:
    costs = _iperf(machine, address, network, "")
    return {name: costs[name] for name in ("", "_cpu")}


def _udp(machine: Machine, address: str, network: Network) -> Costs:
    return _iperf(machine, address, network, f"-u -b 0 -l {DATAGRAM}")


def _iperf(machine: Machine, address: str, network: Network, options: str) -> Costs:
    """Seconds a gigabyte takes to arrive, and of processors; and the share that was lost."""
    port = network.ports["iperf"]
    printed, busy = _timed(machine, f"{PLACE}/iperf3 -c {address} -p {port} -t 1 -J {options}")
    came = json.loads(printed)["end"]["sum_received"]
    if not came["bytes"]:
        raise LabError(f"{machine.name}: nothing of what iperf3 sent to {address}:{port} arrived")
    gigabytes = came["bytes"] / 1e9
    return {"": came["seconds"] / gigabytes, "_cpu": busy / gigabytes, "_lost": came.get("lost_percent", 0) / 100}


TASKS: dict[str, Callable[[Machine, str, Network], Costs]] = {
    "request": _request,
    "connection": _connection,
    "tcp": _tcp,
    "udp": _udp,
}


def _timed(machine: Machine, command: str) -> tuple[str, float]:
    """What a command printed, and for how many seconds processors of the whole machine below the lab worked meanwhile."""
    printed = machine.shell(f"head -n 1 /proc/stat; {command}; head -n 1 /proc/stat; getconf CLK_TCK")
    before, *lines, after, hertz = printed.splitlines()
    return "\n".join(lines), (busy(after) - busy(before)) / int(hertz)


def busy(line: str) -> int:
    """Ticks that processors worked for, as /proc/stat has it: all but idle, iowait, and what others stole."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, line.split()[1:])
    return user + nice + system + irq + softirq


def starts(lab: Lab, ports: Sequence[int], rounds: int, pairs: Pairs) -> None:
    """Adds to `pairs` what it takes until `docker run -d` returns, on the host network and with so many published ports."""
    kind = pairs.setdefault("start", {})
    for options in ("--net host", ""):
        _start(lab.host, options)  # what is done but once takes its time
    for count in ports:
        options = f"-p 10000-{9999 + count}:10000-{9999 + count}" if count else ""
        for turn in range(min(rounds, FEW_ROUNDS) if count == MANY else rounds):
            taken = {}
            for name in (HOST, "bridge")[:: -1 if turn % 2 else 1]:
                taken[name] = _start(lab.host, "--net host" if name == HOST else options)
            kind.setdefault(str(count), []).append((taken[HOST], taken["bridge"]))
        print(f"starts with {count} published ports", flush=True)


def _start(host: Machine, options: str) -> float:
    run = f"docker run -d --name started {options} busybox:latest sleep 1000000"
    printed = host.shell(f"began=$EPOCHREALTIME; {run} >/dev/null && echo $began $EPOCHREALTIME", LONG_SECONDS)
    host.shell("docker rm -f started", LONG_SECONDS)
    began, ended = map(float, printed.split())
    return ended - began


def look(lab: Lab, phase: Phase) -> dict[str, dict[str, list[int]]]:
    """By way and network, what came of LOOKED_AT connections: entries in the host's conntrack table, and passes of the DNAT rule.

    Entries stay for two minutes, so the lab is to be younger, or counts lack what has gone meanwhile.
    """
    seen: dict[str, dict[str, list[int]]] = {}
    for way, (machine, networks) in _ways(phase).items():
        for each in networks:
            counters = COUNTERS.format(**each.ports)
            before = lab.host.shell(counters).split()
            url = f"http://{_address(each, way)}:{each.ports['http']}/?[1-{LOOKED_AT}]"
            lab.machines[machine].shell(f"curl -sfo /dev/null -H 'Connection: close' '{url}'")
            after = lab.host.shell(counters).split()
            counted = [int(now) - int(then) for then, now in zip(before, after, strict=True)]
            seen.setdefault(way, {})[each.name] = counted
    return seen


def _ways(phase: Phase) -> dict[str, tuple[str, tuple[Network, ...]]]:
    """From which machine networks are asked, and which: over the router all of them."""
    near = tuple(each for each in phase.networks if each.name in phase.local)
    return {"router": ("client", phase.networks), "loopback": (HOST, near)}


def _address(network: Network, way: str) -> str:
    return network.address if way == "router" else "127.0.0.1"
