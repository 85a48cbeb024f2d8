"""The way of a packet in each network mode, stop by stop: each is what a claim saw, or it cannot be drawn."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from verify.judging import claim
from verify.lab.machine import Capture
from verify.lab.wires import CLIENT, HOST
from verify.publishing.shown import recorded, shown

PACKET = r"^IP {client}\.\d+ > {to}\.80: Flags \[S\]"
"""How tcpdump prints the first packet of a connection; a name in braces stands for an address known by then."""
FROM_ITSELF = PACKET.replace("{client}", "{to}")
NONE = r"^0 packets received by filter$"
SAME = r"\bnet:\[(\d+)\]$(?s:.*)^net:\[\1\]$"
OWN = r"^eth0$(?s:.*)^{to} *$"
ANSWER = r"http://(?P<to>[\d.]+)/$\n^hello$"
NO_ROUTE, UNREACHABLE = r"\({host}\): (?P<said>No route to host)$", r"\({host}\): (?P<said>Network is unreachable)$"
KNOWN = {"client": CLIENT.address, "host": HOST.address, "to": HOST.address}


@dataclass(frozen=True)
class Stop:
    """A place on a way, and the captures that show whether packets pass it."""

    at: str
    """An interface, or a key of the words `ways.at`."""
    claim: str
    command: str
    """What the commands contain that show it."""
    shows: str
    """A regular expression for these commands, each with what it printed. A named group is an address that is known then."""
    draws: str
    """An address with its port, its name in braces, or a key of the words `ways.draws`."""
    world: int = 0
    """0 is the world in which the claim's sentence holds, 1 the opposite one."""
    passed: bool = True
    """Whether packets pass here; where not, `shows` is how one sees it."""
    within: str = "host"
    """Whose network namespace it is in, a key of the words `ways.within`."""

    @property
    def kind(self) -> str:
        """`seen` by tcpdump, `told` by another command, or `absent`."""
        return "absent" if not self.passed else "seen" if self.command.startswith("tcpdump") else "told"


@dataclass(frozen=True)
class Way:
    """What packets pass in one mode."""

    option: str
    """What of `docker run` makes the mode."""
    runs: str
    """A regular expression for that: the captures of each stop have a `docker run` with it."""
    stops: tuple[Stop, ...]


HOST_RUN, BRIDGE_RUN = r"--net(work)? host\b", r"-p 80:80\b|--net(work)? bridge\b"
TO = "{to}:80"
FROM_INSIDE: dict[str, Any] = {"passed": False, "within": "container"}
WAYS = {
    "host": Way(
        "--network host",
        HOST_RUN,
        (
            Stop("eth0", "handshake_is_seen_on_eth0", "tcpdump -tnl -i eth0", PACKET, TO),
            Stop("nat", "no_nat_rule_is_made", "iptables -t nat -S", r"\A(?s:(?!.*DNAT))", "no_rule", passed=False),
            Stop("docker0", "docker0_stays_silent", "tcpdump -tnl -i docker0", NONE, "no_packet", passed=False),
            Stop("process", "network_namespace_is_the_hosts", "readlink", SAME, "hosts"),
        ),
    ),
    "bridge": Way(
        "-p 80:80",
        BRIDGE_RUN,
        (
            Stop("eth0", "docker0_stays_silent", "tcpdump -tnl -i eth0", PACKET, TO, world=1),
            Stop(
                "nat", "no_nat_rule_is_made", "iptables -t nat -S", r" DNAT .* (?P<to>[\d.]+):80$", "→ {to}:80", world=1
            ),
            Stop("docker0", "docker0_stays_silent", "tcpdump -tnl -i docker0", PACKET, TO, world=1),
            Stop("veth", "no_interface_is_made_for_a_container", "ls /sys/class/net", r"^veth\w+$", "made", world=1),
            Stop("eth0", "bridge_container_has_an_eth0_of_its_own", "docker exec", OWN, "{to}", within="container"),
        ),
    ),
    "itself": Way(
        "--network host",
        HOST_RUN,
        (
            Stop("lo", "own_address_is_reached_over_lo", "tcpdump -tnl -i lo", FROM_ITSELF, TO),
            Stop("eth0", "own_address_is_reached_over_lo", "tcpdump -tnl -i eth0", NONE, "no_packet", passed=False),
        ),
    ),
    "macvlan": Way(
        "--network lan",
        r"--network lan\b",
        (
            Stop("own", "macvlan_container_has_an_address_on_the_lan", "curl", ANSWER, TO, within="container"),
            Stop("host", "macvlan_container_does_not_reach_its_host", "wget", NO_ROUTE, "{said}", **FROM_INSIDE),
        ),
    ),
    "container": Way(
        "--network container:first",
        r"--network container:first\b",
        (Stop("process", "joining_a_host_mode_container_joins_the_host", "readlink", SAME, "hosts"),),
    ),
    "none": Way(
        "--network none",
        r"--network none\b",
        (Stop("host", "container_without_network_reaches_nothing", "wget", UNREACHABLE, "{said}", **FROM_INSIDE),),
    ),
}


class UnseenError(Exception):
    """What a stop is drawn from does not show it. The message names the way, the stop and the claim."""


def claims() -> set[str]:
    """The claims that the ways are drawn from."""
    return {stop.claim for way in WAYS.values() for stop in way.stops}


def followed(name: str) -> Iterator[tuple[Stop, dict[str, str]]]:
    """The stops of a way, each with the addresses that are known there.

    Raises:
        UnseenError: a capture does not show a stop.
    """
    known = KNOWN
    for stop in WAYS[name].stops:
        known = known | _seen(f"{name}: {stop.at}", WAYS[name].runs, stop, known)
        yield stop, known


def problems() -> Iterator[str]:
    """Of each way, the first stop that no capture shows."""
    for name in WAYS:
        try:
            list(followed(name))
        except UnseenError as error:
            yield str(error)


def _seen(where: str, runs: str, stop: Stop, known: dict[str, str]) -> dict[str, str]:
    """The addresses that the captures of a stop name."""
    if stop.claim not in claim.declared() or not recorded(stop.claim):
        raise UnseenError(
            f"{where}\n  there is no claim {stop.claim!r} with evidence. What no claim saw cannot be drawn."
        )
    seen = shown(stop.claim)
    world, run = list(seen.worlds.items())[stop.world]
    pattern = re.sub(r"\{(\w+)\}", lambda name: re.escape(known[name[1]]), stop.shows)
    text = _text(capture for capture in run if stop.command in capture.command)
    ran = any(re.search(runs, capture.command) for capture in run if capture.command.startswith("docker run"))
    if ran and text and (found := re.search(pattern, text, re.MULTILINE)):
        return found.groupdict()
    expected = f"the output of {stop.command!r} to have {pattern}" if ran else f"a 'docker run' with {runs}"
    lines = "\n    ".join((text if ran else _text(run)).splitlines()[:6]) or "no such command"
    raise UnseenError(
        f"{where}\n  claim {stop.claim!r} on {seen.engine}, in the world {world!r}, does not show this. Expected {expected}. Seen:\n"
        f"    {lines}\n  Draw in verify/publishing/ways.py what was seen, or record the claim: ./nox -s record -- -k {stop.claim}"
    )


def _text(run: Iterable[Capture]) -> str:
    return "".join(f"$ {each.command}\n{each.stdout}{each.stderr}" for each in run)
