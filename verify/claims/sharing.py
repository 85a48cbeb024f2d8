"""When several servers want one port on the host network, who holds it, and as which user."""

from verify.claims.helpers.parsers import refusal
from verify.claims.helpers.steps import listen
from verify.judging.claim import counterfactual, on

HELLO = "sh -c 'echo hello >index.html; exec httpd -f -p {}'"
STATE = "docker inspect -f '{{.State.Status}} {{.State.ExitCode}}'"
LISTENING = "ss -Hltn 'sport = :8080' | wc -l"
PERL = (
    "perl -MIO::Socket::INET -e '"
    'my $server = IO::Socket::INET->new(Listen => 9, LocalPort => 8080, {}) or die "$!\\n"; sleep\''
)
REUSE = "ReuseAddr => 1, ReusePort => 1"


def second(host, address: str) -> None:
    """Starts another server, and waits until it listens beside the first, or has ended."""
    host.run(f"docker run -d --name second --network host busybox:latest httpd -f -p {address}")
    host.until(f"[ $({LISTENING}) = 2 ] || {STATE} second | grep -q exited")


@counterfactual("address", holds="10.3.0.183", fails="0.0.0.0")
def claim_two_addresses_are_two_servers(host, address):
    listen(host, "--network host", "httpd -f -p 127.0.0.1:8080")
    second(host, f"{address}:8080")
    state = host.run(f"{STATE} second")
    listening = host.run("ss -Hltn 'sport = :8080' | grep -o '[0-9.]*:8080' | sort")
    assert state.stdout == "running 0\n"
    assert listening.stdout.split() == ["10.3.0.183:8080", "127.0.0.1:8080"]


@counterfactual("address", holds="127.0.0.1", fails="127.0.0.2")
def claim_loopback_server_stands_in_the_way_of_publishing(host, address):
    listen(host, "--network host", "httpd -f -p 127.0.0.1:8080")
    refused = host.run(f"docker run -d --name other -p {address}:8080:80 busybox:latest sleep infinity")
    assert refused.exit_code in (125, 126)
    assert refusal(refused).endswith("address already in use")


@on("docker")
@counterfactual("first", holds="-p 8080:80", fails="--network host")
def claim_port_is_allocated_by_bridge_containers_alone(host, first):
    listen(host, first, "httpd -f -p 8080")
    refused = host.run("docker run -d --name other -p 8080:80 busybox:latest sleep infinity")
    assert refused.exit_code == 125
    said = refusal(refused)  # of IPv4 or IPv6, whichever was asked for first
    assert said.endswith(tuple(f": Bind for {ip}:8080 failed: port is already allocated" for ip in ("0.0.0.0", "::")))


@counterfactual("port", holds=8080, fails=8081)
def claim_published_port_is_taken_on_the_host(host, port):
    host.run("docker run -d --name other -p 8080:80 busybox:latest sleep infinity")
    listen(host, "--network host", f"httpd -f -p {port}")
    state = host.run(f"{STATE} web")
    logs = host.run("docker logs web")
    assert (state.stdout, logs.stderr) == ("exited 1\n", "httpd: bind: Address already in use\n")


def listen_twice(host, first: str, other: str) -> None:
    """Starts two servers on one port with these options, and waits until the second listens, or has ended."""
    for name, options in (("first", first), ("second", other)):
        host.run(f"docker run -d --name {name} --network host {options}")
        host.until(
            f"[ $({LISTENING}) = 2 ] || [ {name} = first -a $({LISTENING}) = 1 ] || {STATE} {name} | grep -q exited"
        )


@counterfactual("option", holds=REUSE, fails="ReuseAddr => 1")
def claim_reuse_port_shares_a_port(host, option):
    server = f"httpd:latest {PERL.format(option)}"
    listen_twice(host, server, server)
    state = host.run(f"{STATE} second")
    listening = host.run("ss -Hltn 'sport = :8080' | grep -c LISTEN")
    assert (state.stdout, listening.stdout) == ("running 0\n", "2\n")


@counterfactual("user", holds=1000, fails=0)
def claim_reuse_port_is_for_one_user(host, user):
    server = f"httpd:latest {PERL.format(REUSE)}"
    listen_twice(host, server, f"--user {user} {server}")
    state = host.run("docker inspect -f '{{.State.Status}}' second")
    logs = host.run("docker logs second")
    assert (state.stdout, logs.stderr) == ("exited\n", "Address already in use\n")


@counterfactual("option", holds="reuseport", fails="keepalive")
def claim_reuse_port_spreads_connections(host, option):
    socat = f"chroot /host socat TCP4-LISTEN:8080,reuseaddr,{option},fork"
    one, other = (f"-v /:/host busybox:latest {socat} SYSTEM:'echo {name}'" for name in ("first", "second"))
    listen_twice(host, one, other)
    answers = host.run("for each in $(seq 40); do curl -s telnet://127.0.0.1:8080; done | sort -u")
    assert answers.stdout == "first\nsecond\n"


@counterfactual("user", holds=1000, fails=0)
def claim_server_is_a_process_of_the_containers_user(host, user):
    listen(host, f"--network host --user {user}", "httpd -f -p 8080")
    owner = host.run("ps -C httpd -o uid=")
    assert owner.stdout.split() == ["1000"]


@on("docker")
@counterfactual("add", holds="--cap-add NET_BIND_SERVICE", fails="--user 0")
def claim_net_bind_service_does_not_help_a_user(host, add):
    listen(host, f"--network host --user 1000 {add}", "httpd -f -p 80")
    state = host.run(f"{STATE} web")
    logs = host.run("docker logs web")
    assert (state.stdout, logs.stderr) == ("exited 1\n", "httpd: bind: Permission denied\n")


@on("podman")
@counterfactual("add", holds="--cap-add NET_BIND_SERVICE", fails="--cap-add NET_RAW")
def claim_podman_net_bind_service_opens_low_ports(host, add):
    listen(host, f"--network host --user 1000 {add}", "httpd -f -p 80")
    state = host.run(f"{STATE} web")
    assert state.stdout == "running 0\n"


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_root_without_capabilities_gets_no_low_port(host, network):
    listen(host, f"--cap-drop ALL --network {network}", "httpd -f -p 80")
    state = host.run(f"{STATE} web")
    logs = host.run("docker logs web")
    assert (state.stdout, logs.stderr) == ("exited 1\n", "httpd: bind: Permission denied\n")


@counterfactual("network", holds="host", fails="bridge")
def claim_server_listens_on_an_added_ipv6_address(host, network):
    host.run("ip address add 2001:db8::5/64 dev eth0")
    listen(host, f"--network {network}", HELLO.format("[2001:db8::5]:8080"))
    page = host.run("curl -s http://[2001:db8::5]:8080/")
    host.run("ip address delete 2001:db8::5/64 dev eth0")
    assert page.stdout == "hello\n"


@counterfactual("address", holds="10.3.0.184", fails="0.0.0.0")
def claim_server_can_be_tied_to_one_of_several_addresses(host, client, address):
    host.run("ip address add 10.3.0.184/24 dev eth0")
    listen(host, "--network host", HELLO.format(f"{address}:8080"))
    mine = client.run("curl -s http://10.3.0.184:8080/")
    other = client.run("curl -s http://10.3.0.183:8080/")
    host.run("ip address delete 10.3.0.184/24 dev eth0")
    assert mine.stdout == "hello\n"
    assert other.exit_code == 7
