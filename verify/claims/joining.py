"""Ways onto the host network and off it: long syntax, another container's network, connect and disconnect."""

from collections.abc import Iterator
from contextlib import contextmanager

from verify.claims.helpers.parsers import host_names, refusal
from verify.claims.helpers.steps import sample
from verify.judging.claim import counterfactual, on

DAEMON = "docker: Error response from daemon:"
IDLE = "busybox:latest sleep infinity"
NO_MODE = 'Error: "" is not supported: invalid network mode\n'
SHARED = "container sharing network namespace with another container or host cannot be connected to any other network"


@on("docker")
@counterfactual("network", holds="name=HOST", fails="HOST", refused="network HOST not found")
def claim_long_syntax_takes_capitals(host, network):
    inside = host.run(f"docker run --rm --network {network} busybox:latest readlink /proc/self/ns/net")
    outside = host.run("readlink /proc/self/ns/net")
    assert inside.stdout == outside.stdout


@on("docker")
@counterfactual("then", holds="stop", fails="restart")
def claim_stopped_container_cannot_be_joined(host, engine, then):
    host.run(f"docker run -d --name web --network host --stop-signal KILL {IDLE}")
    host.run(f"docker {then} web")
    refused = host.run("docker run --rm --network container:web busybox:latest true")
    assert refused.exit_code == 125
    assert refusal(refused).startswith(
        engine.says(
            {
                "docker": f"{DAEMON} cannot join network of a non running container: ",
                "docker 28": f"{DAEMON} cannot join network namespace of a non running container: container web is exited",
            }
        )
    )


@counterfactual("network", holds="host", fails="sample")
def claim_created_container_cannot_move_to_host(host, engine, network):
    sample(host, engine)
    host.run(f"docker create --name made {IDLE}")
    refused = host.run(f"docker network connect {network} made")
    assert refused.stderr == engine.says(
        {
            "docker": "Error response from daemon: container cannot be disconnected from host network or connected to host "
            "network\n",
            "docker 28": "Error response from daemon: cannot connect container to host network - container must be created "
            "in host network mode\n",
            "podman": "Error: unable to find network with name or ID host: network not found\n",
        }
    )


@counterfactual("network", holds="host", fails="bridge")
def claim_created_host_mode_container_joins_no_other_network(host, engine, network):
    sample(host, engine)
    host.run(f"docker create --name made --network {network} {IDLE}")
    refused = host.run("docker network connect sample made")
    assert refused.stderr == engine.says({"docker": f"Error response from daemon: {SHARED}\n", "podman": NO_MODE})


@contextmanager
def started_elsewhere(host, network: str) -> Iterator[None]:
    """Takes a stopped container off its network, starts it on another, and takes away what is left of that."""
    host.run("iptables-save -t nat >rules")
    host.run("docker network create sample")
    host.run(f"docker run -d --name web --network {network} --stop-signal KILL {IDLE}")
    host.run("docker stop web")
    host.run(f"docker network disconnect {network} web")
    host.run("docker network connect sample web")
    host.run("docker start web 2>&1 | grep -o 'conflicts with existing route'")
    try:
        yield
    finally:
        host.run("docker rm -f web && iptables-restore -T nat rules")


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_host_mode_container_starts_on_no_other_network(host, network):
    with started_elsewhere(host, network):
        state = host.run("docker inspect -f '{{.HostConfig.NetworkMode}} {{.State.Status}}' web")
    assert state.stdout == "host exited\n"


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_failed_start_leaves_rules_on_the_host(host, network):
    with started_elsewhere(host, network):
        rules = host.run("iptables -t nat -S OUTPUT")
    assert "-A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT" in rules.stdout.splitlines()


@counterfactual("network", holds="container:web", fails="host")
def claim_joining_container_has_the_others_hosts_file(host, network):
    host.run(f"docker run -d --name web --network host --add-host db:10.3.0.9 {IDLE}")
    hosts = host.run(f"docker run --rm --name joined --network {network} busybox:latest cat /etc/hosts")
    assert host_names(hosts.stdout).get("db") == "10.3.0.9"


@on("docker")
@counterfactual("policy", holds="on-failure:1", fails="no")
def claim_restart_policy_tries_the_port_again(host, policy):
    host.run("docker run -d --name first --network host busybox:latest httpd -f -p 8080")
    host.until("ss -Hltn 'sport = :8080' | grep -q .")
    host.run(f"docker run -d --name second --network host --restart {policy} busybox:latest httpd -f -p 8080")
    host.until("docker inspect -f '{{.State.Status}}' second | grep -q exited")
    state = host.run("docker inspect -f '{{.State.ExitCode}} {{.RestartCount}}' second")
    assert state.stdout == "1 1\n"


@on("docker")
@counterfactual("policy", holds="always", fails="no")
def claim_restart_policy_gets_the_port_when_it_is_free(host, policy):
    serve = "sh -c 'echo {} >index.html; exec httpd -f -p 8080'"
    host.run(f"docker run -d --name first --network host busybox:latest {serve.format('first')}")
    host.until("ss -Hltn 'sport = :8080' | grep -q .")
    host.run(f"docker run -d --name second --network host --restart {policy} busybox:latest {serve.format('second')}")
    host.until("docker logs second 2>&1 | grep -q in.use")
    host.run("docker rm -f first")
    exited = "docker inspect -f '{{.State.Status}}' second | grep -q exited"
    host.until(f"ss -Hltn 'sport = :8080' | grep -q . || {exited}")
    page = host.run("curl -s http://127.0.0.1:8080/")
    assert page.stdout == "second\n"


@on("docker")
@counterfactual("mode", holds="host", fails="sample")
def claim_api_creates_what_does_not_start(host, mode):
    host.run("iptables-save -t nat >rules")
    host.run("docker network create sample")
    asked = f'{{"Image": "busybox", "HostConfig": {{"NetworkMode": "{mode}"}}, "NetworkingConfig": {{"EndpointsConfig": {{"sample": {{}}}}}}}}'
    api = "curl -s --unix-socket /run/docker.sock -H 'Content-Type: application/json'"
    made = host.run(f"{api} -d '{asked}' 'http://docker/containers/create?name=web' | grep -o '\"Warnings\":.*'")
    started = host.run("docker start web 2>&1 | grep -o 'conflicts with existing route'")
    host.run("docker rm -f web && iptables-restore -T nat rules")
    assert made.stdout.startswith('"Warnings":[]')
    assert started.stdout == "conflicts with existing route\n"
