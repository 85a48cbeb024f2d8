"""The network named host: what it is, and who makes it."""

from verify.claims.helpers.parsers import moment
from verify.judging.claim import counterfactual


@counterfactual("driver", holds="host", fails="bridge")
def claim_fresh_engine_has_one_host_network(host, engine, driver):
    listed = host.run(f"docker network ls --filter driver={driver}")
    names = [line.split()[1] for line in listed.stdout.splitlines()[1:]]
    assert names == engine.says({"docker": ["host"], "podman": []})


@counterfactual("network", holds="host", fails="sample")
def claim_engine_makes_the_host_network_itself(host, engine, network):
    host.run("docker network create sample")
    made = host.run(f"docker network inspect -f '{{{{.Created}}}}' {network}")
    if engine.kind == "podman":
        unknown = "network host: unable to find network with name or ID host: network not found"
        assert made.stderr == engine.says(
            {"podman": f"Error: inspecting object: {unknown}\n", "podman 5": f"Error: {unknown}\n"}
        )
    else:
        log = "/var/log/dockerd.log | tail -n 1"
        ready = host.run(f"grep -o '^time=.* msg=\"Daemon has completed initialization\"' {log}")
        assert moment(made.stdout) < moment(ready.stdout)


@counterfactual("driver", holds="host", fails="bridge")
def claim_only_one_host_network_can_exist(host, engine, driver):
    refused = host.run(f"docker network create -d {driver} sample")
    assert refused.exit_code == engine.says({"docker": 1, "podman": 125})
    assert refused.stderr == engine.says(
        {
            "docker": 'Error response from daemon: only one instance of "host" network is allowed\n',
            "podman": "Error: unsupported driver host: invalid argument\n",
            "podman 5": 'Error: failed to find driver or plugin "host"\n',
            "podman 6": 'Error: netavark: plugin for driver "host" not found in plugin directories\n',
        }
    )


@counterfactual("name", holds="host", fails="hosts")
def claim_name_host_is_taken(host, engine, name):
    refused = host.run(f"docker network create {name}")
    assert refused.exit_code == engine.says({"docker": 1, "podman": 125})
    assert refused.stderr == engine.says(
        {
            "docker": "Error response from daemon: operation is not permitted on predefined host network\n",
            "podman": 'Error: cannot create network with name "host" because it conflicts with a valid network mode\n',
        }
    )


@counterfactual("network", holds="host", fails="bridge")
def claim_container_runs_on_the_host_network(host, network):
    started = host.run(f"docker run -d --name httpd --net {network} httpd:latest")
    state = host.run("docker inspect -f '{{.State.Status}} {{.HostConfig.NetworkMode}}' httpd")
    assert (started.exit_code, state.stdout) == (0, "running host\n")


@counterfactual("network", holds="host", fails="bridge")
def claim_net_is_short_for_network(host, network):
    host.run("docker run -d --name short --net host httpd:latest sleep infinity")
    host.run(f"docker run -d --name long --network {network} httpd:latest sleep infinity")
    modes = host.run("docker inspect -f '{{.HostConfig.NetworkMode}}' short long").stdout.split()
    namespaces = [host.run(f"docker exec {name} readlink /proc/self/ns/net").stdout for name in ("short", "long")]
    assert len(set(modes)) == 1
    assert len(set(namespaces)) == 1
