"""More of services of a swarm on the host network: other networks, and several tasks on one node."""

from verify.judging.claim import counterfactual, on

WEB = "docker service create -d --name web --restart-condition none"
SERVER = "busybox httpd -f -p 8080"


@on("docker")
@counterfactual("network", holds="sample", fails="host")
def claim_swarm_service_joins_no_other_local_network(host, engine, network):
    host.run("docker swarm init")
    host.run("docker network create sample")
    refused = host.run(f"{WEB} --network {network} {SERVER}")
    assert refused.exit_code == 1
    assert refused.stderr == engine.says(
        {
            "docker": "Error: No such network: sample\n",
            "docker 23": "Error response from daemon: network sample not found\n",
        }
    )


@on("docker")
@counterfactual("replicas", holds=2, fails=1)
def claim_swarm_starts_two_servers_for_one_port(host, replicas):
    host.run("docker swarm init")
    host.run(f"{WEB} --replicas {replicas} --network host {SERVER}")
    states = "docker service ps --format '{{.CurrentState}}' web"
    host.until(f"{states} | grep -q ^Running")
    host.until(f"[ {replicas} = 1 ] || {states} | grep -q ^Failed")
    tasks = host.run(f"{states} | cut -d ' ' -f 1 | sort")
    assert tasks.stdout == "Failed\nRunning\n"


@on("docker")
@counterfactual("options", holds="--publish mode=host,published=80,target=8080", fails="")
def claim_swarm_counts_a_port_that_does_not_open(host, options):
    host.run("docker swarm init")
    host.run(f"{WEB} --network host {options} --replicas 2 busybox sleep infinity")
    states = "docker service ps --format '{{.CurrentState}}' web"
    error = "docker service ps --no-trunc --format '{{.Error}}' web"
    host.until(f"{states} | grep -q ^Running")
    host.until(f"[ $({states} | grep -c ^Running) = 2 ] || {error} | grep -q suitable")
    listening = host.run("ss -Hltn 'sport = :80'")
    errors = host.run(f"{error} | sort")
    assert listening.stdout == ""
    assert errors.stdout == '\n"no suitable node (host-mode port already in use on 1 node)"\n'
