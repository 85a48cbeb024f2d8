"""The host network under `docker network`: connect, disconnect, inspect, rm and prune."""

from verify.claims.helpers.steps import sample
from verify.judging.claim import counterfactual, on

NO_SUCH = "Error: unable to find network with name or ID host: network not found\n"
NO_MODE = 'Error: "" is not supported: invalid network mode\n'
BOTH_WAYS = (
    "Error response from daemon: container cannot be disconnected from host network or connected to host network\n"
)


@counterfactual("network", holds="host", fails="sample")
def claim_running_container_cannot_move_to_host(host, engine, network):
    sample(host, engine)
    host.run("docker run -d --name web busybox:latest sleep infinity")
    refused = host.run(f"docker network connect {network} web")
    assert refused.stderr == engine.says(
        {
            "docker": BOTH_WAYS,
            "docker 28": "Error response from daemon: cannot connect container to host network - container must be created "
            "in host network mode\n",
            "podman": NO_SUCH,
        }
    )


@counterfactual("network", holds="host", fails="bridge")
def claim_host_mode_container_joins_no_other_network(host, engine, network):
    sample(host, engine)
    host.run(f"docker run -d --name web --network {network} busybox:latest sleep infinity")
    refused = host.run("docker network connect sample web")
    assert refused.stderr == engine.says(
        {
            "docker": "Error response from daemon: container sharing network namespace with another container or host "
            "cannot be connected to any other network\n",
            "podman": NO_MODE,
        }
    )


@counterfactual("network", holds="host", fails="sample")
def claim_host_mode_container_is_not_disconnected(host, engine, network):
    sample(host, engine)
    host.run(f"docker run -d --name web --network {network} busybox:latest sleep infinity")
    refused = host.run(f"docker network disconnect -f {network} web")
    assert refused.stderr == engine.says(
        {
            "docker": BOTH_WAYS,
            "docker 28": "Error response from daemon: cannot disconnect container from host network - container was created "
            "in host network mode\n",
            "podman": NO_MODE,
        }
    )


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_stopped_container_is_disconnected_in_vain(host, network):
    host.run(f"docker run -d --name web --network {network} busybox:latest sleep infinity")
    host.run("docker stop -t 0 web")
    accepted = host.run(f"docker network disconnect {network} web")
    host.run("docker start web")
    inside = host.run("docker exec web readlink /proc/self/ns/net")
    outside = host.run("readlink /proc/self/ns/net")
    assert (accepted.exit_code, accepted.stderr) == (0, "")
    assert inside.stdout == outside.stdout


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_network_inspect_shows_containers_without_addresses(host, network):
    host.run(f"docker run -d --name web --network {network} busybox:latest sleep infinity")
    addresses = "{{range .Containers}}{{.Name}} {{json .IPv4Address}}{{end}}"
    containers = host.run(f"docker network inspect -f '{addresses}' {network}")
    subnets = host.run(f"docker network inspect -f '{{{{range .IPAM.Config}}}}{{{{.Subnet}}}}{{{{end}}}}' {network}")
    assert containers.stdout == 'web ""\n'
    assert subnets.stdout == "\n"


@counterfactual("network", holds="host", fails="sample")
def claim_host_network_cannot_be_removed(host, engine, network):
    sample(host, engine)
    refused = host.run(f"docker network rm {network}")
    message = "Error response from daemon: host is a pre-defined network and cannot be removed\n"
    assert (refused.exit_code, refused.stderr) == engine.says(
        {"docker": (1, message), "docker 28": (1, f"{message}exit status 1\n"), "podman": (1, NO_SUCH)}
    )


@on("docker")
@counterfactual("network", holds="host", fails="sample", refused="sample")
def claim_prune_keeps_the_host_network(host, network):
    host.run("docker network create sample")
    host.run("docker network prune -f")
    kept = host.run("docker network inspect -f '{{.Name}}' " + network)
    assert kept.stdout == network + "\n"
