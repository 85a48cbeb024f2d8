"""The cables between the lab's machines: veth pairs laid straight between network namespaces, and their addresses."""

from dataclasses import dataclass

ROUTER, MIRROR = "router", "mirror.lab"
"""The machine between all cables, and the name under which the others get packages from it."""


@dataclass(frozen=True)
class Cable:
    """A veth pair from a machine's eth0 to the router. Addresses are IPv4, and their networks are /24; the MTU is in bytes."""

    machine: str
    hostname: str
    address: str
    port: str
    """The router's interface."""
    gateway: str
    """The router's address on it."""
    mtu: int
    mac: str = ""
    """That of eth0, if it matters which."""


CLIENT = Cable("client", "client", "203.0.113.150", "wan", "203.0.113.1", 1434)
HOST = Cable("host", "ip-10-3-0-183", "10.3.0.183", "lan", "10.3.0.1", 9001, "06:b5:10:1f:21:cd")
SECOND = Cable("second", "ip-10-3-1-184", "10.3.1.184", "lan2", "10.3.1.1", 9001)


def laid(*cables: Cable) -> str:
    """A bash script that lays cables between machines, each of which is a variable with the PID of a process there."""
    return "set -eu\non() { nsenter -t $1 -n ip -batch -; }\n" + "".join(map(_laid, cables))


def _laid(cable: Cable) -> str:
    mac = f" address {cable.mac}" if cable.mac else ""
    return f"""\
ip link add eth0{mac} mtu {cable.mtu} netns ${cable.machine} \
type veth peer name {cable.port} mtu {cable.mtu} netns ${ROUTER}
on ${ROUTER} <<end
addr add {cable.gateway}/24 dev {cable.port}
link set {cable.port} up
end
on ${cable.machine} <<end
addr add {cable.address}/24 broadcast + dev eth0
link set eth0 up
route add default via {cable.gateway}
end
"""
