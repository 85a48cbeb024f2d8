"""Who reaches whom when one side is on the host network: other containers, proxies, and what they get when they do not."""

from verify.claims.helpers.steps import listen, sample
from verify.judging.claim import counterfactual, on

HELLO = "sh -c 'echo hello >index.html; exec httpd -f -p {}'"
GATEWAY = "--add-host host.docker.internal:host-gateway"
GET = "busybox:latest wget -qO- -T 2"


def proxy(host, options: str, upstream: str) -> None:
    """Starts httpd as a reverse proxy in front of a server, and waits until it listens."""
    modules = " ".join(f"-c 'LoadModule {name}_module modules/mod_{name}.so'" for name in ("proxy", "proxy_http"))
    forward = f"-c 'ProxyPass / http://{upstream}/'"
    host.run(f"docker run -d --name proxy {options} httpd:latest httpd-foreground {modules} {forward}")
    host.until("docker logs proxy 2>&1 | grep -q 'resuming normal operations'")


@on("docker")
@counterfactual("upstream", holds="web:8080", fails="host.docker.internal:8080")
def claim_proxy_does_not_find_a_host_mode_server_by_name(host, client, upstream):
    listen(host, "--network host", HELLO.format(8080))
    host.run("docker network create sample")
    proxy(host, f"--network sample -p 80:80 {GATEWAY}", upstream)
    got = client.run("curl -s http://10.3.0.183/ | grep -o 'DNS lookup failure for: web'")
    assert got.stdout == "DNS lookup failure for: web\n"


@counterfactual("network", holds="bridge", fails="host")
def claim_proxys_loopback_is_its_own(host, client, network):
    listen(host, "--network host", HELLO.format(8080))
    proxy(host, f"--network {network} -p 80:80", "127.0.0.1:8080")
    got = client.run("curl -s -o /dev/null -w '%{http_code}\\n' http://10.3.0.183/")
    assert got.stdout == "503\n"


@counterfactual("options", holds="-p 127.0.0.1:8080:80", fails="--expose 80")
def claim_host_mode_proxy_reaches_a_published_port(host, client, options):
    listen(host, options, HELLO.format(80))
    proxy(host, "--network host", "127.0.0.1:8080")
    page = client.run("curl -s http://10.3.0.183/")
    assert page.stdout == "hello\n"


@counterfactual("network", holds="host", fails="bridge")
def claim_host_mode_containers_meet_on_localhost(host, network):
    listen(host, "--network host", HELLO.format(8080))
    page = host.run(f"docker run --rm --network {network} {GET} http://127.0.0.1:8080/")
    assert page.stdout == "hello\n"


@counterfactual("network", holds="host", fails="bridge")
def claim_published_port_is_on_localhost_in_host_mode(host, network):
    listen(host, "-p 8080:80", HELLO.format(80))
    page = host.run(f"docker run --rm --network {network} {GET} http://127.0.0.1:8080/")
    assert page.stdout == "hello\n"


@on("docker", "podman 5")
@counterfactual("address", holds="127.0.0.1", fails="0.0.0.0")
def claim_server_on_loopback_refuses_a_bridge_container(host, engine, address):
    listen(host, "--network host", HELLO.format(f"{address}:8080"))
    refused = host.run(f"docker run --rm {GATEWAY} {GET} http://host.docker.internal:8080/")
    gateway = engine.says({"docker": "172.17.0.1", "podman": "10.88.0.1"})
    assert refused.stderr == f"wget: can't connect to remote host ({gateway}): Connection refused\n"


@on("docker")
@counterfactual("option", holds="--network host", fails=f"--network host {GATEWAY}")
def claim_host_docker_internal_has_to_be_added(host, option):
    refused = host.run(f"docker run --rm {option} {GET} http://host.docker.internal/")
    assert refused.stderr == "wget: bad address 'host.docker.internal'\n"


@on("docker", "podman 5-5")
@counterfactual("address", holds="host-gateway", fails="127.0.0.1")
def claim_host_gateway_is_not_the_loopback(host, engine, address):
    inside = host.run(f"docker run --rm --network host --add-host gw:{address} busybox:latest grep -w gw /etc/hosts")
    assert inside.stdout == engine.says({"docker": "172.17.0.1\tgw\n", "podman": "10.3.0.183\tgw\n"})


@counterfactual("network", holds="none", fails="host")
def claim_container_without_network_reaches_nothing(host, network):
    refused = host.run(f"docker run --rm --network {network} {GET} http://10.3.0.183:8080/")
    assert refused.stderr == "wget: can't connect to remote host (10.3.0.183): Network is unreachable\n"


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_internal_network_is_open_to_host_mode(host, engine, network):
    sample(host, engine, "--internal --subnet 10.4.0.0/24")
    listen(host, "--network sample --ip 10.4.0.9", HELLO.format(80))
    page = host.run(f"docker run --rm --network {network} {GET} http://10.4.0.9/")
    assert page.stdout == "hello\n"


