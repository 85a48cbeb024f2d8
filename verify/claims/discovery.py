"""Multicast, broadcast and shared memory: what devices and programs find each other by."""

from verify.claims.helpers.parsers import printed
from verify.judging.claim import counterfactual

GROUP = "239.255.255.250"
SOCAT = "-v /:/host busybox:latest chroot /host socat"
LISTEN = f"{SOCAT} -u UDP4-RECV:1900,ip-add-membership={GROUP}:0.0.0.0 -"
LISTENS = "nsenter -n -t $(docker inspect -f '{{.State.Pid}}' listener) grep -q ':076C ' /proc/net/udp"


def listen(host, network: str) -> None:
    """Starts a container that waits for multicast as SSDP (DLNA, UPnP) uses it."""
    host.run(f"docker run -d --name listener --network {network} {LISTEN}")
    host.until(LISTENS)


@counterfactual("network", holds="host", fails="bridge")
def claim_multicast_group_is_joined_on_the_host(host, network):
    listen(host, network)
    joined = host.run(f"ip maddress show dev eth0 | grep -o {GROUP}")
    assert joined.stdout == f"{GROUP}\n"


@counterfactual("network", holds="host", fails="bridge")
def claim_multicast_reaches_a_host_mode_listener(host, router, network):
    listen(host, network)
    dump = host.start("tcpdump -tnl -i eth0 udp port 1900", "listening on")
    sent = router.run(
        f"ip route add {GROUP} dev lan && echo hello >/dev/udp/{GROUP}/1900 && ip route del {GROUP} dev lan"
    )
    assert sent.exit_code == 0
    dump.wait("UDP, length 6").stop()
    if network == "host":
        host.until("docker logs listener | grep -q hello")
    heard = host.run("docker logs listener")
    assert heard.stdout == "hello\n"


def leaves(host, network: str, port: int, destination: str) -> list[str]:
    """The datagrams that leave the host's eth0 when a container on a network sends one."""
    dump = host.start(f"tcpdump -tnl -i eth0 udp port {port}", "listening on")
    send = f"{SOCAT} -u SYSTEM:'echo hello' UDP4-DATAGRAM:{destination},bind=:{port}"
    host.run(f"docker run --rm --network {network} {send}")
    seen = (dump.wait("UDP, length 6") if network == "host" else dump).stop()
    return printed(seen)


@counterfactual("network", holds="host", fails="bridge")
def claim_multicast_leaves_the_host(host, network):
    seen = leaves(host, network, 1900, f"{GROUP}:1900,ip-multicast-ttl=1")
    assert seen == [f"IP 10.3.0.183.1900 > {GROUP}.1900: UDP, length 6"]


@counterfactual("network", holds="host", fails="bridge")
def claim_broadcast_leaves_the_host(host, network):
    seen = leaves(host, network, 9, "10.3.0.255:9,broadcast")
    assert seen == ["IP 10.3.0.183.9 > 10.3.0.255.9: UDP, length 6"]


@counterfactual("option", holds="--network host", fails="--network host --ipc host")
def claim_shared_memory_is_not_shared(host, option):
    host.run("touch /dev/shm/segment")
    inside = host.run(f"docker run --rm {option} busybox:latest ls /dev/shm")
    host.run("rm /dev/shm/segment")
    assert inside.stdout == ""
