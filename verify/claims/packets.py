"""Which way packets take when they come from elsewhere than the memo's browser, and what filters them."""

from verify.claims.helpers.parsers import OVER, printed
from verify.claims.helpers.steps import serve
from verify.judging.claim import counterfactual

HOST = "10.3.0.183"
PAGE = "<h1>It works!</h1>"


@counterfactual("where", holds="host", fails="client")
def claim_own_address_is_reached_over_lo(host, client, where):
    serve(host, "--net host")
    eth0 = host.start("tcpdump -tnl -i eth0 tcp port 80", "listening on")
    lo = host.start("tcpdump -tnl -i lo 'tcp dst port 80 and tcp[tcpflags] == tcp-syn'", "listening on")
    {"host": host, "client": client}[where].run(f"curl -s http://{HOST}/")
    {"host": lo, "client": eth0}[where].wait({"host": "Flags", "client": OVER}[where])
    eth0, lo = eth0.stop(), lo.stop()
    assert printed(eth0) == []
    assert "\n0 packets received by filter\n" in eth0.stderr
    assert len(printed(lo)) == 1


def greet(host, container: str) -> None:
    """Starts a server on port 8080 that tells whoever connects the address it sees."""
    tell = "chroot /host socat TCP4-LISTEN:8080,reuseaddr,fork SYSTEM:'echo $SOCAT_PEERADDR'"
    host.run(f"docker run -d --name greet {container} -v /:/host busybox {tell}")
    host.until("docker exec greet grep -q ':1F90 00000000:0000 0A' /proc/net/tcp")


@counterfactual("container", holds="--net host", fails="-p 8080:8080")
def claim_server_sees_who_connects(host, client, container):
    greet(host, container)
    far = client.run(f"curl -s telnet://{HOST}:8080")
    near = host.run("curl -s telnet://127.0.0.1:8080")
    assert (far.stdout, near.stdout) == ("203.0.113.150\n", "127.0.0.1\n")


@counterfactual("container", holds="-p 8080:8080", fails="--net host")
def claim_published_port_shows_the_gateway_for_the_hosts_loopback(host, client, engine, container):
    greet(host, container)
    far = client.run(f"curl -s telnet://{HOST}:8080")
    near = host.run("curl -s telnet://127.0.0.1:8080")
    gateway = engine.says({"docker": "172.17.0.1\n", "podman": "10.88.0.1\n"})
    assert (far.stdout, near.stdout) == ("203.0.113.150\n", gateway)


def ask_behind(host, client, chain: str):
    """What a client gets from port 80 while `chain` rejects what goes there."""
    rule = f"{chain} -p tcp --dport 80 -j REJECT"
    host.run(f"iptables -I {rule}")
    got = client.run(f"curl -s http://{HOST}/")
    host.run(f"iptables -D {rule}")
    host.until("! nft delete table ip filter 2>/dev/null")  # Podman 5 had none, and has no use for it
    return got


@counterfactual("container", holds="--net host", fails="-p 80:80")
def claim_input_filters_the_host_network(host, client, container):
    serve(host, container)
    got = ask_behind(host, client, "INPUT")
    assert (got.exit_code, got.stdout) == (7, "")


@counterfactual("container", holds="--net host", fails="-p 80:80")
def claim_docker_user_does_not_filter_the_host_network(host, client, engine, container):
    serve(host, container)
    got = ask_behind(host, client, engine.says({"docker": "DOCKER-USER", "podman": "FORWARD"}))
    assert PAGE in got.stdout


@counterfactual("network", holds="host", fails="none")
def claim_bridge_containers_are_reached_by_address(host, engine, network):
    serve(host, "")
    address = engine.says({"docker": "172.17.0.2", "podman": "10.88.0.2"})
    got = host.run(f"docker run --rm --network {network} busybox wget -qO- http://{address}/")
    assert PAGE in got.stdout


@counterfactual("network", holds="host", fails="none")
def claim_ipv6_addresses_are_the_hosts(host, network):
    show = "ip -6 -o address show dev eth0 | grep -o 'inet6 [^ ]*'"
    inside = host.run(f"docker run --rm --network {network} busybox {show}")
    outside = host.run(show)
    assert inside.stdout == outside.stdout == "inet6 fe80::4b5:10ff:fe1f:21cd/64\n"
