"""Building images on the host network."""

from verify.claims.helpers.steps import write
from verify.judging.claim import counterfactual, on


@on("docker")
@counterfactual("network", holds="host", fails="default")
def claim_build_runs_on_the_host_network(host, network):
    write(host, "Dockerfile", "FROM busybox\nRUN ls /sys/class/net >/seen\n")
    host.run(f"docker build -q --network {network} -t look .")
    inside, outside = host.run("docker run --rm look cat /seen"), host.run("ls /sys/class/net")
    assert inside.stdout == outside.stdout


@on("docker 23")
@counterfactual("network", holds="host", fails="default")
def claim_run_on_the_host_network_has_to_be_allowed(host, engine, network):
    write(host, "Dockerfile", f"FROM busybox\nRUN --network={network} true\n")
    refused = host.run("docker build -q . >/dev/null")  # whether an image that is built twice keeps its id is left open
    allowed = host.run("docker build -q --allow network.host . >/dev/null")
    assert refused.stderr == engine.says(
        {
            "docker": "ERROR: failed to solve: failed to load LLB: network.host is not allowed\n",
            "docker 28": "ERROR: failed to build: failed to solve: failed to load LLB: network.host is not allowed\n",
        }
    )
    assert (refused.exit_code, allowed.exit_code) == (1, 0)


@on("docker 23")
@counterfactual("network", holds="sample", fails="host")
def claim_buildkit_refuses_a_network_of_ones_own(host, engine, network):
    host.run("docker network create sample")
    write(host, "Dockerfile", "FROM busybox\nRUN true\n")
    refused = host.run(f"docker build -q --network {network} .")
    assert refused.exit_code == 1
    assert refused.stderr == engine.says({"docker": "ERROR: ", "docker 28": "ERROR: failed to build: "}) + (
        'network mode "sample" not supported by buildkit - you can define a custom network for your builder '
        "using the network driver-opt in buildx create\n"
    )
