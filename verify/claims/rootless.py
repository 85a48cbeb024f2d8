"""What the host network is for a user other than root, who runs containers without any daemon."""

from verify.claims.helpers.steps import alice, as_user
from verify.judging.claim import counterfactual, on

HOST = "10.3.0.183"
HELLO = 'sh -c "echo hello >index.html; exec httpd -f -p {}"'
LISTENS = "nsenter -n -t $(pgrep -nx httpd) ss -ltn 2>/dev/null | grep -q ':{} '"


def start(host, user: str, options: str, port: int) -> None:
    """Starts a small web server as a user, and waits until it listens, or has ended."""
    host.run(as_user(user, f"docker run -d --name web {options} busybox:latest {HELLO.format(port)}"))
    host.until(f'{LISTENS.format(port)} || [ -z "$({as_user(user, "docker ps -q")})" ]')


@on("podman 5.4")
@counterfactual("network", holds="host", fails="bridge")
def claim_rootless_network_namespace_is_the_hosts(host, network):
    with alice(host):
        outside = host.run("readlink /proc/self/ns/net")
        inside = host.run(as_user("alice", f"docker run --rm --network {network} busybox readlink /proc/self/ns/net"))
    assert inside.stdout == outside.stdout


@on("podman 5.4")
@counterfactual("network", holds="pasta", fails="bridge")
def claim_rootless_pasta_only_looks_like_the_host(host, network):
    with alice(host):
        outside = host.run("readlink /proc/self/ns/net")
        run = f"docker run --rm --network {network} busybox"
        inside = host.run(as_user("alice", f"{run} readlink /proc/self/ns/net"))
        address = host.run(as_user("alice", f"{run} ip -o -4 address show eth0"))
    assert inside.stdout != outside.stdout
    assert f" inet {HOST}/24 " in address.stdout


@on("podman 5.4")
@counterfactual("network", holds="host", fails="pasta")
def claim_rootless_server_is_reached_without_publishing(host, client, network):
    with alice(host):
        start(host, "alice", f"--network {network}", 8080)
        page = client.run(f"curl -s http://{HOST}:8080/")
    assert page.stdout == "hello\n"


@on("podman 5.4")
@counterfactual("user", holds="alice", fails="root")
def claim_rootless_server_is_a_process_of_the_users(host, user):
    with alice(host):
        start(host, user, "--network host", 8080)
        owner = host.run("ps -C httpd -o user=")
    assert owner.stdout == "alice\n"


@on("podman 5.4")
@counterfactual("user", holds="alice", fails="root")
def claim_rootless_low_port_is_refused(host, user):
    with alice(host):
        start(host, user, "--network host", 80)
        state = host.run(as_user(user, "docker inspect -f {{.State.Status}} web"))
        logs = host.run(as_user(user, "docker logs web"))
    assert (state.stdout, logs.stderr) == ("exited\n", "httpd: bind: Permission denied\n")


@on("podman 5.4")
@counterfactual("first", holds=80, fails=1024)
def claim_rootless_host_setting_opens_low_ports(host, first):
    host.run(f"sysctl -w net.ipv4.ip_unprivileged_port_start={first}")
    with alice(host):
        start(host, "alice", "--network host", 80)
        listening = host.run("ss -Hltn 'sport = :80'")
    host.run("sysctl -w net.ipv4.ip_unprivileged_port_start=1024")
    assert len(listening.stdout.splitlines()) == 1


@on("podman 5.4")
@counterfactual("user", holds="alice", fails="root")
def claim_rootless_net_admin_changes_nothing(host, user):
    with alice(host):
        add = "docker run --rm --network host --cap-add NET_ADMIN busybox ip link add br-lan type bridge"
        refused = host.run(as_user(user, add))
    host.run("ip link delete br-lan 2>/dev/null")
    assert (refused.exit_code, refused.stderr) == (2, "ip: RTNETLINK answers: Operation not permitted\n")


@on("podman 5.4")
@counterfactual("user", holds="alice", fails="root")
def claim_rootless_net_raw_captures_nothing(host, user):
    with alice(host):
        ask = "docker run --rm --network host --cap-add NET_RAW busybox arping -qc 1 -I eth0 10.3.0.1"
        refused = host.run(as_user(user, ask))
    assert refused.exit_code == 1
    assert refused.stderr == "arping: socket: Operation not permitted\n"


@on("podman 5.4")
@counterfactual("network", holds="host", fails="pasta")
def claim_rootless_reaches_the_hosts_loopback(host, network):
    hello = host.start("socat TCP4-LISTEN:9000,bind=127.0.0.1,reuseaddr,fork SYSTEM:'echo hello'", until="")
    host.until("ss -ltn | grep -qw 127.0.0.1:9000")
    with alice(host):
        got = host.run(as_user("alice", f"docker run --rm --network {network} busybox nc 127.0.0.1 9000"))
    hello.stop()
    assert got.stdout == "hello\n"


@on("podman 5.4")
@counterfactual("user", holds="alice", fails="root")
def claim_rootless_sys_is_the_hosts_without_its_kernel(host, user):
    with alice(host):
        look = "docker run --rm --network host busybox ls /sys/class/net /sys/kernel"
        seen = host.run(as_user(user, look))
    assert seen.stdout == "/sys/class/net:\neth0\nlo\n\n/sys/kernel:\n"
