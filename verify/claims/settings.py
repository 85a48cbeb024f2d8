"""More of the Docker daemon's settings beside the host network: name servers, host-gateway, builds and FORWARD."""

from verify.claims.helpers.parsers import name_servers, refusal
from verify.claims.helpers.steps import set_up, write
from verify.judging.claim import counterfactual, on

FORBIDDEN = '{"builder": {"Entitlements": {"network-host": false}}}'


@on("docker 28")
@counterfactual("bridge", holds="none", fails="docker0")
def claim_host_gateway_needs_a_bridge(host, bridge):
    set_up(host, f'{{"bridge": "{bridge}"}}')
    refused = host.run("docker run --rm --network host --add-host gw:host-gateway busybox true")
    assert refused.exit_code == 125
    assert "unable to derive the IP value for host-gateway" in refusal(refused)


@on("docker 26")
@counterfactual("network", holds="default", fails="host")
def claim_build_without_a_bridge_is_on_the_host_network_or_not_at_all(host, network):
    set_up(host, '{"bridge": "none"}')
    write(host, "Dockerfile", "FROM busybox\nRUN true\n")
    refused = host.run(f"docker build -q --network {network} . 2>&1 | grep -o 'network bridge not found' | uniq")
    assert refused.stdout == "network bridge not found\n"


@on("docker")
@counterfactual("settings", holds='{"dns": ["192.0.2.53"]}', fails="{}")
def claim_name_servers_of_the_daemon_are_in_host_mode_too(host, settings):
    set_up(host, settings)
    inside = host.run("docker run --rm --network host busybox cat /etc/resolv.conf")
    assert name_servers(inside.stdout) == ["192.0.2.53"]


@on("docker")
@counterfactual("settings", holds="{}", fails='{"iptables": false}')
def claim_daemon_drops_what_others_forward(host, settings):
    host.run("sysctl -w net.ipv4.ip_forward=0")
    host.run("iptables -P FORWARD ACCEPT")
    set_up(host, settings)
    policy = host.run("iptables -S FORWARD | head -n 1")
    host.run("iptables -P FORWARD ACCEPT && sysctl -w net.ipv4.ip_forward=1")
    assert policy.stdout == "-P FORWARD DROP\n"


@on("docker")
@counterfactual("network", holds="bridge", fails="host")
def claim_forwarding_that_is_off_is_warned_of_outside_host_mode(host, network):
    host.run("sysctl -w net.ipv4.ip_forward=0")
    set_up(host, '{"ip-forward": false}')
    started = host.run(f"docker run --rm --network {network} busybox true")
    host.run("sysctl -w net.ipv4.ip_forward=1")
    assert started.exit_code == 0
    assert started.stderr == "WARNING: IPv4 forwarding is disabled. Networking will not work.\n"


@on("docker 23")
@counterfactual("settings", holds=FORBIDDEN, fails="{}")
def claim_daemon_can_forbid_builds_on_the_host_network(host, engine, settings):
    set_up(host, settings)
    write(host, "Dockerfile", "FROM busybox\nRUN true\n")
    refused = host.run("docker build -q --network host . >/dev/null")
    assert refused.exit_code == 1
    assert refused.stderr == engine.says({"docker": "ERROR: ", "docker 28": "ERROR: failed to build: "}) + (
        "failed to solve: granting entitlement network.host is not allowed by build daemon configuration\n"
    )


@on("docker 23")
@counterfactual("builder", holds="DOCKER_BUILDKIT=0", fails="DOCKER_BUILDKIT=1", refused="granting entitlement")
def claim_builder_before_buildkit_is_not_forbidden_the_host_network(host, builder):
    set_up(host, FORBIDDEN)
    write(host, "Dockerfile", "FROM busybox\nRUN ls /sys/class/net >/seen\n")
    build = f"{builder} docker build -q --network host -t look . >/dev/null"
    inside, outside = host.run(f"{build} && docker run --rm look cat /seen"), host.run("ls /sys/class/net")
    assert inside.stdout == outside.stdout
