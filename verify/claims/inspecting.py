"""What the engine's own commands say of a container on the host network: inspect, port, ps, stats."""

from verify.claims.helpers.steps import sample
from verify.judging.claim import counterfactual, on

IDLE = "busybox:latest sleep infinity"


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_published_port_stays_in_the_configuration(host, network):
    host.run(f"docker run -d --name web --network {network} -p 8080:80 {IDLE}")
    asked = host.run("docker inspect -f '{{json .HostConfig.PortBindings}}' web")
    given = host.run("docker inspect -f '{{json .NetworkSettings.Ports}}' web")
    assert asked.stdout == '{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}\n'
    assert given.stdout == "{}\n"


@counterfactual("network", holds="host", fails="bridge")
def claim_docker_port_prints_nothing(host, network):
    host.run(f"docker run -d --name web --network {network} -p 8080:80 {IDLE}")
    ports = host.run("docker port web")
    assert (ports.exit_code, ports.stdout) == (0, "")


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_docker_port_of_one_port_is_an_error(host, engine, network):
    host.run(f"docker run -d --name web --network {network} -p 8080:80 {IDLE}")
    refused = host.run("docker port web 80")
    assert refused.exit_code == 1
    assert refused.stderr == engine.says(
        {
            "docker": "Error: No public port '80/tcp' published for web\n",
            "docker 23": "Error: No public port '80' published for web\n",
            "docker 29": "no public port '80' published for web\n",
        }
    )


@counterfactual("network", holds="host", fails="bridge")
def claim_address_as_json_is_empty(host, engine, network):
    host.run(f"docker run -d --name web --network {network} {IDLE}")
    address = host.run("docker inspect -f '{{range .NetworkSettings.Networks}}{{json .IPAddress}}{{end}}' web")
    assert address.exit_code == 0
    assert address.stdout == engine.says({"docker": '""\n', "podman": "\n", "podman 5": '""\n'})


@on("docker 29")
@counterfactual("field", holds=".IPAddress", fails=".Networks.host.IPAddress")
def claim_address_outside_of_networks_is_gone(host, field):
    host.run(f"docker run -d --name web --network host {IDLE}")
    refused = host.run(f"docker inspect -f '{{{{.NetworkSettings{field}}}}}' web")
    missing = 'executing "" at <.NetworkSettings.IPAddress>: map has no entry for key "IPAddress"'
    assert (refused.exit_code, refused.stderr) == (1, f"template parsing error: template: :1:18: {missing}\n")


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_sandbox_key_is_shared(host, network):
    for name in ("one", "two"):
        host.run(f"docker run -d --name {name} --network {network} {IDLE}")
    keys = host.run("docker inspect -f '{{.NetworkSettings.SandboxKey}}' one two")
    assert keys.stdout.split() == ["/var/run/docker/netns/default"] * 2


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_stats_count_no_traffic(host, network):
    host.run(f"docker run -d --name web --network {network} {IDLE}")
    fetched = host.run("docker exec web wget -qO /dev/null http://10.3.0.1/debian/Packages")
    assert fetched.exit_code == 0
    seen = host.run("docker stats --no-stream --format '{{.NetIO}}' web")
    assert seen.stdout == "0B / 0B\n"


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_ps_filters_by_the_host_network(host, network):
    host.run(f"docker run -d --name web --network {network} {IDLE}")
    listed = host.run("docker ps --filter network=host --format '{{.Names}} {{.Networks}}'")
    assert listed.stdout == "web host\n"


@on("docker")
@counterfactual("kind", holds="builtin", fails="custom")
def claim_host_network_is_a_builtin(host, kind):
    host.run("docker network create sample")
    listed = host.run(f"docker network ls --filter type={kind} --format '{{{{.Name}}}}'")
    assert listed.stdout.split() == ["bridge", "host", "none"]


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_host_network_has_neither_options_nor_labels(host, network):
    fields = "{{.Scope}} {{.Internal}} {{.Attachable}} {{json .Options}} {{json .Labels}}"
    seen = host.run(f"docker network inspect -f '{fields}' {network}")
    assert seen.stdout == "local false false {} {}\n"


@counterfactual("networks", holds="sample host", fails="host", refused="host")
def claim_another_network_is_removed_beside_host(host, engine, networks):
    sample(host, engine)
    refused = host.run(f"docker network rm {networks}")
    left = host.run("docker network ls --format '{{.Name}}'")
    assert (refused.exit_code, refused.stdout) == (1, "sample\n")
    assert "sample" not in left.stdout.split()


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_health_check_asks_the_hosts_loopback(host, network):
    hello = host.start("socat TCP4-LISTEN:9000,bind=127.0.0.1,reuseaddr,fork SYSTEM:'echo hello'", until="")
    host.until("ss -ltn | grep -qw 127.0.0.1:9000")
    check = "--health-cmd 'nc 127.0.0.1 9000' --health-interval 100ms --health-retries 1"
    host.run(f"docker run -d --name web --network {network} {check} {IDLE}")
    host.until("! docker inspect -f '{{.State.Health.Status}}' web | grep -q starting")
    health = host.run("docker inspect -f '{{.State.Health.Status}}' web")
    hello.stop()
    assert health.stdout == "healthy\n"
