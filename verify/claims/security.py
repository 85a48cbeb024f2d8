"""What a container on the host network can reach and change, and what it cannot."""

import re

from verify.claims.helpers.parsers import printed
from verify.judging.claim import counterfactual, on

NET_ADMIN = "--network host --cap-add NET_ADMIN"
CONNECT = 'my $s = IO::Socket::UNIX->new("/run/demo.sock") or die "$!\\n"; print <$s>'


def say_hello(host, address: str):
    """Starts a process on the host that says hello to whoever connects to a socket, named as socat names it."""
    hello = host.start(f"socat {address},fork SYSTEM:'echo hello'", until="")
    host.until(f"ss -xltn | grep -qw {address.partition(':')[2].partition(',')[0]}")
    return hello


@counterfactual("network", holds="host", fails="bridge")
def claim_hosts_loopback_is_open(host, network):
    hello = say_hello(host, "TCP4-LISTEN:9000,bind=127.0.0.1,reuseaddr")
    got = host.run(f"docker run --rm --network {network} busybox nc 127.0.0.1 9000")
    hello.stop()
    assert got.stdout == "hello\n"


@counterfactual("network", holds="host", fails="bridge")
def claim_abstract_sockets_are_reachable(host, network):
    hello = say_hello(host, "ABSTRACT-LISTEN:demo")
    listed = host.run(f"docker run --rm --network {network} busybox grep -o @demo /proc/net/unix")
    socat = "chroot /host socat -u ABSTRACT-CONNECT:demo -"
    got = host.run(f"docker run --rm --network {network} -v /:/host busybox {socat}")
    hello.stop()
    assert (listed.stdout, got.stdout) == ("@demo\n", "hello\n")


@counterfactual("options", holds="--network host", fails="--network host -v /run/demo.sock:/run/demo.sock")
def claim_path_sockets_are_not_reachable(host, options):
    hello = say_hello(host, "UNIX-LISTEN:/run/demo.sock")
    listed = host.run(f"docker run --rm {options} busybox grep -o /run/demo.sock /proc/net/unix")
    connected = host.run(f"docker run --rm {options} httpd:latest perl -MIO::Socket::UNIX -e '{CONNECT}'")
    hello.stop()
    assert listed.stdout == "/run/demo.sock\n"
    assert (connected.stdout, connected.stderr) == ("", "No such file or directory\n")


@on("docker")
@counterfactual("socket", holds="UNIX-LISTEN:/run/demo.sock", fails="ABSTRACT-LISTEN:/containerd-shim/demo.sock")
def claim_shim_has_no_abstract_socket(host, socket):
    hello = say_hello(host, socket)
    host.run("docker run -d busybox sleep infinity")
    abstract = host.run("grep -o '@.*shim.*' /proc/net/unix")
    by_path = host.run("grep -om1 /run/containerd/s/ /proc/net/unix")
    hello.stop()
    assert (abstract.stdout, by_path.stdout) == ("", "/run/containerd/s/\n")


@counterfactual("options", holds="--network host", fails=NET_ADMIN)
def claim_interfaces_cannot_be_changed_by_default(host, options):
    refused = host.run(f"docker run --rm {options} busybox ip link set eth0 mtu 9001")
    assert refused.stderr == "ip: SIOCSIFMTU: Operation not permitted\n"


@counterfactual("network", holds="host", fails="bridge")
def claim_net_admin_changes_the_host_for_good(host, network):
    host.run(f"docker run --rm --network {network} --cap-add NET_ADMIN busybox ip address add 192.0.2.1/24 dev eth0")
    left = host.run("ip -o address show to 192.0.2.1")
    host.until("! ip address delete 192.0.2.1/24 dev eth0")
    assert left.stdout.startswith("2: eth0    inet 192.0.2.1/24 ")


@on("docker")
@counterfactual("options", holds=NET_ADMIN, fails="--network host")
def claim_net_admin_shows_the_hosts_firewall(host, engine, options):
    rules = host.run(f"docker run --rm {options} -v /:/host busybox chroot /host iptables -S DOCKER-USER")
    assert rules.stdout == engine.says(
        {"docker": "-N DOCKER-USER\n-A DOCKER-USER -j RETURN\n", "docker 28": "-N DOCKER-USER\n"}
    )


@counterfactual("options", holds=NET_ADMIN, fails=f"{NET_ADMIN} --security-opt systempaths=unconfined")
def claim_proc_sys_net_is_read_only(host, options):
    refused = host.run(f"docker run --rm {options} busybox sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'")
    shell = r"sh: (line \d+: )?can't create "
    assert re.fullmatch(f"{shell}/proc/sys/net/ipv4/ip_forward: Read-only file system\n", refused.stderr)


@on("docker 23", "podman")
@counterfactual("option", holds="--privileged", fails="--cap-add NET_ADMIN")
def claim_privileged_container_changes_the_hosts_settings(host, option):
    write = "sh -c 'echo 1025 >/proc/sys/net/core/somaxconn'"
    host.run(f"docker run --rm --network host {option} busybox {write}")
    seen = host.run("cat /proc/sys/net/core/somaxconn")
    host.run("sysctl -w net.core.somaxconn=4096")
    assert seen.stdout == "1025\n"


def capture(host, client, options: str):
    """What a tcpdump in a container prints of a client's first packet to port 80 of the host, and its exit status."""
    tcpdump = "chroot /host tcpdump -tnlc 1 -i eth0 tcp dst port 80"
    host.run(f"docker run -d --name tcpdump {options} -v /:/host busybox {tcpdump}")
    host.until("docker logs tcpdump 2>&1 | grep -qE 'listening on|permission'")
    client.run("curl -s http://10.3.0.183/")
    ended = host.run("docker wait tcpdump")
    return host.run("docker logs tcpdump"), ended.stdout


@on("docker")
@counterfactual("options", holds="--network host", fails="--network host --cap-drop NET_RAW")
def claim_capture_needs_no_more_than_the_default(host, client, options):
    seen, ended = capture(host, client, options)
    assert ended == "0\n"
    assert len(printed(seen)) == 1


@on("podman")
@counterfactual("options", holds="--network host", fails="--network host --cap-add NET_RAW")
def claim_podman_captures_only_with_net_raw(host, client, options):
    seen, ended = capture(host, client, options)
    denied = "tcpdump: eth0: You don't have permission to perform this capture on that device\n"
    assert ended == "1\n"
    assert seen.stderr.startswith(denied)