@on("docker")
@counterfactual("address", holds="10.4.0.1", fails="10.4.0.7")
def claim_host_mode_server_is_open_to_an_internal_network(host, engine, address):
    sample(host, engine, "--internal --subnet 10.4.0.0/24")
    listen(host, "--network host", HELLO.format(8080))
    page = host.run(f"docker run --rm --network sample {GET} http://{address}:8080/")
    assert page.stdout == "hello\n"


@counterfactual("mode", holds="host", fails="bridge")
def claim_source_address_is_the_hosts(host, mode):
    route = host.run(f"docker run --rm --network {mode} busybox:latest ip route get 203.0.113.150 | head -n 1")
    assert route.stdout.split() == ["203.0.113.150", "via", "10.3.0.1", "dev", "eth0", "src", "10.3.0.183"]


@counterfactual("network", holds="host", fails="bridge")
def claim_program_chooses_among_the_hosts_addresses(host, network):
    host.run("ip address add 10.3.0.184/24 dev eth0")
    dump = host.start("tcpdump -tnqlc 1 -i eth0 src 10.3.0.184 and tcp dst port 80", "listening on")
    curl = "chroot /host curl -s -m 5 -o /dev/null --interface 10.3.0.184 --local-port 4000 http://10.3.0.1/"
    got = host.run(f"docker run --rm --network {network} -v /:/host busybox:latest {curl}")
    seen = (dump.wait("1 packet captured") if got.exit_code == 0 else dump).stop()
    host.run("ip address delete 10.3.0.184/24 dev eth0")
    assert seen.stdout == "IP 10.3.0.184.4000 > 10.3.0.1.80: tcp 0\n"


@on("docker", "podman 4-5.4")
@counterfactual("network", holds="host", fails="bridge")
def claim_mtu_is_the_hosts(host, network):
    inside = host.run(f"docker run --rm --network {network} busybox:latest cat /sys/class/net/eth0/mtu")
    assert inside.stdout == "9001\n"


@counterfactual("network", holds="host", fails="bridge")
def claim_routes_are_the_hosts(host, network):
    inside = host.run(f"docker run --rm --network {network} busybox:latest cat /proc/net/route")
    outside = host.run("cat /proc/net/route")
    assert inside.stdout == outside.stdout


@counterfactual("network", holds="lan", fails="bridge")
def claim_macvlan_container_has_an_address_on_the_lan(host, client, network):
    host.run("docker network create -d macvlan --subnet 10.3.0.0/24 --gateway 10.3.0.1 -o parent=eth0 lan")
    address = "--ip 10.3.0.77" if network == "lan" else ""
    listen(host, f"--network {network} {address}", HELLO.format(80))
    page = client.run("curl -s -m 3 http://10.3.0.77/")
    assert page.stdout == "hello\n"


@counterfactual("network", holds="lan", fails="host")
def claim_macvlan_container_does_not_reach_its_host(host, network):
    listen(host, "--network host", HELLO.format(8080))
    host.run("docker network create -d macvlan --subnet 10.3.0.0/24 --gateway 10.3.0.1 -o parent=eth0 lan")
    refused = host.run(f"docker run --rm --network {network} busybox:latest wget -qO- http://10.3.0.183:8080/")
    assert refused.stderr == "wget: can't connect to remote host (10.3.0.183): No route to host\n"


def ask_by_route(client, router):
    """What another machine that has a route to a bridge container gets from it."""
    router.run("ip route add 10.4.0.0/24 via 10.3.0.183")
    got = client.run("curl -s -m 5 http://10.4.0.9/")
    router.run("ip route delete 10.4.0.0/24")
    return got


@on("docker 20.10-27")
@counterfactual("policy", holds="ACCEPT", fails="DROP")
def claim_bridge_container_is_reached_by_route(host, client, router, engine, policy):
    sample(host, engine, "--subnet 10.4.0.0/24")
    listen(host, "--network sample --ip 10.4.0.9", HELLO.format(80))
    host.run(f"iptables -P FORWARD {policy}")
    got = ask_by_route(client, router)
    host.run("iptables -P FORWARD ACCEPT")
    assert got.stdout == "hello\n"


@on("docker 28")
@counterfactual("options", holds="", fails="-o com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected")
def claim_no_rule_opens_a_bridge_container_to_a_route(host, client, router, engine, options):
    sample(host, engine, f"--subnet 10.4.0.0/24 {options}")
    listen(host, "--network sample --ip 10.4.0.9", HELLO.format(80))
    host.run("iptables -I DOCKER-USER -d 10.4.0.9 -j ACCEPT")
    got = ask_by_route(client, router)
    host.run("iptables -D DOCKER-USER -d 10.4.0.9 -j ACCEPT")
    assert (got.exit_code, got.stdout) == (28, "")
