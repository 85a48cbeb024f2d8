"""What the host network is to a Docker daemon that a user other than root runs, in the time before it was the host's."""

from verify.claims.helpers.steps import alices_docker, as_user
from verify.judging.claim import counterfactual, on

HOST = "10.3.0.183"
SERVER = 'sh -c "echo hello >index.html; exec httpd -f -p 8080"'


@on("docker 28-28")
@counterfactual("user", holds="alice", fails="root")
def claim_rootless_docker_has_another_host_network(host, user):
    with alices_docker(host):
        outside = host.run("readlink /proc/self/ns/net")
        run = "docker run --rm --network host busybox"
        inside = host.run(as_user(user, f"{run} readlink /proc/self/ns/net"))
        interfaces = host.run(as_user(user, f"{run} ls /sys/class/net"))
    assert inside.stdout != outside.stdout
    assert interfaces.stdout.split() == ["docker0", "lo", "tap0"]


@on("docker 28-28")
@counterfactual("options", holds="-p 8080:8080", fails="--network host")
def claim_rootless_docker_server_is_reached_only_if_published(host, client, options):
    with alices_docker(host):
        host.run(as_user("alice", f"docker run -d --name web {options} busybox:latest {SERVER}"))
        host.until("nsenter -n -t $(pgrep -nx httpd) ss -ltn 2>/dev/null | grep -q ':8080 '")
        page = client.run(f"curl -s http://{HOST}:8080/")
    assert page.stdout == "hello\n"
