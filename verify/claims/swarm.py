"""Services of a swarm on the host network."""

from verify.claims.helpers.steps import write
from verify.judging.claim import counterfactual, on

WEB = "docker service create -d --name web"
SERVER = "busybox httpd -f -p 8080 -h /etc"
SERVES = "docker exec $(docker ps -q) wget -qO- 127.0.0.1:8080/hostname"
STARTED = "[ $(docker ps -q | wc -l) = 1 ]"
ENDED = "docker service ps --format '{{.CurrentState}}' web | grep -qE '^(Failed|Rejected)'"
HOST_AFTERWARDS = "cannot connect container to host network - container must be created in host network mode"
OTHER_AFTERWARDS = (
    "container sharing network namespace with another container or host cannot be connected to any other network"
)
ERROR = "docker service ps --no-trunc --format '{{.Error}}' web"


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_swarm_service_is_on_each_nodes_host_network(host, second, client, network):
    host.run("docker swarm init")
    token = host.run("docker swarm join-token -q worker").stdout.strip()
    second.until(f"docker swarm join --token {token} 10.3.0.183:2377")
    host.run(f"{WEB} --mode global --network {network} {SERVER}")
    for node in (host, second):
        node.until(SERVES)
    names = [client.run(f"curl -s http://{address}:8080/hostname").stdout for address in ("10.3.0.183", "10.3.1.184")]
    assert names == ["ip-10-3-0-183\n", "ip-10-3-1-184\n"]


@on("docker")
@counterfactual("options", holds="--network host --publish 80:8080", fails="--network host")
def claim_swarm_service_that_publishes_is_not_on_the_host_network(host, client, engine, options):
    host.run("docker swarm init")
    host.run(f"{WEB} --restart-condition none {options} {SERVER}")
    host.until(f"{ENDED} || {SERVES}")
    state = host.run("docker service ps --format '{{.CurrentState}}' web | cut -d ' ' -f 1")
    error = host.run(ERROR)
    refused = client.run("curl -s http://10.3.0.183:8080/hostname")
    failed = '"starting container failed: failed to set up container networking: '
    assert refused.exit_code == 7
    assert state.stdout == engine.says({"docker": "Rejected\n", "docker 25": "Running\n", "docker 28": "Failed\n"})
    assert error.stdout in engine.says(
        {
            "docker": {'"container cannot be disconnected from host network or connected to host network"\n'},
            "docker 25": {"\n"},
            "docker 28": {failed + HOST_AFTERWARDS + '"\n', failed + OTHER_AFTERWARDS + '"\n'},
        }
    )


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_swarm_service_publishes_nothing_in_mode_host(host, client, network):
    host.run("docker swarm init")
    host.run(f"{WEB} --network {network} --publish mode=host,published=80,target=8080 {SERVER}")
    host.until(SERVES)
    listening = host.run("ss -Hltn 'sport = :80 or sport = :8080'")
    assert [line.split()[3] for line in listening.stdout.splitlines()] == ["*:8080"]


@on("docker")
@counterfactual("driver", holds="host", fails="overlay")
def claim_swarm_lets_a_second_host_network_pass_and_its_tasks_fail(host, driver):
    host.run("docker swarm init")
    made = host.run(f"docker network create -d {driver} --scope swarm sample")
    host.run(f"{WEB} --restart-condition none --network sample {SERVER}")
    host.until(f"{ENDED} || {SERVES}")
    error = host.run(ERROR)
    assert made.exit_code == 0
    assert error.stdout == '"only one instance of "host" network is allowed"\n'


@on("docker")
@counterfactual("option", holds="network_mode: host", fails="networks: [default]")
def claim_stack_ignores_network_mode(host, option):
    host.run("docker swarm init")
    service = f"image: busybox\n    command: httpd -f -p 8080\n    {option}"
    write(host, "stack.yml", f"version: '3.8'\nservices:\n  web:\n    {service}\n")
    deployed = host.run("docker stack deploy -c stack.yml sample")
    host.until(STARTED)
    assert deployed.stderr.startswith("Ignoring unsupported options: network_mode\n")
    assert "Creating network sample_default\n" in deployed.stdout


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_stack_joins_host_as_an_external_network(host, network):
    host.run("docker swarm init")
    service = "image: busybox\n    command: httpd -f -p 8080\n    networks: [outer]"
    outer = f"outer:\n    external: true\n    name: {network}"
    write(host, "stack.yml", f"version: '3.8'\nservices:\n  web:\n    {service}\nnetworks:\n  {outer}\n")
    host.run("docker stack deploy -c stack.yml sample")
    host.until(STARTED)
    mode = host.run("docker ps -q | xargs docker inspect -f '{{.HostConfig.NetworkMode}}'")
    assert mode.stdout == "host\n"
