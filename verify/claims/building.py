"""More of building on the host network: each RUN, ADD, names, and the builder before BuildKit."""

from verify.claims.helpers.parsers import name_servers
from verify.claims.helpers.steps import listen, write
from verify.judging.claim import counterfactual, on

RUN = "FROM busybox\nRUN {} >/seen\n"
SEEN = "docker run --rm look cat /seen"


@on("docker 26")
@counterfactual("network", holds="host", fails="default", refused="network.host is not allowed")
def claim_run_needs_no_leave_in_a_build_on_the_host_network(host, network):
    write(host, "Dockerfile", RUN.format("--network=host ls /sys/class/net"))
    built = host.run(f"docker build -q --network {network} .")
    assert (built.exit_code, built.stderr) == (0, "")


@on("docker 26")
@counterfactual("network", holds="none", fails="default")
def claim_run_can_be_kept_off_the_host_network(host, network):
    write(host, "Dockerfile", RUN.format(f"--network={network} ls /sys/class/net"))
    host.run("docker build -q --network host -t look .")
    seen = host.run(SEEN)
    assert seen.stdout == "lo\n"


@on("docker 26")
@counterfactual(
    "command",
    holds="docker build -q --network host -t look .",
    fails="DOCKER_BUILDKIT=0 docker build -q --network host -t look .",
)
def claim_build_has_a_name_of_its_own(host, command):
    write(host, "Dockerfile", RUN.format("hostname"))
    host.run(f"{command} 2>/dev/null")
    seen = host.run(SEEN)
    assert seen.stdout == "buildkitsandbox\n"


@on("docker 26")
@counterfactual("network", holds="host", fails="default")
def claim_build_keeps_the_hosts_loopback_name_server(host, network):
    write(host, "Dockerfile", RUN.format("cat /etc/resolv.conf"))
    # BuildKit may keep what it wrote for an earlier build, so that it would matter whether there was one.
    host.run(f"printf 'FROM busybox:latest\\nRUN true' | docker build -q --network {network} -")
    host.run("cp /etc/resolv.conf before && echo nameserver 127.0.0.53 >/etc/resolv.conf")
    host.run(f"docker build -q --network {network} -t look .")
    host.run("cp before /etc/resolv.conf")
    seen = host.run(SEEN)
    assert name_servers(seen.stdout) == ["127.0.0.53"]


@on("docker 26")
@counterfactual("mode", holds="bridge", fails="host")
def claim_buildkit_refuses_the_default_bridge_by_name(host, engine, mode):
    write(host, "Dockerfile", RUN.format("true"))
    refused = host.run(f"docker build -q --network {mode} .")
    assert refused.exit_code == 1
    assert refused.stderr == engine.says({"docker": "ERROR: ", "docker 28": "ERROR: failed to build: "}) + (
        'network mode "bridge" not supported by buildkit - you can define a custom network for your builder '
        "using the network driver-opt in buildx create\n"
    )


@on("docker")
@counterfactual("address", holds="127.0.0.1", fails="10.3.0.183")
def claim_add_fetches_from_the_hosts_loopback(host, address):
    listen(host, "--network host", "sh -c 'echo hello >index.html; exec httpd -f -p 127.0.0.1:8080'")
    write(host, "Dockerfile", f"FROM busybox\nADD http://{address}:8080/index.html /seen\n")
    built = host.run("docker build -q -t look . 2>/dev/null")
    assert built.exit_code == 0
    seen = host.run(SEEN)
    assert seen.stdout == "hello\n"


@on("docker 26")
@counterfactual("option", holds="--network=host", fails="")
def claim_builder_before_buildkit_knows_no_network_of_a_run(host, option):
    write(host, "Dockerfile", f"FROM busybox\nRUN {option} true\n")
    refused = host.run("DOCKER_BUILDKIT=0 docker build -q . 2>&1 | tail -n1")
    link = "Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled"
    assert refused.stdout.endswith(f"the --network option requires BuildKit. {link}\n")


@on("docker")
@counterfactual("network", holds="sample", fails="host")
def claim_builder_before_buildkit_takes_a_network_of_ones_own(host, network):
    host.run("docker network create --subnet 10.4.0.0/24 sample")
    write(host, "Dockerfile", RUN.format("ip -o -4 address show eth0 | tr -s ' ' | cut -d ' ' -f 2-4"))
    host.run(f"DOCKER_BUILDKIT=0 docker build -q --network {network} -t look . 2>/dev/null")
    seen = host.run(SEEN)
    assert seen.stdout == "eth0 inet 10.4.0.2/24\n"
